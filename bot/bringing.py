"""Brings what was done to a main case to each member of its group, through their own conversation, once.

A row is leased, taken through its member's turn under a key of its own, and done: whoever dies in the
middle of three hundred leaves rows that are claimed again, and a turn that was done already knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.world import World
from dialogs.desk.cases import Act
from dialogs.desk.clocks import BY
from dialogs.effects import ActOnCase, Moves
from dialogs.events import StaffActed, StaffAnswered
from storage.bringings import Bringing
from storage.cases import CaseRow
from storage.engines import Database
from storage.expand import BRINGING

log = structlog.get_logger(__name__)

# What breaks its turn so often has met a bug; it must not come back every minute for ever.
ENOUGH = 5
_APART = "主件的回复没能带给这位群众，请单独办理这一件。"


class GroupTurns(Protocol):
    """What this needs of the turn."""

    async def brought(self, event: StaffAnswered | StaffActed, key: str) -> None:
        """Take what was done to the main case through a member's conversation, once for each key."""


class Group(Loop[Bringing]):
    """Brings what is ready."""

    name = "bringings"
    at_once = 4

    def __init__(
        self, database: Database, turns: GroupTurns, hot: Wakes, world: World, metrics: Metrics, *, poll: float = 5.0
    ) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._rows, self._cases = database.bringings, database.cases
        self._turns = turns

    async def claim(self, limit: int) -> Sequence[Bringing]:
        """Lease what is ready."""
        return await self._rows.claim(self._worker, self._world.now(), LEASE, limit)

    async def handle(self, row: Bringing) -> None:
        """Bring it to its member; what keeps breaking their turn is given up, and their case goes to a person."""
        given_up = row.words is None or row.attempts > ENOUGH
        main = None if given_up else await self._cases.find(row.main)
        if row.words is None or main is None:
            log.error("not brought", attempts=row.attempts, **self.label(row))
            await self._apart(row)
        else:
            await self._turns.brought(_event(row, main, row.words), f"{BRINGING}{row.id}")
        await self._rows.done(row.id, self._world.now())

    async def _apart(self, row: Bringing) -> None:
        """Take their case out of its group, due now: under a main case that is settled it would wait for ever."""
        now = self._world.now()
        moves = Moves(main="", owner="", sign_by=now, due=now)
        act = ActOnCase(number=row.number, act=Act.UNMERGE, by=BY, words=_APART, moves=moves)
        await self._cases.act(act, staff=None, now=now)

    def whose(self, row: Bringing) -> str:
        """Tell the case whose member it is for."""
        return row.number

    def label(self, row: Bringing) -> dict[str, object]:
        """Name it."""
        return {"bringing": row.id, "number": row.number, "main": row.main}


def _event(row: Bringing, main: CaseRow, words: str) -> StaffAnswered | StaffActed:
    if row.act in {Act.WRITE, Act.ANSWER}:
        final = row.act is Act.ANSWER
        return StaffAnswered(number=row.number, text=words, by=row.by, post=row.post, final=final, version=0)
    return StaffActed(
        number=row.number, act=row.act, text=words, by=row.by, post=row.post, version=0, moves=_shared(main)
    )


def _shared(main: CaseRow) -> Moves:
    """Where the main case lies now, and its clock."""
    return Moves(unit=main.unit, owner=main.owner, sign_by=main.sign_by, answer_by=main.answer_by, due=main.due)
