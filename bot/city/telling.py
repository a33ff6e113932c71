"""One case in the making: its state, its clock, and the rows of everything that has happened to it.

Acts of staff are decided and applied by the desk's own functions; words go through `expand` like a turn's. What must
not happen any more (the season's last moment has come, or the rules say no) is not done, and `did` says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.city.crew import Person
from bot.city.matter import Matter
from bot.city.town import Town
from dialogs.conversation import Conversation, Form
from dialogs.desk.cases import Act, Grade, Status
from dialogs.desk.clocks import BY, Clocks
from dialogs.desk.wishes import Actor, Standing, Wish, decide
from dialogs.effects import ActOnCase, Effect, OpenCase, Say
from dialogs.events import Event, MemberSaid, StaffAnswered
from storage.acts import Applied, CaseState, apply_act, fired_event, fired_row
from storage.clocks import CHANGED, ELSEWHERE, clock_of
from storage.crypto import Keys
from storage.expand import act_lines, expand
from storage.moments import from_ms, maybe_ms, to_ms
from storage.statements import Row
from storage.turns import MemberKey, TurnWrite

# A member's turns are numbered; each of their cases has room for so many.
TURNS = 40
_STAFF = frozenset({Act.WRITE, Act.ANSWER, Act.REFER, Act.TRANSFER, Act.GIVE_TIME, Act.PAUSE})


@dataclass(slots=True)
class Telling:
    """A case and its rows so far: (statement, row) as a turn has them. `now` only moves forward."""

    matter: Matter
    town: Town
    keys: Keys
    until: datetime
    chance: Random
    lines: list[tuple[str, Row]] = field(default_factory=list)
    turns: int = 0
    now: datetime = field(init=False)
    opened_at: datetime = field(init=False)
    opened: OpenCase = field(init=False)
    state: CaseState = field(init=False)
    member: MemberKey = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.matter.at
        self.member = MemberKey("wechat", "main", self.matter.user)

    # -- time -----------------------------------------------------------------------------------
    def wait(self, span: timedelta) -> bool:
        """Let time pass; False once the season is over."""
        return self.wait_for(self.now + span)

    def wait_for(self, at: datetime) -> bool:
        """Let time pass until a moment, if that is still to come, with what the case's clock does meanwhile."""
        at = max(self.now, at)
        self._clock_runs(min(at, self.until))
        self.now = max(self.now, at)
        return self.now < self.until

    def _clock_runs(self, until: datetime) -> None:
        """Let everything fire that is due by then, each at its moment."""
        clocks = Clocks(self.town.known)
        while self.state.fires is not None and (at := max(self.now, from_ms(self.state.fires))) < until:
            self.now = at
            seen = clocks.look(clock_of(self.state), at)
            if seen.firing is not None and seen.firing.act in ELSEWHERE:
                if not self._applied(ActOnCase(number=self.state.number, act=seen.firing.act, by=BY)):
                    return
                continue
            event = fired_event(self.state.number, seen, to_ms(at), self.state.answer_by)
            self.lines += [("case_event", event)] if event else []
            changed: dict[str, Any] = dict(zip(CHANGED, fired_row(self.state.number, seen), strict=False))
            self.state = replace(self.state, **changed)

    @property
    def status(self) -> Status:
        """Where it stands."""
        return Status(self.state.status)

    @property
    def holder(self) -> Person | None:
        """Who holds it."""
        return self.town.people.get(self.state.owner)

    # -- what is done ---------------------------------------------------------------------------
    def open(self, opened: OpenCase, asked: str, receipt: str) -> None:
        """Begin: what the member said, where it is, the receipt."""
        began = self.now
        form = Form(
            service=opened.service, version=1, stage="asking", step="place", held={}, began=began, touched=began
        )
        if opened.service != "human":
            self._turn(MemberSaid(text=self.matter.said, folded=""), Say(text=asked), form=form)
            self.now += timedelta(seconds=self.chance.randint(15, 90))
        last = self.matter.place or self.matter.said
        self.opened, self.opened_at = opened, self.now
        self._turn(MemberSaid(text=last, folded=""), opened, Say(text=receipt, number=opened.number), form=form)

    def did(self, act: Act, who: Person | None, words: str = "", to: str = "") -> bool:
        """Let a person do what they wish, if it may be done now."""
        if who is None or self.now >= self.until:
            return False
        wish = Wish(act=act, version=self.state.version, words=words, to=to)
        actor = Actor(name=who.name, post=who.post, unit=who.unit)
        made = decide(wish, self._standing(), actor, self.now, self.town.known)
        if not isinstance(made, ActOnCase):
            return False
        if not self._applied(made):
            return False
        if act in _STAFF:
            said = StaffAnswered(
                number=self.state.number, text=words, by=who.name, post=who.post, final=act is Act.ANSWER, version=0
            )
            self._turn(said, Say(text=words, number=self.state.number), passive=False)
        return True

    def member_did(self, words: str, answer: str, *acts: ActOnCase) -> bool:
        """Let the member do something, in their own words; False where they cannot."""
        if self.now >= self.until or not all(self._applied(act) for act in acts):
            return False
        self._turn(MemberSaid(text=words, folded=""), *acts, Say(text=answer, number=self.state.number))
        return True

    def _applied(self, act: ActOnCase) -> bool:
        at = to_ms(self.now)
        got = apply_act(self.state, act, at)
        if not isinstance(got, Applied):
            return False
        self.state = got.state
        self.lines += [line for line in act_lines(got, act, at, self.keys, None) if line[0] != "act"]
        return True

    def _turn(self, event: Event, *effects: Effect, form: Form | None = None, passive: bool = True) -> None:
        version = self.matter.nth * TURNS + self.turns
        write = TurnWrite(
            member=self.member,
            key=f"city/{version}",
            event=event,
            at=self.now,
            conversation=Conversation(form=form),
            version=version,
            effects=effects,
            reply=b"" if passive else None,
        )
        self.turns += 1
        entry = expand(write, self.keys)
        self.lines += entry.lines
        if entry.opened:
            (self.state,) = entry.opened

    def _standing(self) -> Standing:
        state = self.state
        return Standing(
            number=state.number,
            status=self.status,
            grade=Grade(state.grade),
            version=state.version,
            unit=state.unit,
            owner=state.owner,
            due=from_ms(state.due),
            sign_by=from_ms(state.sign_by),
            answer_by=from_ms(state.answer_by),
            opened=self.opened_at,
            sent_by=state.sent_by,
            returns=state.returns,
            above=state.above,
            asked=state.asked,
            extended=state.extended,
            paused=maybe_ms(state.paused),
        )
