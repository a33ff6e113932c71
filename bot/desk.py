"""Acts of staff on a case: one way in for all of them, checked by the state, the post, the unit and the version.

What only concerns the case goes through storage's one function for acts. What the member hears of
goes through the member's own turn, under the same lock as the member's words, so that neither
overtakes the other. After the commit the desks that are open are told: ids only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Protocol

from bot.rights import actors_of, scope_of
from dialogs.desk.cases import BROUGHT, Act, Refused
from dialogs.desk.identity import identity
from dialogs.desk.naming import named
from dialogs.desk.wishes import SEALED, Wish, decide_as
from dialogs.effects import ActOnCase
from dialogs.events import DeliverySettled, StaffActed, StaffAnswered, StaffHeard, StaffTook
from dialogs.facts import Snapshots
from storage.acts import Stale
from storage.calls import Tried
from storage.cases import CaseRow
from storage.staff import Staff, StoredStaff
from storage.timeline import Happened
from storage.turns import MemberKey

# The topic of the hot store on which open desks hear the numbers of changed cases, after each commit.
TOPIC = "desk"
# The same for who is at a case: they hear its number, and ask who it is.
PRESENT = "present"
# Nobody reads more than this in a chat, and a paste of a whole file is a slip.
LONGEST = 4000
_WORDS = frozenset({Act.WRITE, Act.ANSWER})
# What changes for the member they hear of at once, and from nobody else.
_HEARD = frozenset({Act.TRANSFER, Act.GIVE_TIME, Act.PAUSE, Act.REFER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is committed. `version` is the case's now, 0 where nobody looked."""

    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A try to bring words by hand: of which task, how many there had been, whether they heard it, and a remark.

    `solved` and `satisfied` are what they said of the answer, where they were asked.
    """

    task: int
    tries: int
    reached: bool
    words: str = ""
    solved: Literal["", "yes", "no", "partly"] = ""
    satisfied: int = 0


Outcome = Done | Refused | Stale


class Turns(Protocol):
    """What the desk needs of the turn."""

    async def staff_answered(self, event: StaffAnswered) -> Outcome:
        """Take words of staff through the member's conversation and commit them, or say what stands against it."""

    async def staff_acted(self, event: StaffActed) -> Outcome:
        """Take an act of which the member hears through their conversation, or say what stands against it."""

    async def staff_took(self, member: MemberKey, event: StaffTook, *, read_out: bool) -> None:
        """Take down what somebody told a person at the desk, once for each key of a form."""

    async def staff_heard(self, event: StaffHeard, key: str) -> None:
        """Take what a member said of an answer on the telephone, once for each key."""

    async def settled(self, member: MemberKey, event: DeliverySettled) -> None:
        """Tell a conversation what became of its words."""


class CallStore(Protocol):
    """What the desk needs to know of words that a person brings."""

    async def tried(
        self, act: ActOnCase, task: int, *, tries: int, reached: bool, most: int, staff: Staff, now: datetime
    ) -> Tried | Refused | Stale | None:
        """Take down one try."""


class CaseStore(Protocol):
    """What the desk needs of storage."""

    async def find(self, number: str) -> CaseRow | None:
        """Give a case's row wherever it lies."""

    async def names_in_group(self, number: str) -> frozenset[str]:
        """Give what must not go to others: names, phones and numbers of a group."""

    async def deeds(self, number: str) -> tuple[Happened, ...]:
        """Give the acts on a case."""

    async def act(self, act: ActOnCase, *, staff: Staff | None, now: datetime) -> CaseRow | Refused | Stale:
        """Apply one act by the transition table."""


class People(Protocol):
    """Who works at the desk."""

    async def by_name(self, name: str, now: datetime | None = None) -> StoredStaff | None:
        """Find an active person."""

    async def of_units(self, units: Sequence[str], now: datetime | None = None) -> list[Staff]:
        """List the active people of these units."""


