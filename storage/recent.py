"""What the turns of a moment ago left behind, kept so that the next turn of the same member need not read it.

Only where one process writes (SQLite). It holds while nothing but plain turns was written: a turn
that touches more than the conversation drops its member, and any other write drops everybody. An
entry is replaced only by the turn that was decided on it, so that whatever drops it in between
drops it for good.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Final

from dialogs.desk.cases import UNSETTLED, Act
from dialogs.effects import ActOnCase, KeepConsent, KeepProfile, OpenCase, RideAlong
from storage.expand import Entry
from storage.turns import Gathered

MOST: Final = 4096  # members; about 2 kB each
_TOUCHING: Final = (OpenCase, ActOnCase, KeepConsent, KeepProfile, RideAlong)


class Recent:
    """The members who were here last, each as a gather would find them (but for the asked key and what is nearby)."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Gathered] = OrderedDict()
        self._whose: dict[str, str] = {}

    def get(self, member: str) -> Gathered | None:
        """Give what is known of a member."""
        return self._known.get(member)

    def keep(self, member: str, found: Gathered) -> None:
        """Remember what was read just now, unless time or another turn must change it soon."""
        self.drop(member)
        if found.backlog or found.waiting or any(case.status not in UNSETTLED for case in found.cases):
            return
        plain = found.already is None and not found.nearby
        self._known[member] = found if plain else replace(found, already=None, nearby=())
        for case in found.cases:
            self._whose[case.number] = member
        if len(self._known) > MOST:
            self.drop(next(iter(self._known)))

    def settle(self, entry: Entry, base: Gathered | None, *, written: bool) -> None:
        """Follow a turn that was decided on `base` and has been committed, or has not."""
        write = entry.write
        if written and entry.moves_others:
            self.clear()
        touching = [effect for effect in write.effects if isinstance(effect, _TOUCHING)] if written else ()
        for effect in touching:
            self._touch(effect)
        if touching or base is None or not written or not entry.turns or self._known.get(entry.member) is not base:
            self.drop(entry.member)
            return
        assert write.conversation is not None
        self._known[entry.member] = Gathered(
            already=None,
            conversation=write.conversation,
            version=write.version + 1,
            profile=base.profile,
            cases=base.cases,
            waiting=(),
            nearby=(),
            backlog=(),
        )
        self._known.move_to_end(entry.member)

    def _touch(self, effect: object) -> None:
        """Drop whose case it is; and one that joins another, or leaves it, changes what the other's member sees."""
        if isinstance(effect, OpenCase) and effect.same_as:
            self.drop(self._whose.get(effect.same_as, ""))
        elif isinstance(effect, ActOnCase) and effect.act is Act.WITHDRAW:
            self.clear()
        elif isinstance(effect, ActOnCase):
            self.drop(self._whose.get(effect.number, ""))

    def drop(self, member: str) -> None:
        """Forget a member."""
        known = self._known.pop(member, None)
        if known is not None:
            for case in known.cases:
                self._whose.pop(case.number, None)

    def clear(self) -> None:
        """Forget everybody."""
        self._known.clear()
        self._whose.clear()
