"""What of the cases a person sees: one condition for every question about cases, and the same said in Python.

A case outside it does not exist for them: no page, no list, no counter, no event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_, true

from dialogs.desk.cases import Status
from storage import tables as t
from storage.listed import listed
from storage.statements import word

_c = t.cases.c
# In the words of the partial index: else SQLite reads every row.
RETURNED = _c.status == word("returned")
_NONE = frozenset[str]()
FEW = 64  # units of one person; a town has a dozen, a district a hundred and more


class Lying(Protocol):
    """What of a case decides who sees it."""

    @property
    def unit(self) -> str:
        """Where it lies."""

    @property
    def owner(self) -> str:
        """Who holds it."""

    @property
    def above(self) -> str:
        """The unit that must decide or answer."""

    @property
    def status(self) -> Status:
        """Where it stands."""

    @property
    def confidential(self) -> bool:
        """Whether only the cleared may know of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of the cases a person sees, by ids of units.

    `whole`: units all of whose cases they see. `held`: units of whose cases they see those that they hold.
    `given`: units of whose cases they see also what waits there to be signed for. `cleared`: those of all these
    whose confidential cases they see too. `absent`: the colleagues for whom they stand in; what those hold counts
    as theirs. `over`: the units of their posts and those above these; what climbed there is theirs to look after.
    `everywhere`: `whole` is all units that there are.
    """

    staff: str
    whole: frozenset[str] = _NONE
    held: frozenset[str] = _NONE
    given: frozenset[str] = _NONE
    cleared: frozenset[str] = _NONE
    absent: frozenset[str] = _NONE
    over: frozenset[str] = _NONE
    everywhere: bool = False

    @property
    def wide(self) -> bool:
        """Whether these are so many units that it is shorter to go along all open cases than from unit to unit."""
        return self.everywhere or len(self.whole) + len(self.held) > FEW

    @property
    def names(self) -> tuple[str, ...]:
        """Whose cases are theirs to hold: their own and those of the colleagues for whom they stand in."""
        return (self.staff, *sorted(self.absent))

    @property
    def units(self) -> frozenset[str]:
        """Every unit in which they may see anything."""
        return self.whole | self.held | self.given

    def sees(self, case: Lying) -> bool:
        """Tell whether this case exists for them: the same as `visible`."""
        if self.within(case):
            return True
        decided = case.status is Status.RETURNED and case.above in self.whole
        return decided and (not case.confidential or case.above in self.cleared)

    def within(self, case: Lying) -> bool:
        """Tell whether it lies where they see it: the same as `within`."""
        if case.confidential and case.unit not in self.cleared:
            return False
        mine = case.unit in self.held and case.owner in self.names
        waits = case.unit in self.given and case.status is Status.ACCEPTED
        return case.unit in self.whole or mine or waits


def visible(scope: Scope) -> ColumnElement[bool]:
    """Ask for the cases that exist for this person: those within, and returns that one of their units must decide."""
    if scope.everywhere and not scope.cleared:
        return within(scope)  # wherever it lies
    decided = and_(RETURNED, listed(_c.above, scope.whole), *_open(scope, _c.above))
    return or_(within(scope), decided) if scope.whole else within(scope)


def within(scope: Scope, *, along: bool = False) -> ColumnElement[bool]:
    """Ask for the cases that lie where this person sees them.

    `along`: there is a shorter way to them than from unit to unit.
    """
    if scope.everywhere:
        return and_(true(), *_open(scope, _c.unit))
    parts = [listed(_c.unit, scope.whole, along=along)]
    if scope.held:
        parts.append(and_(listed(_c.unit, scope.held, along=along), _c.owner.in_(scope.names)))
    if scope.given:
        parts.append(and_(listed(_c.unit, scope.given, along=along), _c.status == word("accepted")))
    return and_(or_(*parts), *_open(scope, _c.unit))


def _open(scope: Scope, unit: ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    """Leave out what is confidential, but where they are cleared."""
    plain = _c.confidential.is_(False)
    if not scope.cleared:
        return (plain,)
    return () if scope.cleared >= scope.units else (or_(plain, listed(unit, scope.cleared, along=True)),)
