"""What a person has to bring to a member, by telephone or in writing: the tasks, and what became of each try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, and_, func, select, update

from dialogs.desk.cases import Refused
from dialogs.effects import ActOnCase
from storage import tables as t
from storage.acts import Applied, Stale
from storage.cases import acted
from storage.crypto import Keys
from storage.engine import Engine
from storage.moments import from_ms, to_ms
from storage.sight import Scope, visible
from storage.staff import Staff
from storage.statements import word
from storage.turns import MemberKey

_d, _c, _m = t.deliveries.c, t.cases.c, t.members.c
MOST: Final = 200
BY_HAND: Final = ("call", "letter")
"""The wishes of members whose words a person brings; who wants no answer is not rung up."""
_OPEN = and_(_d.status == word("hand"), _c.reach.in_([word(each) for each in BY_HAND]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Words that a person has to bring. `tries` were made in vain; `way` is how: `phone` or `letter`."""

    id: int
    number: str
    title: str
    owner: str
    unit: str
    words: str
    way: Literal["phone", "letter"]
    tries: int
    since: datetime
    asks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a try made of its task: the case's version now, and for a settled one what its conversation must hear."""

    version: int
    settled: Literal["", "sent", "failed"]
    member: MemberKey
    asks: str


class Calls:
    """Lists what is to be brought by hand, and takes down every try."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    async def of_case(self, number: str) -> list[Task]:
        """List what is to be brought about one case, oldest first."""
        return await self._tasks(_tasks().where(_d.number == number, _OPEN))

    async def all(self, scope: Scope) -> list[Task]:
        """List what is to be brought for the cases that one sees, oldest first."""
        return await self._tasks(_tasks().where(_OPEN, visible(scope)).limit(MOST))

    async def count(self, scope: Scope) -> int:
        """Count the same."""
        question = select(func.count()).join_from(t.deliveries, t.cases, _c.number == _d.number)
        question = question.where(_OPEN, visible(scope))
        return await self._engine.read(lambda conn: conn.scalar(question)) or 0

    async def tried(
        self, act: ActOnCase, task: int, *, tries: int, reached: bool, most: int, staff: Staff, now: datetime
    ) -> Tried | Refused | Stale | None:
        """Take down one try of a task that had so many; after `most` in vain it has failed. None: that try is known."""
        at = to_ms(now)

        def work(conn: Connection) -> Any:
            found = _claimed(conn, act.number, task, tries)
            if found is None:
                return None
            settled: Literal["", "sent", "failed"] = "sent" if reached else "failed" if tries + 1 >= most else ""
            result = acted(conn, act, staff, at, self._keys)
            if not isinstance(result, Applied):
                return result
            values: dict[str, Any] = {"attempts": tries + 1, "began": at}
            if settled:
                way = "letter" if found["reach"] == "letter" else "phone"
                words = "" if reached else f"打了 {tries + 1} 次都没有接通"
                values |= {"status": settled, "settled": at, "way": way, "words": words}
            conn.execute(update(t.deliveries).where(_d.id == task).values(values))
            member = MemberKey(found["channel"], found["account"], found["user_key"])
            return Tried(version=result.state.version, settled=settled, member=member, asks=found["asks"])

        found: Tried | Refused | Stale | None = await self._engine.write(work)
        return found

    async def _tasks(self, question: Any) -> list[Task]:
        rows = await self._engine.read(lambda conn: conn.execute(question).mappings().all())
        return [
            Task(
                id=row["id"],
                number=row["number"],
                title=row["title"],
                owner=row["owner"],
                unit=row["unit"],
                words=self._keys.open("deliveries.text", row["text"]),
                way="letter" if row["reach"] == "letter" else "phone",
                tries=row["attempts"],
                since=from_ms(row["created"]),
                asks=row["asks"],
            )
            for row in rows
        ]


def _tasks() -> Any:
    own = (_d.id, _d.number, _d.text, _d.attempts, _d.created, _d.asks)
    case = (_c.title, _c.owner, _c.unit, _c.reach)
    return select(*own, *case).join_from(t.deliveries, t.cases, _c.number == _d.number).order_by(_d.id)


def _claimed(conn: Connection, number: str, task: int, tries: int) -> Any:
    """Read and lock a task that is still open and had just so many tries."""
    question = (
        select(_d.asks, _c.reach, _m.channel, _m.account, _m.user_key)
        .join_from(t.deliveries, t.cases, _c.number == _d.number)
        .join(t.members, _m.id == _d.member)
        .where(_d.id == task, _d.number == number, _d.attempts == tries, _OPEN)
        .with_for_update(of=t.deliveries)
    )
    return conn.execute(question).mappings().first()
