"""The books while they run: a new version of the dispatch directory is kept whole, every process soon goes by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
import structlog

from bot.kinds import TOPIC, Kindshelf
from bot.snapshots import Shelf
from dialogs.desk.directory import Directory, Entry
from dialogs.desk.routing import route
from storage.acts import Stale
from storage.audit import Actor
from storage.books import Book, Books, TakenBack
from storage.overrides import Overrides

_log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  # s; for those whom no word reached
PROPOSED = "directory.proposal"  # the kind of override that says what became of a proposal, by the event's number
_RECENT = timedelta(days=180)
_encode = msgspec.json.Encoder().encode


class Told(Protocol):
    """What this needs of the hot store."""

    async def wake(self, topic: str) -> None:
        """Tell whoever waits."""

    async def woken(self, topic: str, timeout: float) -> bool:  # noqa: ASYNC109  it waits that long, then goes on
        """Wait until somebody told."""


class Bookshelf:
    """Keeps the shelf's directory, and its categories (`kinds`), at what the database says."""

    def __init__(
        self, books: Books, overrides: Overrides, shelf: Shelf, told: Told, *, now: Callable[[], datetime]
    ) -> None:
        self._books, self._overrides, self._shelf, self._told, self._now = books, overrides, shelf, told, now
        self.kinds = Kindshelf(books, shelf, told, now=now)

    @property
    def directory(self) -> Directory:
        """The directory that holds now."""
        return self._shelf().rules.directory

    async def look(self) -> None:
        """Take the directory and the categories as they now stand, if they changed."""
        newest = await self._books.versions()
        await self.kinds.look(newest.get("categories", 0))
        if newest.get("directory", 0) > self.directory.version:
            book = await self._books.latest("directory")
            if book is not None:
                self._take(book)

    async def follow(self) -> None:
        """Wait for word of a change, at most so long, and look."""
        await self._told.woken(TOPIC, LOOK_EVERY)
        await self.look()

    async def keep(self, entries: Sequence[Entry], *, version: int, by: Actor, why: str = "") -> Directory | Stale:
        """Make a new version of these entries, decided on one; Stale where that is not the newest any more."""
        await self.look()
        if version != self.directory.version:
            return Stale(version=self.directory.version)
        body = _encode(tuple(entries)).decode()
        book = Book(kind="directory", version=version + 1, at=self._now(), by=by.name, why=why, body=body)
        if not await self._books.keep(book, by):
            await self.look()
            return Stale(version=self.directory.version)
        self._take(book)
        await self._told.wake(TOPIC)
        _log.info("directory.changed", version=book.version)
        return self.directory

    async def history(self) -> list[Book]:
        """List the versions that were made here, newest first."""
        return await self._books.history("directory")

    async def proposals(self) -> list[TakenBack]:
        """List the returns that were found right though the directory still sends such cases elsewhere."""
        known = self._shelf()
        decided = {each.name for each in await self._overrides.all(PROPOSED)}
        found = []
        for each in await self._books.taken_back(self._now() - _RECENT):
            spot = known.units.standing(each.spot)
            if spot is None or str(each.event) in decided or known.units.standing(each.unit) is None:
                continue
            if route(each.category, spot, known.units, known.rules).unit.id != each.unit:
                found.append(each)
        return found

    async def decide(self, event: int, *, accepted: bool, by: Actor) -> None:
        """Put down what became of a proposal."""
        verdict = "accepted" if accepted else "declined"
        await self._overrides.keep(PROPOSED, str(event), verdict, by=by, now=self._now())

    def _take(self, book: Book) -> None:
        entries = msgspec.json.decode(book.body, type=tuple[Entry, ...])
        since = self._shelf().rules.calendar.local(book.at).date()
        self._shelf.put_directory(Directory(version=book.version, since=since, entries=entries))
