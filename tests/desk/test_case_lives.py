"""Whatever staff and member do to a case, in whatever order: somebody answers for it, by a time, and it can end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dialogs.desk.cases import ALONE, BROUGHT, OPEN, TABLE, UNSETTLED, Act, Grade, Refused, Status
from dialogs.desk.clocks import BY, Clocks, Stage
from dialogs.desk.drawing import ACTS, STATUSES, drawn
from dialogs.desk.wishes import OFFERED, Actor, Standing, Wish, decide, may, offers
from dialogs.effects import ActOnCase, Moves
from dialogs.facts import Snapshots
from storage.acts import Applied, CaseState, apply_act, fired_event, fired_row
from storage.clocks import clock_of
from storage.moments import from_ms, maybe_ms, to_ms
from tests.player import snapshots

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UNITS = ("kunshan", "yushan", "yushan-xincheng", "yushan-beimen", "lujia")
POSTS = ("intake", "coordinator", "supervisor", "head", "grid", "volunteer")
PEOPLE = [Actor(name=f"{post}@{unit}", post=post, unit=unit) for post in POSTS for unit in UNITS]
OTHER = "HY-261123-0002-5"
HEAD = next(who for who in PEOPLE if who.name == "head@kunshan")
CHARGE = st.sampled_from([who for who in PEOPLE if who.post in {"head", "coordinator"}])
BY_STAFF = (Act.CLAIM, Act.CLOSE, Act.NOTE, Act.REVEAL, Act.WRITE, Act.ANSWER, *OFFERED)


@cache
def known() -> Snapshots:
    return snapshots()


@cache
def clocks() -> Clocks:
    return Clocks(known())


def opened() -> CaseState:
    return CaseState(
        number="HY-261123-0001-6",
        status="accepted",
        grade="yellow",
        unit="yushan-xincheng",
        version=1,
        sign_by=to_ms(NOW + timedelta(hours=2)),
        answer_by=to_ms(NOW + timedelta(days=5)),
        due=to_ms(NOW + timedelta(hours=2)),
        signed=None,
        answered=None,
        closed=None,
        owner="",
        first_owner="",
        sent_by="",
        above="",
        returns=0,
        asked=0,
        extended=False,
        paused=None,
        solved="",
        satisfied=0,
        last_who="member",
        last_at=to_ms(NOW),
        same_as="",
        contacted=None,
        excluded="",
        began=to_ms(NOW),
        fires=to_ms(NOW),
        fired=to_ms(NOW),
        stage="",
        climbed="",
        contacts=0,
        alarmed=False,
        urged=None,
        tags="",
        main="",
        proposed="",
    )


def standing(state: CaseState) -> Standing:
    return Standing(
        number=state.number,
        status=Status(state.status),
        grade=Grade(state.grade),
        version=state.version,
        unit=state.unit,
        owner=state.owner,
        due=from_ms(state.due),
        sign_by=from_ms(state.sign_by),
        answer_by=from_ms(state.answer_by),
        opened=NOW,
        sent_by=state.sent_by,
        returns=state.returns,
        above=state.above,
        asked=state.asked,
        extended=state.extended,
        paused=maybe_ms(state.paused),
        excluded=state.excluded,
        tags=state.tags,
        began=from_ms(state.began),
        main=state.main,
    )


class CaseLives(RuleBasedStateMachine):
    """One case, and everybody who may do something to it."""

    @initialize()
    def opens(self) -> None:
        self.state, self.now, self.first = opened(), NOW, ""

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def the_clock_is_looked_at(self) -> None:
        """As the sweep does, until nothing fires any more; a second look at the same moment changes nothing."""
        while self.state.fires is not None and self.state.fires <= to_ms(self.now):
            self._look()
        assert clocks().look(clock_of(self.state), self.now).firing is None

    def _look(self) -> None:
        seen = clocks().look(clock_of(self.state), self.now)
        if seen.firing is not None and seen.firing.act in {Act.RESUME, Act.CLOSE}:
            assert self._apply(
                ActOnCase(number=self.state.number, act=seen.firing.act, by=BY, version=self.state.version)
            )
            return
        event = fired_event(self.state.number, seen, to_ms(self.now), self.state.answer_by)
        fires, fired, stage, climbed, alarmed, _ = fired_row(self.state.number, seen)
        self.state = replace(
            self.state,
            fires=fires,
            fired=fired,
            stage=stage,
            climbed=climbed,
            alarmed=alarmed,
        )
        if event is not None:
            told = event[7].partition("/")[0]
            assert told in {each.name for each in PEOPLE} or known().units.get(told), "somebody is told"

    @rule(data=st.data())
    def those_in_charge_act(self, data: st.DataObject) -> None:
        for _ in range(3):
            self._in_charge(data)

    def _in_charge(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from([each for each in PEOPLE if each.name == self.state.owner] or [HEAD]) | CHARGE)
        here = standing(self.state), (who,), self.now, known()
        able = [act for act in (Act.CLAIM, Act.ANSWER, Act.WRITE) if may(act, *here) is None]
        able += [offer.act for offer in offers(*here)]
        # Acts that lead on come as often as all the others together: else few lives get far.
        leading = [act for act in able if TABLE[here[0].status, act] is not here[0].status] or able
        if able:
            self.staff_acts(who, data.draw(st.sampled_from(leading) | st.sampled_from(able)), data)

    @rule(who=st.sampled_from(PEOPLE), act=st.sampled_from(BY_STAFF), data=st.data())
    def anybody_acts(self, who: Actor, act: Act, data: st.DataObject) -> None:
        self.staff_acts(who, act, data)

    def staff_acts(self, who: Actor, act: Act, data: st.DataObject) -> None:
        allowed = {offer.act: offer for offer in offers(standing(self.state), (who,), self.now, known())}
        choices = allowed[act].choices if act in allowed else ()
        if act is Act.HAND_OVER:
            choices = tuple(each.name for each in PEOPLE if self._can_hold(each))
        if act is Act.TAG:
            choices = ("路灯", "+夜间", "-路灯", "")
        to = data.draw(st.sampled_from(choices)) if choices else ""
        done = self._wish(who, act, to)
        if act in OFFERED and act not in {Act.HAND_OVER, Act.TAG}:
            assert done == (act in allowed), "what is offered is done, and what is not offered is not"

    @rule(act=st.sampled_from([Act.ADD, Act.RATE, Act.REOPEN]))
    def member_acts(self, act: Act) -> None:
        fresh = self.now + timedelta(days=5)
        moves = Moves(answer_by=fresh, due=fresh, asked=0, extended=False) if act is Act.REOPEN else None
        self._apply(ActOnCase(number=self.state.number, act=act, moves=moves))

    @rule(who=st.sampled_from(PEOPLE), auto=st.booleans())
    def it_is_handed_out(self, who: Actor, auto: bool) -> None:
        """As the duty roster has it: to somebody who may sign; once, and only while nobody has signed."""
        if not self._can_hold(who):
            return
        before = self.state
        act, moves = (Act.ASSIGN, Moves(owner=who.name)) if auto else (Act.PROPOSE, Moves(proposed=who.name))
        done = self._apply(ActOnCase(number=before.number, act=act, by=BY, version=before.version, moves=moves))
        assert done == (before.status == "accepted" and (auto or not before.proposed))
        if done and not auto:
            assert self.state == replace(before, proposed=who.name), "it is proposed, and nothing else is changed"

    @invariant()
    def nobody_is_proposed_for_what_somebody_signed_for(self) -> None:
        assert not (self.state.proposed and self.state.status == "working"), "who holds it is who works on it"

    @rule(act=st.sampled_from(sorted(BROUGHT)))
    def the_main_case_is_answered(self, act: Act) -> None:
        if self.state.main:
            self._apply(ActOnCase(number=self.state.number, act=act, by=HEAD.name, words="都修好了"))

    @invariant()
    def who_was_asked_first_stays(self) -> None:
        assert not self.first or self.state.first_owner == self.first
        self.first = self.state.first_owner

    @invariant()
    def somebody_answers_for_it_by_a_time(self) -> None:
        status = Status(self.state.status)
        if status not in OPEN:
            return
        assert known().units.get(self.state.unit) is not None
        assert (self.state.owner == "") == (status in {Status.ACCEPTED, Status.RETURNED})
        assert (self.state.above != "") == (status in {Status.RETURNED, Status.RAISED})
        assert (self.state.paused is not None) == (status is Status.PAUSED)
        assert (status is Status.MERGED) <= (self.state.main != "")
        if status is Status.WORKING:
            assert self.state.due == self.state.answer_by

    @invariant()
    def its_clock_runs_while_it_is_not_filed(self) -> None:
        """Until it is filed it has a next moment, or somebody at the top who was told that nothing comes after them."""
        if Status(self.state.status) in UNSETTLED - {Status.MERGED}:
            assert self.state.fires is not None or (self.state.stage == Stage.TOP and self.state.climbed == "kunshan")
        else:
            assert (self.state.fires, self.state.climbed) == (None, "")

    @invariant()
    def nothing_is_past_that_was_looked_at(self) -> None:
        assert self.state.began <= to_ms(self.now)

    @invariant()
    def it_is_given_back_once_at_most(self) -> None:
        assert self.state.returns <= known().rules.casework.most_returns

    def teardown(self) -> None:
        """From wherever it stands: left alone its clock comes to rest, and those in charge bring it to its end."""
        for _ in range(40):
            self.the_clock_is_looked_at()
            if self.state.fires is None:
                break
            self.now = max(self.now, from_ms(self.state.fires))
        assert self.state.fires is None
        assert (
            Status(self.state.status) in {Status.CLOSED, Status.WITHDRAWN, Status.MERGED}
            or self.state.stage == Stage.TOP
        )
        ways = {
            Status.ACCEPTED: Act.CLAIM,
            Status.RETURNED: Act.SEND_BACK,
            Status.RAISED: Act.DIRECT,
            Status.PAUSED: Act.RESUME,
            Status.WORKING: Act.ANSWER,
            Status.MERGED: Act.UNMERGE,
            Status.ANSWERED: Act.CLOSE,
        }
        while (status := Status(self.state.status)) in ways:
            if self.state.owner not in {"", HEAD.name} and status in ALONE:
                assert self._wish(HEAD, Act.HAND_OVER, HEAD.name)
            assert self._wish(HEAD, ways[status])

    def _can_hold(self, who: Actor) -> bool:
        able = Act.CLAIM in known().rules.may(who.post) and who.name != self.state.owner
        return able and self.state.unit in known().units.subtree(who.unit)

    def _wish(self, who: Actor, act: Act, to: str = "") -> bool:
        main = replace(standing(self.state), number=OTHER, owner=HEAD.name, status=Status.WORKING, main="")
        other = main if act is Act.MERGE else None
        wish = Wish(act=act, version=self.state.version, words="因为", to=to, main=other)
        done = decide(wish, standing(self.state), who, self.now, known())
        return isinstance(done, ActOnCase) and self._apply(done)

    def _apply(self, act: ActOnCase) -> bool:
        applied = apply_act(self.state, act, to_ms(self.now))
        if isinstance(applied, Applied):
            self.state = applied.state
        return isinstance(applied, Applied)


CaseLives.TestCase.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestCaseLives = CaseLives.TestCase


def test_a_clock_that_stood_still_goes_on_from_there() -> None:
    paused = replace(opened(), status="paused", owner="li", paused=to_ms(NOW), due=to_ms(NOW + timedelta(days=7)))
    later = NOW + timedelta(days=3)
    applied = apply_act(paused, ActOnCase(number=paused.number, act=Act.ADD), to_ms(later))
    assert isinstance(applied, Applied)
    assert applied.state.due == applied.state.answer_by == paused.answer_by + (later - NOW) // timedelta(milliseconds=1)


def test_a_wait_of_seconds_leaves_the_end_of_work_where_it_is() -> None:
    paused = replace(opened(), status="paused", owner="li", paused=to_ms(NOW), due=to_ms(NOW + timedelta(days=7)))
    applied = apply_act(paused, ActOnCase(number=paused.number, act=Act.ADD), to_ms(NOW) + 59_999)
    assert isinstance(applied, Applied)
    assert applied.state.answer_by == paused.answer_by


def test_what_is_forbidden_changes_nothing() -> None:
    assert isinstance(apply_act(opened(), ActOnCase(number="HY", act=Act.RESUME), 0), Refused)


# -- the drawing -------------------------------------------------------------------------------
def test_the_readme_shows_the_table_as_it_is() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    _, _, shown = readme.partition("<!-- hongyan cases draw -->\n```mermaid\n")
    assert shown.partition("\n```\n<!-- drawn -->")[0] == drawn()


def test_every_status_and_every_act_has_its_name() -> None:
    assert set(STATUSES) == set(Status)
    assert set(ACTS) == set(Act)
