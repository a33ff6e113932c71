"""What staff wish: who may, from where, which clock starts; and the promises that hold whatever they do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.desk.cases import OPEN, TABLE, Act, Grade, Refused, Status
from dialogs.desk.wishes import Actor, Standing, Wish, decide
from dialogs.effects import ActOnCase, Moves
from dialogs.facts import Snapshots
from tests.player import snapshots

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning
XINCHENG, TOWN, CITY, BEIMEN = "yushan-xincheng", "yushan", "kunshan", "yushan-beimen"
LI = Actor(name="李新城", post="coordinator", unit=XINCHENG)
LIU = Actor(name="刘站长", post="head", unit=XINCHENG)
CHEN = Actor(name="陈督办", post="supervisor", unit=CITY)


@cache
def known() -> Snapshots:
    return snapshots()


def case(**changes: object) -> Standing:
    standing = Standing(
        number="HY-261123-0001-1",
        status=Status.ACCEPTED,
        grade=Grade.YELLOW,
        version=1,
        unit=XINCHENG,
        owner="",
        opened=NOW,
        sign_by=NOW + timedelta(hours=2),
        due=NOW + timedelta(hours=2),
        answer_by=NOW + timedelta(days=4),
    )
    return replace(standing, **changes)  # type: ignore[arg-type]


def held(**changes: object) -> Standing:
    return case(status=Status.WORKING, owner=LI.name, **changes)


def done(act: Act, who: Actor, standing: Standing, words: str = "因为要这样办", to: str = "") -> Moves | str:
    got = decide(Wish(act=act, version=standing.version, words=words, to=to), standing, who, NOW, known())
    if isinstance(got, Refused):
        return got.reason
    assert got.moves is not None
    return got.moves


# -- 派单 转办 --------------------------------------------------------------------------------
def test_a_case_that_is_sent_to_another_unit_waits_there_for_a_signature() -> None:
    moves = done(Act.DISPATCH, CHEN, case(), to=BEIMEN)
    assert isinstance(moves, Moves)
    assert (moves.unit, moves.owner, moves.sent_by) == (BEIMEN, "", CITY)
    assert moves.due == moves.sign_by == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # two working hours: at noon


def test_whoever_holds_a_case_may_pass_it_to_a_neighbour_and_no_further() -> None:
    assert isinstance(done(Act.TRANSFER, LI, held(), to=BEIMEN), Moves)
    assert done(Act.TRANSFER, LI, held(), to="lujia") == "too far"
    assert done(Act.TRANSFER, LI, held(), to=XINCHENG) == "here already"
    assert done(Act.TRANSFER, LI, held(), to="atlantis") == "no such unit"
    assert done(Act.TRANSFER, LIU, held(), to=BEIMEN) == "not the holder"


# -- 退单 -------------------------------------------------------------------------------------
def test_a_return_is_decided_by_who_sent_the_case_within_a_working_day_and_comes_once() -> None:
    moves = done(Act.RETURN, LI, case(sent_by=CITY))
    assert isinstance(moves, Moves)
    assert (moves.above, moves.returns) == (CITY, 1)
    assert moves.due == datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    assert done(Act.RETURN, LI, case(sent_by=CITY, returns=1)) == "returned before"
    assert done(Act.RETURN, LI, case(), words=" ") == "no words"
    assert done(Act.RETURN, replace(LI, unit=CITY), case(unit=CITY)) == "nobody above"


def test_the_unit_that_returned_a_case_does_not_decide_itself() -> None:
    returned = case(status=Status.RETURNED, above=CITY, returns=1)
    assert done(Act.TAKE_BACK, LIU, returned, to=BEIMEN) == "not for your unit"
    assert done(Act.SEND_BACK, LIU, returned) == "not for your unit"
    taken = done(Act.TAKE_BACK, CHEN, returned, to=BEIMEN)
    assert isinstance(taken, Moves)
    assert (taken.unit, taken.above) == (BEIMEN, "")
    kept = done(Act.SEND_BACK, CHEN, returned)
    assert isinstance(kept, Moves)
    assert (kept.unit, kept.above, kept.returns) == (None, "", None)


# -- 上报 -------------------------------------------------------------------------------------
def test_a_case_that_is_raised_waits_for_the_words_of_the_level_above() -> None:
    moves = done(Act.RAISE, LI, held())
    assert isinstance(moves, Moves)
    assert (moves.above, moves.owner) == (TOWN, None)
    raised = held(above=TOWN)
    raised = replace(raised, status=Status.RAISED)
    assert done(Act.DIRECT, CHEN, raised, words=" ") == "no words"
    assert done(Act.DIRECT, LIU, raised) == "not for your unit"
    directed = done(Act.DIRECT, CHEN, raised)
    assert isinstance(directed, Moves)
    assert (directed.above, directed.due) == ("", raised.answer_by)


# -- 延期 -------------------------------------------------------------------------------------
def test_more_time_is_asked_before_the_limit_and_given_once() -> None:
    assert done(Act.ASK_TIME, LI, held(), to="5") == Moves(asked=5)
    assert done(Act.ASK_TIME, LI, held(), to="6") == "no such time"
    assert done(Act.ASK_TIME, LI, held(), to="很久") == "no such time"
    assert done(Act.ASK_TIME, LI, held(answer_by=NOW), to="5") == "asked too late"
    assert done(Act.ASK_TIME, LI, held(extended=True), to="5") == "extended before"
    assert done(Act.GIVE_TIME, LI, held(asked=5)) == "give_time not yours"
    assert done(Act.GIVE_TIME, LIU, held()) == "nothing asked"
    given_time = done(Act.GIVE_TIME, LIU, held(asked=5, answer_by=datetime(2026, 11, 27, 9, 30, tzinfo=UTC)))
    assert isinstance(given_time, Moves)
    assert given_time.answer_by == given_time.due == datetime(2026, 12, 4, 9, 30, tzinfo=UTC)


# -- 挂起 改级 ---------------------------------------------------------------------------------
def test_a_case_waits_for_its_member_seven_days_at_most() -> None:
    assert done(Act.PAUSE, LI, held()) == Moves(paused=NOW, due=datetime(2026, 11, 30, 9, 30, tzinfo=UTC))


def test_another_grade_brings_its_own_limits_from_the_day_the_case_was_opened() -> None:
    moves = done(Act.REGRADE, LI, held(), to="orange")
    assert isinstance(moves, Moves)
    assert moves.answer_by == moves.due == NOW + timedelta(hours=24)
    assert done(Act.REGRADE, LI, held(), to="yellow") == "no such grade"
    assert done(Act.REGRADE, LI, held(), to="purple") == "no such grade"


@pytest.mark.parametrize(
    ("status", "began", "grade", "answer_by"),
    [
        # Opened again a week later: 24 hours of the new grade count from then, not from a week ago.
        (Status.WORKING, NOW, "orange", NOW + timedelta(hours=24)),
        # It waited three days for its member: they are not taken from it.
        (Status.WORKING, NOW - timedelta(hours=4), "orange", NOW + timedelta(hours=20)),
        # While it waits, too: what it waited is added when it goes on.
        (Status.PAUSED, NOW - timedelta(hours=4), "orange", NOW + timedelta(hours=20)),
    ],
)
def test_another_grade_counts_from_when_it_was_opened_again_less_what_it_waited(
    status: Status, began: datetime, grade: str, answer_by: datetime
) -> None:
    again = replace(held(opened=NOW - timedelta(days=7), began=began), status=status)
    moves = done(Act.REGRADE, CHEN, again, to=grade)
    assert isinstance(moves, Moves)
    assert moves.answer_by == answer_by


def test_a_graver_grade_is_not_late_at_once_and_gives_no_time_away() -> None:
    """Three days old and grave only now: a day from now on. Where less than that was left, that stays."""
    old = held(opened=NOW - timedelta(days=3), answer_by=NOW + timedelta(days=2))
    moves = done(Act.REGRADE, CHEN, old, to="orange")
    assert isinstance(moves, Moves)
    assert (moves.answer_by, moves.due) == (NOW + timedelta(hours=24), NOW + timedelta(hours=24))
    nearly = replace(old, answer_by=NOW + timedelta(hours=1))
    moves = done(Act.REGRADE, CHEN, nearly, to="orange")
    assert isinstance(moves, Moves)
    assert moves.answer_by == nearly.answer_by


# -- 信访件 -------------------------------------------------------------------------------------
def petition(**changes: object) -> Standing:
    """15 days to say whether it is accepted, 60 more from then: Tuesday 8 December, Monday 8 February 2027."""
    sign_by = datetime(2026, 12, 8, 9, 30, tzinfo=UTC)
    answer_by = datetime(2027, 2, 8, 9, 30, tzinfo=UTC)
    return replace(case(category="party.petition", sign_by=sign_by, due=sign_by, answer_by=answer_by), **changes)  # type: ignore[arg-type]


def test_the_sixty_days_of_a_petition_count_from_its_acceptance_and_never_end_later_than_was_said() -> None:
    moves = done(Act.CLAIM, LI, petition())
    assert isinstance(moves, Moves)
    assert moves.answer_by == moves.due == datetime(2027, 1, 22, 9, 30, tzinfo=UTC)  # a Friday, 60 days from today
    late = done(Act.CLAIM, LI, petition(answer_by=datetime(2027, 1, 20, 9, 30, tzinfo=UTC)))
    assert isinstance(late, Moves)
    assert late.answer_by == datetime(2027, 1, 20, 9, 30, tzinfo=UTC)


def test_a_petition_is_extended_by_thirty_days_of_the_calendar_at_most() -> None:
    mine = petition(status=Status.WORKING, owner=LI.name)
    assert done(Act.ASK_TIME, LI, mine, to="31") == "no such time"
    assert done(Act.ASK_TIME, LI, mine, to="30") == Moves(asked=30)
    moves = done(Act.GIVE_TIME, LIU, replace(mine, asked=30, answer_by=datetime(2027, 1, 22, 9, 30, tzinfo=UTC)))
    assert isinstance(moves, Moves)
    assert moves.answer_by == datetime(2027, 2, 22, 9, 30, tzinfo=UTC)  # 21 February is a Sunday


def test_no_grade_changes_what_a_law_gives_and_another_unit_has_its_fifteen_days() -> None:
    mine = petition(status=Status.WORKING, owner=LI.name)
    assert done(Act.REGRADE, LI, mine, to="red") == Moves(grade=Grade.RED)
    moves = done(Act.TRANSFER, LI, mine, to=BEIMEN)
    assert isinstance(moves, Moves)
    assert moves.sign_by == datetime(2026, 12, 8, 9, 30, tzinfo=UTC)


# -- promises ---------------------------------------------------------------------------------
ACTORS = [
    Actor(name=f"{post}@{unit}", post=post, unit=unit)
    for post in ("intake", "coordinator", "supervisor", "head", "grid", "volunteer", "admin", "ghost")
    for unit in (CITY, TOWN, XINCHENG, BEIMEN, "nowhere")
]
MOMENTS = st.integers(-10, 30).map(lambda days: NOW + timedelta(days=days))


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    status = draw(st.sampled_from(Status))
    owner = draw(st.sampled_from(ACTORS)).name if status is not Status.ACCEPTED else ""
    return case(
        status=status,
        owner=owner,
        unit=draw(st.sampled_from([CITY, TOWN, XINCHENG, BEIMEN, "nowhere"])),
        grade=draw(st.sampled_from(Grade)),
        answer_by=draw(MOMENTS),
        above=draw(st.sampled_from(["", CITY, TOWN])),
        sent_by=draw(st.sampled_from(["", CITY, TOWN])),
        returns=draw(st.integers(0, 2)),
        asked=draw(st.integers(0, 5)),
        extended=draw(st.booleans()),
    )


@given(
    standing=standings(),
    who=st.sampled_from(ACTORS),
    act=st.sampled_from(Act),
    to=st.text(max_size=3) | st.sampled_from([CITY, BEIMEN, "3", "red"]),
)
def test_no_act_outside_the_table_or_ones_rights_and_never_without_a_clock(
    standing: Standing, who: Actor, act: Act, to: str
) -> None:
    got = decide(Wish(act=act, version=1, words="因为", to=to), standing, who, NOW, known())
    if isinstance(got, Refused):
        return
    assert isinstance(got, ActOnCase)
    status = TABLE[standing.status, act]
    assert act in known().rules.may(who.post)
    moves = got.moves or Moves()
    unit = standing.unit if moves.unit is None else moves.unit
    assert moves.unit is None or known().units.get(unit) is not None
    if status in OPEN and status is not standing.status:
        assert moves.due is not None or act in {Act.ADD, Act.WRITE, Act.RESUME}  # the store lets the clock run on
    if act in {Act.DISPATCH, Act.TRANSFER, Act.TAKE_BACK}:
        assert moves.owner == ""
        assert moves.due == moves.sign_by
    if status is Status.WORKING and standing.status is Status.ACCEPTED:
        assert moves.owner == who.name


def test_every_path_ends() -> None:
    """From wherever a case stands, staff and member can bring it to its end."""
    ends = {Status.CLOSED, Status.WITHDRAWN}
    while more := {before for (before, _), status in TABLE.items() if status in ends} - ends:
        ends |= more
    assert ends == set(Status)


@pytest.mark.parametrize("status", sorted(OPEN))
def test_whatever_it_waits_for_a_member_may_withdraw_and_add_words(status: Status) -> None:
    assert TABLE[status, Act.WITHDRAW] is Status.WITHDRAWN
    assert TABLE[status, Act.ADD] in OPEN
