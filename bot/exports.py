"""Exports: a table that somebody may see, as a file. Short ones at once, long ones in the background.

What a person is allowed is looked at when they ask, when the table is made and when the file is fetched: who lost a
right meanwhile gets nothing. A worker that dies leaves its lease; the next one begins that table anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
import structlog

from bot.auditing import units_audited
from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.rights import rights_of, scope_of
from bot.sheet_streams import Format, sheet, whole
from bot.tables import Audit, Cases, Table
from bot.world import World
from dialogs.facts import Snapshots
from storage.audit_log import Wanted
from storage.engines import Database
from storage.exports import Export, LeaseLost, Wish
from storage.filters import NONE, Filters
from storage.staff import Staff

log = structlog.get_logger(__name__)

TOPIC: Final = "exports"
_PIECE: Final = 250  # rows between two looks at the database: the desk and the turns come between
_TOLD: Final = 2000  # rows after which it is said how far the table is
_BYTES: Final = 256 * 1024  # of a piece of the file, as far as rows end there
_ENOUGH: Final = 3  # tries: a table that cannot be made in so many has met a bug
_CHANGED: Final = "您能看的范围变了，请重新导出。"
_BROKE: Final = "没有做成，请再导出一次；还不行，请告诉系统管理员。"


_EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to take along: a list of the desk by its place, or the audit log, each as it is narrowed."""

    kind: str
    title: str
    form: Format
    place: str = ""
    narrow: Filters = NONE
    audit: Wanted = _EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class AtOnce:
    """A short table, ready."""

    content: bytes
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A long one, which is made in the background under this id."""

    id: str


class NotTheirs(Exception):  # noqa: N818  an outcome
    """Whoever asks may not have this table."""


def units_whole(staff: Staff, known: Snapshots) -> frozenset[str]:
    """Say of which units' cases a person may take persons and words along unmasked: by a post of their own."""
    posts = known.rules.posts
    held = [each.unit for each in staff.posts if (post := posts.get(each.post)) and post.export_whole]
    return frozenset[str]().union(*(known.units.subtree(unit) for unit in held if known.units.get(unit)))


def digest(staff: Staff, known: Snapshots) -> str:
    """Give a digest of what a person is allowed, to be held against a later one."""
    scope = scope_of(staff, known)
    sets = [scope.whole, scope.held, scope.given, scope.cleared, scope.absent, units_whole(staff, known)]
    audited = units_audited(staff, known)
    said = [*(sorted(each) for each in sets), sorted(rights_of(staff, known)), sorted(audited or ()), audited is None]
    return sha256(msgspec.json.encode(said)).hexdigest()[:32]


class Exports:
    """What the desk's pages ask for, and what the worker makes."""

    def __init__(self, database: Database, *, now: Callable[[], datetime], snapshots: Callable[[], Snapshots]) -> None:
        self._database, self._now, self._snapshots = database, now, snapshots
        self._store = database.exports

    async def ask(self, staff: Staff, asked: Asked, once: str) -> AtOnce | Later:
        """Make a short table now, or have a long one made; the same `once` twice is one. Raises NotTheirs."""
        known = self._snapshots()
        table = self._table(staff, asked, known)
        limits = known.rules.records
        keys = await table.keys(limits.export_at_once + 1)
        wish = self._wish(staff, asked, once)
        if len(keys) > limits.export_at_once:
            await self._store.ask(wish, self._now())
            return Later(id=wish.id)
        rows = await table.rows(keys)
        content = whole(asked.form, asked.title, table.headings, rows)
        await self._store.took(wish, self._now(), len(rows))
        return AtOnce(content=content, rows=len(rows))

    async def mine(self, staff: Staff) -> list[Export]:
        """List a person's exports, the newest first."""
        return await self._store.of_staff(staff.name)

    async def fetch(self, staff: Staff, export: str) -> tuple[Export, AsyncIterator[bytes]]:
        """Give a file that is ready, if it is this person's and they still may have it. Raises NotTheirs."""
        found = await self._store.get(export)
        if found is None or found.wish.actor.name != staff.name or found.status != "ready":
            raise NotTheirs
        over = found.until is None or found.until <= self._now()
        if over or found.wish.rights != digest(staff, self._snapshots()):
            raise NotTheirs
        taken = replace(found.wish, actor=staff.actor)  # from where they are now
        await self._store.took(taken, self._now(), found.done)
        return found, self._content(export)

    async def _content(self, export: str) -> AsyncIterator[bytes]:
        part = 0
        while (content := await self._store.part(export, part)) is not None:
            yield content
            part += 1

    def table_of(self, export: Export, staff: Staff, known: Snapshots) -> Table:
        """Give the table of an export that is to be made. Raises NotTheirs where rights changed since."""
        if export.wish.rights != digest(staff, known):
            raise NotTheirs
        return self._table(staff, msgspec.json.decode(export.wish.words, type=Asked), known, export.asked)

    def _wish(self, staff: Staff, asked: Asked, name: str) -> Wish:
        return Wish(
            id=name,
            actor=staff.actor,
            kind=asked.kind,
            form=asked.form,
            title=asked.title,
            words=msgspec.json.encode(asked).decode(),
            rights=digest(staff, self._snapshots()),
        )

    def _table(self, staff: Staff, asked: Asked, known: Snapshots, at: datetime | None = None) -> Table:
        rights = rights_of(staff, known)
        if asked.kind == "cases" and "cases" in rights:
            return Cases(
                database=self._database,
                known=known,
                scope=scope_of(staff, known),
                whole=units_whole(staff, known),
                place=asked.place,
                narrow=asked.narrow,
                now=at or self._now(),
            )
        if asked.kind == "audit" and "audit" in rights:
            return Audit(database=self._database, known=known, wanted=asked.audit)
        raise NotTheirs


