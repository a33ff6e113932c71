"""Stand-ins and clearances: who may ask, who decides, for how long; what is wrong is said in words.

A stand-in is asked for by the absent person or by who leads them, and holds once a security administrator allows it.
Clearances for confidential cases a security administrator gives, always with an end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.people import Wrong
from dialogs.facts import Snapshots
from storage.staff import Staff, StaffStore
from storage.trust import Clearance, StandIn, Trust

_SETTLED = Wrong(("已经有人办过了，请看现在的样子。",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusting:
    """What the desk does about stand-ins and clearances."""

    trust: Trust
    staff: StaffStore
    now: Callable[[], datetime]
    snapshots: Callable[[], Snapshots]

    def today(self) -> date:
        """Give the centre's day."""
        return self.snapshots().rules.calendar.local(self.now()).date()

    async def ask(self, absent: str, stand_in: str, first: str, last: str, *, by: Staff) -> Wrong | None:
        """Ask that somebody stands in for a person from a day to a day, both included."""
        absent, stand_in = absent.strip(), stand_in.strip()
        away, there = await self._find(absent), await self._find(stand_in)
        if away is None or not self.leads(by, away):
            return Wrong(("只能替自己或者本单位及下级的人申请代班。",))
        span = self._span(first, last, self.snapshots().rules.secrecy.stand_in_days, "代班")
        if isinstance(span, Wrong):
            return span
        if there is None or self._keeps(there) or there.name == absent:
            return Wrong((f"「{stand_in[:40]}」不能代班：没有这位同事，或者是管理员，或者就是本人。",))
        if self._keeps(away):
            return Wrong(("管理员的岗位没有代班。",))
        meets = await self.trust.ask(absent, stand_in, *span, by=by, now=self.now())
        if meets is not None:
            return Wrong((f"这几天里已经有{meets.stand_in}代{meets.absent}的班了，请先结束那一个，或者换日子。",))
        return None

    async def decide(self, number: int, *, allow: bool, by: Staff) -> Wrong | None:
        """Allow or refuse what was asked for."""
        if await self._mine(number, by) is None:
            return _SETTLED
        done = await self.trust.decide(number, allow=allow, by=by, now=self.now())
        return None if done else _SETTLED

    async def end(self, number: int, *, by: Staff) -> Wrong | None:
        """End a stand-in before its day: who is of it, who leads them, or a security administrator."""
        found = await self._mine(number, by)
        if found is None:
            return _SETTLED
        return None if await self.trust.end(number, by=by, now=self.now()) else _SETTLED

    async def seen_by(self, by: Staff, people: Sequence[str]) -> list[StandIn]:
        """List what concerns this person and the people whom they lead."""
        return await self.trust.stand_ins(self.now(), [by.name, *people])

    async def of(self, units: AbstractSet[str]) -> list[StandIn]:
        """List what concerns the people of these units."""
        found = await self.trust.stand_ins(self.now())
        return [each for each in found if (away := await self._find(each.absent)) and away.unit in units]

    async def clear(self, name: str, last: str, units: AbstractSet[str], *, by: Staff) -> Wrong | None:
        """Clear somebody of these units for confidential cases up to a day, included."""
        person = await self._find(name.strip())
        if person is None or person.unit not in units or self._keeps(person):
            return Wrong((f"「{name.strip()[:40]}」不能给密级：没有这位同事，或者不在您管的单位，或者是管理员。",))
        span = self._span(self.today().isoformat(), last, self.snapshots().rules.secrecy.clearance_days, "密级")
        if isinstance(span, Wrong):
            return span
        await self.trust.clear(person.name, span[1], by=by, now=self.now())
        return None

    async def unclear(self, number: int, units: AbstractSet[str], *, by: Staff) -> Wrong | None:
        """Take a clearance back."""
        if number not in {each.id for each in await self.cleared(units)}:
            return _SETTLED
        return None if await self.trust.unclear(number, by=by, now=self.now()) else _SETTLED

    async def cleared(self, units: AbstractSet[str]) -> list[Clearance]:
        """List who of these units is cleared."""
        found = await self.trust.clearances(self.now())
        return [each for each in found if (person := await self._find(each.staff)) and person.unit in units]

    def leads(self, by: Staff, person: Staff) -> bool:
        """Tell whether somebody may ask for a stand-in for a person: themselves, or one of the units that they lead."""
        known = self.snapshots()
        leading = [held for held in by.posts if (post := known.rules.posts.get(held.post)) and post.leads]
        return by.name == person.name or any(person.unit in known.units.subtree(held.unit) for held in leading)

    async def _mine(self, number: int, by: Staff) -> StandIn | None:
        """The stand-in of this number, if it is this person's to decide or to end."""
        found = next((each for each in await self.trust.stand_ins(self.now()) if each.id == number), None)
        away = await self._find(found.absent) if found else None
        if found is None or away is None:
            return None
        post = self.snapshots().rules.posts.get(by.post)
        guards = post is not None and post.keeps == "rights"
        theirs = away.unit in self.snapshots().units.subtree(by.unit) if guards else self.leads(by, away)
        return found if theirs or found.stand_in == by.name else None

    async def _find(self, name: str) -> Staff | None:
        found = await self.staff.by_name(name, self.now())
        return found.staff if found else None

    def _keeps(self, person: Staff) -> bool:
        posts = self.snapshots().rules.posts
        return any(held.post in posts and posts[held.post].keeps for held in person.posts)

    def _span(self, first: str, last: str, most: int, what: str) -> tuple[datetime, datetime] | Wrong:
        """The moments between which two days lie, or what is wrong with them."""
        try:
            begins, ends = date.fromisoformat(first), date.fromisoformat(last)
        except ValueError:
            return Wrong(("请写从哪一天到哪一天，例：2026-11-23。",))
        if begins < self.today() or ends < begins:
            return Wrong(("日子不对：从今天或以后开始，结束不能早于开始。",))
        if (ends - begins).days >= most:
            return Wrong((f"{what}一次最多 {most} 天，到期再申请。",))
        zone = self.snapshots().rules.calendar.zone
        start = max(datetime.combine(begins, time.min, zone), self.now())
        return start, datetime.combine(ends + timedelta(days=1), time.min, zone)
