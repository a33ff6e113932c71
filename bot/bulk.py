"""One act on many cases: looked at first, each done by its own version through the one way in, and undone the same way.

Undoing is the reverse act, recorded like any other; it is done only where nothing has happened since.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from bot.desk import Desk, Done, Outcome
from dialogs.desk.cases import Act, Refused, Status
from dialogs.desk.tags import changed, reversed_tags
from dialogs.desk.wishes import Wish
from storage.acts import Stale
from storage.bulk_runs import BulkRun, BulkRuns, RanRow
from storage.cases import CaseRow, Cases
from storage.sight import Scope
from storage.staff import Staff

Kind = Literal["hand_over", "send", "regrade", "tag", "merge"]
MOST = 200
"""Cases at once: as many as a list shows."""
STALE, GONE = "stale", "gone"
"""Why one was not done, beside what refuses an act: it moved on; it is not to be seen any more."""

# An act of which the member heard cannot be taken back behind their back.
_TOLD = frozenset({Act.TRANSFER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be done to each: `to` as in a wish, `words` for the time-line."""

    kind: Kind
    to: str
    words: str = ""

    def of(self, case: CaseRow) -> Wish:
        """Say what that is for one case: what is sent elsewhere goes by the way that its state has."""
        act = _SENT.get(case.status, Act.TRANSFER) if self.kind == "send" else _ACTS[self.kind]
        return Wish(act=act, version=case.version, words=self.words, to=self.to)


_ACTS = {"hand_over": Act.HAND_OVER, "regrade": Act.REGRADE, "tag": Act.TAG, "merge": Act.MERGE}
_SENT = {Status.ACCEPTED: Act.DISPATCH, Status.RETURNED: Act.TAKE_BACK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Acts on many cases."""

    desk: Desk
    cases: Cases
    runs: BulkRuns
    now: Callable[[], datetime]

    async def look(self, staff: Staff, rows: Sequence[CaseRow], wanted: Wanted) -> list[tuple[CaseRow, str]]:
        """Say of each whether it could be done now: '' or the reason against it. Nothing is done."""
        found = [(row, await self.desk.would(staff, row, wanted.of(row))) for row in rows]
        return [(row, refused.reason if refused else "") for row, refused in found]

    async def do(self, staff: Staff, scope: Scope, run: str, picked: dict[str, int], wanted: Wanted) -> BulkRun:
        """Do it to each at the version that was looked at. A run that was begun before is not begun again."""
        rows = {row.number: row for row in await self.cases.several(list(picked), scope)}
        began = BulkRun(
            id=run,
            staff=staff.name,
            at=self.now(),
            kind=wanted.kind,
            to=wanted.to,
            rows=tuple(RanRow(number=number, title=rows[number].title if number in rows else "") for number in picked),
        )
        if not await self.runs.begin(began):
            return await self.runs.get(run, staff.name) or began
        done = [await self._one(staff, rows.get(row.number), picked[row.number], row, wanted) for row in began.rows]
        ended = replace(began, rows=tuple(done))
        await self.runs.put(ended)
        return ended

    async def undo(self, staff: Staff, scope: Scope, run: BulkRun) -> BulkRun:
        """Take back what can be taken back; what moved on since stays as it is, and says so."""
        rows = {row.number: row for row in await self.cases.several([each.number for each in run.rows], scope)}
        ended = replace(run, rows=tuple([await self._back(staff, rows.get(row.number), row) for row in run.rows]))
        await self.runs.put(ended)
        return ended

    async def _one(self, staff: Staff, case: CaseRow | None, version: int, row: RanRow, wanted: Wanted) -> RanRow:
        if case is None:
            return replace(row, outcome=GONE)
        wish = replaced(wanted.of(case), version=version)
        outcome = await self.desk.wish(staff, case.number, wish)
        if not isinstance(outcome, Done):
            return replace(row, outcome=_why(outcome))
        back = "" if wish.act in _TOLD else await self._reverse(case, wish.act)
        return replace(row, outcome="done", act=wish.act.value, back=back, version=outcome.version)

    async def _reverse(self, case: CaseRow, act: Act) -> str:
        """Say what the reverse act goes to; '' where there is none."""
        match act:
            case Act.HAND_OVER:
                return case.owner
            case Act.DISPATCH:
                return case.unit
            case Act.REGRADE:
                return case.grade.value
            case Act.TAG:
                now = await self.cases.find(case.number)
                return reversed_tags(changed(case.tags, now.tags)) if now else ""
            case Act.MERGE:
                return Act.UNMERGE.value  # it goes to nobody, but it can go back
            case _:
                return ""

    async def _back(self, staff: Staff, case: CaseRow | None, row: RanRow) -> RanRow:
        if not row.can_go_back:
            return row
        if case is None:
            return replace(row, undone=GONE)
        reverse = {Act.MERGE: Act.UNMERGE}.get(Act(row.act), Act(row.act))
        wish = Wish(act=reverse, version=row.version, to=row.back, words="撤销刚才的批量办理")
        outcome = await self.desk.wish(staff, case.number, wish)
        return replace(row, undone="done" if isinstance(outcome, Done) else _why(outcome))


def _why(outcome: Outcome) -> str:
    match outcome:
        case Refused(reason=reason):
            return reason
        case Stale():
            return STALE
        case _:
            return ""