class Exporter(Loop[Export]):
    """Makes the long tables, one at a time."""

    name = "exports"
    at_once = 1

    def __init__(
        self,
        database: Database,
        exports: Exports,
        hot: Wakes,
        world: World,
        metrics: Metrics,
        *,
        snapshots: Callable[[], Snapshots],
        poll: float = 5.0,
    ) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._people, self._store = database.staff, database.exports
        self._exports, self._snapshots = exports, snapshots

    async def claim(self, limit: int) -> Sequence[Export]:
        """Lease the export that waits longest; one, whatever there is room for."""
        del limit
        found = await self._store.claim(self._worker, self._world.now(), LEASE)
        return [] if found is None else [found]

    async def handle(self, row: Export) -> None:
        """Make the table, or say why not."""
        if row.attempts > _ENOUGH:  # its workers died of it
            await self._store.fail(row.wish.id, self._worker, self._world.now(), _BROKE)
            return
        try:
            await self._make(row)
        except NotTheirs:
            await self._store.fail(row.wish.id, self._worker, self._world.now(), _CHANGED)
        except LeaseLost:
            log.warning("export taken over", **self.label(row))
        except Exception:
            if row.attempts >= _ENOUGH:
                await self._store.fail(row.wish.id, self._worker, self._world.now(), _BROKE)
            raise

    def whose(self, row: Export) -> str:
        """Tell whose it is."""
        return row.wish.actor.name

    def label(self, row: Export) -> dict[str, object]:
        """Name the export."""
        return {"export": row.wish.id, "kind": row.wish.kind, "attempts": row.attempts}

    async def _make(self, row: Export) -> None:
        known, now = self._snapshots(), self._world.now
        person = await self._people.by_name(row.wish.actor.name, now())
        if person is None:
            raise NotTheirs
        table = self._exports.table_of(row, person.staff, known)
        keys = await table.keys(known.rules.records.export_most)
        form: Format = "xlsx" if row.wish.form == "xlsx" else "csv"
        made, file = sheet(form, row.wish.title, table.headings), _File(self._keeper(row, len(keys)))
        for start in range(0, len(keys), _PIECE):
            rows = await table.rows(keys[start : start + _PIECE])
            await file.add(await asyncio.to_thread(made.add, rows), len(rows))
        await file.end(made.end())
        await self._store.finish(row.wish.id, self._worker, now(), now() + known.rules.records.export_kept)

    def _keeper(self, row: Export, total: int) -> Callable[[int, bytes, int], Awaitable[None]]:
        async def keep(part: int, content: bytes, done: int) -> None:
            until = self._world.now() + LEASE
            await self._store.keep(row.wish.id, part, content, done=done, total=total, worker=self._worker, until=until)

        return keep


class _File:
    """A file in the making: cut into pieces of some size, and said now and then how far it is."""

    def __init__(self, keep: Callable[[int, bytes, int], Awaitable[None]]) -> None:
        self._keep = keep
        self._content, self._part, self._done, self._told = bytearray(), 0, 0, 0

    async def add(self, content: bytes, rows: int) -> None:
        """Add what some rows became."""
        self._content += content
        self._done += rows
        if len(self._content) >= _BYTES:
            await self._cut()
        elif self._done - self._told >= _TOLD:
            await self._keep(self._part, b"", self._done)
            self._told = self._done

    async def end(self, content: bytes) -> None:
        """Add the last of it."""
        self._content += content
        await self._cut()

    async def _cut(self) -> None:
        await self._keep(self._part, bytes(self._content), self._done)
        self._told = self._done
        self._part += 1
        self._content.clear()
