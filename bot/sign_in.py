"""Signing in at the desk: passwords, throttling, sessions.

argon2id is slow on purpose: it runs in a thread, few at a time, and the same work is done for a name
that nobody has, so that neither the words nor the waiting tell which names exist.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Protocol

from storage.audit import Actor, Source
from storage.staff import Staff, StoredStaff

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# A hundred megabytes and half a second each: more at once would starve the turns beside them.
_AT_ONCE = 2
# So many wrong tries within the window, by one name and from one address (an office shares one).
_WINDOW = timedelta(minutes=15)
_PER_NAME = 5
_PER_ADDRESS = 30


class Passwords:
    """Hashes and checks passwords in threads, a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._given = hasher
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Make the argon2id hash that is stored."""
        async with self._room:
            return await asyncio.to_thread(lambda: self._hasher.hash(password))

    async def fits(self, stored: str | None, password: str) -> bool:
        """Check a password. None, for a name nobody has, takes as long and never fits."""
        if stored is None:
            self._nobody = self._nobody or await self.hash("nobody")
        async with self._room:
            fits = await asyncio.to_thread(self._verify, stored or self._nobody or "", password)
        return fits and stored is not None

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # in a thread, when the first person signs in

        return self._given or PasswordHasher()

    def _verify(self, stored: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Signed in: the token goes into the cookie and nowhere else."""

    token: str
    staff: Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The name or the password does not fit; which of the two is not said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Too many tries: the next one is looked at in so many minutes."""

    minutes: int


class StaffStore(Protocol):
    """What signing in needs of storage."""

    async def by_name(self, name: str, now: datetime | None = None) -> StoredStaff | None:
        """Find a person with their password's hash."""

    async def open_session(self, staff: str, now: datetime, *, address: str, actor: Actor) -> str:
        """Open a session and give its token; only the hash of the token is stored."""

    async def record_refused(self, name: str, source: Source, now: datetime) -> None:
        """Record a sign-in that failed."""

    async def record_failure(self, who: str, now: datetime) -> int:
        """Remember a failed try. Gives its id."""

    async def forget_failures(self, ids: Sequence[int]) -> None:
        """Take back tries that did not fail."""

    async def failures(self, who: str, since: datetime) -> list[datetime]:
        """List the failed tries since a moment, oldest first."""


class SignIn:
    """The door of the desk."""

    def __init__(self, store: StaffStore, passwords: Passwords, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._passwords = passwords
        self._now = now
        # Who waits for a look at their password has not tried yet: a whole office may come at the same minute.
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def enter(self, name: str, password: str, address: str, source: Source = "") -> Entered | Wrong | Wait:
        """Check a name and a password that came from an address, of some kind."""
        wait = await self._wait(name, address)
        if wait is not None:
            return wait
        async with self._room:
            found = await self._try(name, password, address, source)
        if not isinstance(found, StoredStaff):
            return found
        actor = replace(found.staff.actor, source=source)
        token = await self._store.open_session(found.name, self._now(), address=address, actor=actor)
        return Entered(token=token, staff=found.staff)

    async def proves(self, name: str, password: str, address: str, source: Source = "") -> Wrong | Wait | None:
        """Check the password of somebody who is signed in, as strictly as at the door: the desk may be left open."""
        wait = await self._wait(name, address)
        if wait is not None:
            return wait
        async with self._room:
            found = await self._try(name, password, address, source)
        return None if isinstance(found, StoredStaff) else found

    async def _try(self, name: str, password: str, address: str, source: Source) -> StoredStaff | Wrong | Wait:
        # It counts as failed before it is looked at: of many at once, in whichever process, each sees the others.
        now = self._now()
        tried = [await self._store.record_failure(who, now) for who in (f"name:{name}", f"address:{address}")]
        wait = await self._wait(name, address, own=1)
        if wait is not None:
            await self._store.forget_failures(tried)
            return wait
        person = await self._store.by_name(name, now)
        if not await self._passwords.fits(person.password_hash if person else None, password) or person is None:
            await self._store.record_refused(name, source, now)
            return await self._wait(name, address) or Wrong()
        await self._store.forget_failures(tried)
        return person

    async def _wait(self, name: str, address: str, *, own: int = 0) -> Wait | None:
        """Tell how long to wait after so many tries; `own` of them is the one that is being made."""
        now = self._now()
        for who, most in ((f"name:{name}", _PER_NAME), (f"address:{address}", _PER_ADDRESS)):
            tries = await self._store.failures(who, now - _WINDOW)
            spare = len(tries) - own - most
            if spare >= 0:
                left = tries[spare] + _WINDOW - now
                return Wait(minutes=max(1, ceil(left / timedelta(minutes=1))))
        return None
