"""The categories while they are edited: a new version is kept whole, and every process soon goes by it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from bot.snapshots import Shelf
from dialogs.rules.kinds import Edit
from storage.acts import Stale
from storage.audit import Actor
from storage.books import Book, Books

_log = structlog.get_logger(__name__)

TOPIC = "books"
_encode = msgspec.json.Encoder().encode


class Told(Protocol):
    """What this needs of the hot store."""

    async def wake(self, topic: str) -> None:
        """Tell whoever waits."""


class Kindshelf:
    """Keeps the shelf's categories at what the database says."""

    def __init__(self, books: Books, shelf: Shelf, told: Told, *, now: Callable[[], datetime]) -> None:
        self._books, self._shelf, self._told, self._now = books, shelf, told, now
        self._edits: dict[str, Edit] = {}

    @property
    def version(self) -> int:
        """The version that holds now; 1 is the packaged one."""
        return self._shelf().rules.categories.version

    def edit(self, key: str) -> Edit | None:
        """Give a category of either level as it now stands, to be changed."""
        return self._edits.get(key) or self._shelf().rules.kinds.edits().get(key)

    def edits(self) -> dict[str, Edit]:
        """Give all categories as they now stand, by their keys."""
        return {**self._shelf().rules.kinds.edits(), **self._edits}

    async def look(self, newest: int | None = None) -> None:
        """Take the categories as they now stand, if they changed. `newest` is their version where that is known."""
        if newest is None:
            newest = (await self._books.versions()).get("categories", 0)
        if newest > self.version:
            book = await self._books.latest("categories")
            if book is not None:
                await self._take(book.version, msgspec.json.decode(book.body, type=tuple[Edit, ...]))

    async def keep(self, edit: Edit, *, version: int, by: Actor, why: str) -> int | Stale:
        """Keep one category changed or added, decided on one version; Stale where that is not the newest any more.

        Cases that are called by an earlier title of it are called by the one that it has now.
        """
        await self.look()
        if version != self.version:
            return Stale(version=self.version)
        edits = tuple({**self._edits, edit.key: edit}.values())
        book = Book(
            kind="categories", version=version + 1, at=self._now(), by=by.name, why=why, body=_encode(edits).decode()
        )
        if not await self._books.keep(book, by):
            await self.look()
            return Stale(version=self.version)
        await self._take(book.version, edits)
        await self._told.wake(TOPIC)
        if edit.former and "." in edit.key:
            await self._books.retitle(edit.key, edit.former, edit.title)
        _log.info("categories.changed", version=book.version)
        return book.version

    async def history(self) -> list[Book]:
        """List the versions that were made here, newest first."""
        return await self._books.history("categories")

    async def open_cases(self) -> dict[str, int]:
        """Count the open cases of each category, by its key; confidential ones are nobody's to count here."""
        return await self._books.open_by_category()

    async def _take(self, version: int, edits: Iterable[Edit]) -> None:
        """Make the words beside the turns, which go by the old ones until the new ones are whole."""
        found = tuple(edits)
        kinds = self._shelf().rules.kinds
        categories, lexicon = await asyncio.to_thread(lambda: (kinds.categories(found, version), kinds.lexicon(found)))
        if version > self.version:
            self._edits = {edit.key: edit for edit in found}
            self._shelf.put_categories(categories, lexicon)
