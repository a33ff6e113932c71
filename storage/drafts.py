"""Words that somebody wrote on a case and has not sent: one draft a person, case and box, sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_d = t.drafts.c
_COLUMN = "drafts.words"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """What was written and not sent. `box` names where: `member`, `note`, or an act with a form of its own."""

    box: str
    words: str
    at: datetime


class Drafts:
    """Keeps drafts until they are sent, thrown away or grown old."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def keep(self, staff: str, number: str, box: str, words: str, now: datetime) -> None:
        """Keep the words as they now stand in a box; none at all take the draft away.

        What was just sent from there is no draft any more: a save that was overtaken by the sending changes nothing.
        """
        here, row = _in(staff, number, box), {"words": self._keys.seal(_COLUMN, words), "at": to_ms(now), "sent": None}
        maker = sqlite.insert if self._engine.name == "sqlite" else postgresql.insert
        fresh = (
            maker(t.drafts).values(staff=staff, number=number, box=box, **row).on_conflict_do_nothing().returning(_d.at)
        )

        def work(conn: Connection) -> int:
            if words and conn.scalar(fresh) is not None:  # another tab may be saving the same at this moment
                return 1
            found = conn.execute(select(_d.words, _d.sent).where(here).with_for_update()).first()
            if found is None:
                return 0
            if found.sent is not None and self._keys.open(_COLUMN, found.words).startswith(words):
                return 0
            change = update(t.drafts).where(here).values(row) if words else delete(t.drafts).where(here)
            return conn.execute(change).rowcount

        await self._engine.write(work, apart=True)

    async def sent(self, staff: str, number: str, box: str, words: str, now: datetime) -> None:
        """Take the draft away, because its words were sent; they are remembered against a save that comes late."""
        sealed = self._keys.seal(_COLUMN, words)
        change = update(t.drafts).where(_in(staff, number, box)).values(words=sealed, at=to_ms(now), sent=to_ms(now))
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def of_case(self, staff: str, number: str) -> dict[str, StoredDraft]:
        """Give this person's drafts on a case, by box."""
        theirs = and_(_d.staff == staff, _d.number == number, _d.sent.is_(None))
        question = select(_d.box, _d.words, _d.at).where(theirs).order_by(_d.box)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return {box: StoredDraft(box=box, words=self._keys.open(_COLUMN, w), at=from_ms(at)) for box, w, at in rows}

    async def purge(self, before: datetime) -> int:
        """Forget drafts that nobody has touched since a moment. Gives how many."""
        change = delete(t.drafts).where(_d.at < to_ms(before))
        return await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)


def _in(staff: str, number: str, box: str) -> ColumnElement[bool]:
    return and_(_d.staff == staff, _d.number == number, _d.box == box)