class Told(Protocol):
    """What the desk needs of the hot store."""

    async def publish(self, channel: str, ids: str) -> None:
        """Tell everybody who listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Acts of staff. Whoever calls has checked that the person may see the case."""

    cases: CaseStore
    calls: CallStore
    people: People
    turns: Turns
    told: Told
    now: Callable[[], datetime]
    snapshots: Callable[[], Snapshots]

    async def wish(self, staff: Staff, number: str, wish: Wish) -> Outcome:
        """Do what a person wishes, or say what stands against it: Stale where the case moved on since they saw it."""
        if len(wish.words) > LONGEST:
            return Refused("too long")
        row = await self.cases.find(number)
        if row is None:
            return Refused("no such case")
        if row.version != wish.version:
            return await self._late(staff, wish, row)
        act = await self._decided(staff, row, wish)
        if isinstance(act, Refused):
            return act
        if wish.act in _WORDS | _HEARD:
            return await self._hear(staff, wish, row, act)
        if wish.act is Act.NOTE:
            names = named(wish.words, [each.name for each in await self.colleagues(row, but=staff.name)])
            act = replace(act, mentions=names)
        return await self._apply(staff, act)

    async def colleagues(self, row: CaseRow, *, but: str) -> list[Staff]:
        """List who else may see a case: of its unit and of those above it; by name."""
        known, now = self.snapshots(), self.now()
        found = await self.people.of_units([unit.id for unit in known.units.path(row.unit)], now)
        seeing = {each.name: each for each in found if each.name != but and scope_of(each, known).sees(row)}
        return [seeing[name] for name in sorted(seeing)]

    async def called(self, staff: Staff, number: str, call: Called) -> Outcome:
        """Take down that somebody tried to bring words by hand; the same try twice is one."""
        row = await self.cases.find(number)
        if row is None:
            return Refused("no such case")
        if len(call.words) > LONGEST:
            return Refused("too long")
        known, now = self.snapshots(), self.now()
        said = "已告知" if call.reached else f"没有接通（第 {call.tries + 1} 次）"
        words = "。".join(filter(None, (said, call.words.strip())))
        wish = Wish(act=Act.CALL, version=row.version, words=words)
        act = decide_as(wish, row.standing, actors_of(staff, row, known), now, known)
        if isinstance(act, Refused):
            return act
        # The task says whether the try is news; what else became of the case meanwhile does not matter.
        act = replace(act, version=None)
        got = await self.calls.tried(
            act,
            call.task,
            tries=call.tries,
            reached=call.reached,
            most=known.rules.room.calls,
            staff=staff,
            now=now,
        )
        if not isinstance(got, Tried):
            return got or Done()
        if got.settled:
            await self.turns.settled(
                got.member, DeliverySettled(delivery=call.task, fate=got.settled, asks=got.asks, number=number)
            )
            if call.reached and call.solved:
                heard = StaffHeard(number=number, solved=call.solved, satisfied=call.satisfied)
                await self.turns.staff_heard(heard, str(call.task))
        await self.told.publish(TOPIC, number)
        return Done(version=got.version)

    async def _names_somebody(self, words: str, number: str) -> bool:
        """Tell whether words that go to a whole group name one of its members, their phone or their case."""
        plain = "".join(words.split())
        return any(each in plain for each in await self.cases.names_in_group(number))

    async def would(self, staff: Staff, row: CaseRow, wish: Wish) -> Refused | None:
        """Say what stands against a wish now, without doing anything."""
        if len(wish.words) > LONGEST:
            return Refused("too long")
        act = await self._decided(staff, row, wish)
        return act if isinstance(act, Refused) else None

    async def _decided(self, staff: Staff, row: CaseRow, wish: Wish) -> ActOnCase | Refused:
        actors = actors_of(staff, row, self.snapshots())
        if wish.act is Act.MERGE:
            main = await self.cases.find(wish.to)
            wish = replace(wish, main=main.standing if main else None)
        act = decide_as(wish, row.standing, actors, self.now(), self.snapshots())
        if isinstance(act, Refused):
            return act
        if wish.act in BROUGHT and await self._names_somebody(wish.words, row.number):
            return Refused("names somebody")
        if wish.act in SEALED and (against := await self._sealed(wish.act, staff, row)):
            return Refused(against)
        if wish.act is Act.HAND_OVER and not await self._colleague(wish.to, row):
            return Refused("no such colleague")
        return act

    async def _late(self, staff: Staff, wish: Wish, row: CaseRow) -> Outcome:
        """The case moved on. Perhaps by this very wish: a form that was sent twice finds its own."""
        if wish.act in _WORDS | _HEARD and wish.version < row.version:
            return await self._hear(staff, wish, row, ActOnCase(number=row.number, act=wish.act, by=staff.name))
        return Stale(version=row.version)

    async def _hear(self, staff: Staff, wish: Wish, row: CaseRow, act: ActOnCase) -> Outcome:
        """Let the member hear of it; without `moves` the act was decided on a version that is gone."""
        words, who = wish.words.strip(), {"by": act.by, "post": act.post, "stands_for": act.stands_for}
        who |= {"unit": staff.unit, "source": staff.source}
        if wish.act in _WORDS:
            final = wish.act is Act.ANSWER
            return await self.turns.staff_answered(
                StaffAnswered(number=row.number, text=words, final=final, version=wish.version, **who)
            )
        return await self.turns.staff_acted(
            StaffActed(
                number=row.number,
                act=wish.act,
                text=words,
                version=wish.version,
                to=wish.to,
                moves=act.moves,
                **who,
            )
        )

    async def _sealed(self, act: Act, staff: Staff, row: CaseRow) -> str:
        """Say what stands against an act about who is behind a confidential case; '' for nothing."""
        known = identity(await self.cases.deeds(row.number), self.snapshots().rules.secrecy)
        return known.against(act, staff.name, self.now()) if staff.cleared else "identity not open"

    async def _colleague(self, name: str, row: CaseRow) -> bool:
        """Tell whether this person can hold the case: of its unit or above it, in a post that signs for cases."""
        found = await self.people.by_name(name, self.now())
        known = self.snapshots()
        if found is None or (row.confidential and not found.staff.cleared):
            return False
        return any(
            Act.CLAIM in known.rules.may(held.post) and row.unit in known.units.subtree(held.unit)
            for held in found.staff.posts
        )

    async def _apply(self, staff: Staff, act: ActOnCase) -> Outcome:
        got = await self.cases.act(act, staff=staff, now=self.now())
        if isinstance(got, Refused | Stale):
            return got
        await self.told.publish(TOPIC, got.number)
        return Done(version=got.version)
