"""The duty rosters of units: read where they are asked for, kept as new versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from dialogs.desk.duty import Roster, Shift
from dialogs.facts import Snapshots
from storage.acts import Stale
from storage.audit import Actor
from storage.books import Book, Books

_KIND = "duty/"
_encode = msgspec.json.Encoder().encode


class Rosters:
    """Reads and keeps the rosters."""

    def __init__(self, books: Books, *, now: Callable[[], datetime], snapshots: Callable[[], Snapshots]) -> None:
        self._books, self._now, self._snapshots = books, now, snapshots

    async def of(self, unit: str) -> Roster:
        """Give a unit's roster as it is now."""
        book = (await self._books.newest((_KIND + unit,))).get(_KIND + unit)
        return _roster(book) if book else Roster(unit=unit)

    async def on_duty(self, units: Sequence[str], now: datetime) -> dict[str, tuple[str, ...]]:
        """Say who is on duty at a moment, by unit."""
        local = self._snapshots().rules.calendar.local(now)
        books = await self._books.newest([_KIND + unit for unit in units])
        return {kind.removeprefix(_KIND): _roster(book).on_duty(local) for kind, book in books.items()}

    async def keep(self, unit: str, shifts: Sequence[Shift], *, version: int, by: Actor) -> Roster | Stale:
        """Make a new version of a roster, decided on one; Stale where that is not the newest any more."""
        shifts = tuple(sorted(set(shifts), key=lambda each: (each.dated, each.days, each.start, each.person)))
        book = Book(
            kind=_KIND + unit, version=version + 1, at=self._now(), by=by.name, why="", body=_encode(shifts).decode()
        )
        before = await self.of(unit)
        if before.version != version or not await self._books.keep(book, by):
            return Stale(version=(await self.of(unit)).version)
        return _roster(book)

    async def history(self, unit: str) -> list[Book]:
        """List the versions, newest first."""
        return await self._books.history(_KIND + unit)


def _roster(book: Book) -> Roster:
    shifts = msgspec.json.decode(book.body, type=tuple[Shift, ...])
    return Roster(unit=book.kind.removeprefix(_KIND), version=book.version, shifts=shifts)
