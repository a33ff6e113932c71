"""What fires of a case's clock, when, and whom it tells: by the rules, without a store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.desk.cases import BY_CLOCK, OPEN, Act, Grade, Status
from dialogs.desk.clocks import Clock, Clocks, Firing, Stage, fired
from dialogs.desk.deadlines import before, promise
from dialogs.rules import RulesError, load, packaged, packaged_files
from dialogs.rules.limits import parse_limit
from tests.player import snapshots

CALENDAR = packaged().calendar
XINCHENG, TOWN, DISTRICT, CITY = "yushan-xincheng", "yushan", "gaoxin", "kunshan"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CALENDAR.zone).astimezone(UTC)


NOW = at("2026-11-23 10:00")  # a Monday


@cache
def clocks() -> Clocks:
    return Clocks(snapshots())


def clock(**changes: object) -> Clock:
    made = Clock(status=Status.ACCEPTED, grade=Grade.YELLOW, unit=XINCHENG, due=NOW + timedelta(hours=2), fired=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def life(start: Clock, most: int = 12) -> Iterator[tuple[str, str, str, str]]:
    """Everything that fires if nobody ever does anything: when, what, whom it tells."""
    for _ in range(most):
        firing = clocks().following(start)
        if firing is None:
            return
        yield f"{CALENDAR.local(firing.at):%m-%d %H:%M}", firing.act.value, firing.to, firing.post
        start = fired(start, firing, firing.at)


# -- how long before ---------------------------------------------------------------------------
BEFORE = """
    30 minutes      | 2026-11-23 12:00 | 2026-11-23 11:30  按钟表倒数
    4 hours         | 2026-10-02 02:00 | 2026-10-01 22:00  按钟表倒数，假期也走
    1 working hours | 2026-11-23 14:30 | 2026-11-23 13:30  下午一上班
    2 working hours | 2026-11-23 14:30 | 2026-11-23 11:00  隔着午休
    2 working hours | 2026-11-23 10:00 | 2026-11-20 16:30  隔周末
    2 working hours | 2026-10-08 09:30 | 2026-09-30 16:00  隔国庆
    1 working days  | 2026-11-27 17:30 | 2026-11-26 09:00  前一个工作日一上班
    1 working days  | 2026-11-23 17:30 | 2026-11-20 09:00  周一到期，周五提醒
    1 working days  | 2026-10-10 17:30 | 2026-10-09 09:00  调休的周六到期
    1 working days  | 2026-10-12 17:30 | 2026-10-10 09:00  周一到期，前一个工作日是调休的周六
    1 working days  | 2026-02-24 17:30 | 2026-02-14 09:00  春节后第一天到期，节前的周六提醒
    3 days          | 2026-12-08 17:30 | 2026-12-04 09:00  三天前是周六，提前到周五
    3 days          | 2026-11-27 17:30 | 2026-11-24 09:00
    3 days          | 2026-10-09 17:30 | 2026-09-30 09:00  三天前在国庆，提前到节前
"""  # fmt: skip


@pytest.mark.parametrize("line", BEFORE.strip().splitlines())
def test_so_much_before_a_limit_somebody_is_there_to_hear_it(line: str) -> None:
    limit, end, wanted = (part.strip() for part in line.split("|"))
    assert before(parse_limit(limit), at(end), CALENDAR) == at(wanted.split("  ")[0])


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)).map(lambda each: each.replace(tzinfo=UTC)),  # noqa: DTZ001
    st.integers(1, 40),
)
def test_working_hours_back_and_forth_are_the_same(start: datetime, hours: int) -> None:
    begins = promise("0 working hours", start, CALENDAR)
    end = promise(f"{hours} working hours", begins, CALENDAR)
    assert (
        promise(f"{hours} working hours", before(parse_limit(f"{hours} working hours"), end, CALENDAR), CALENDAR) == end
    )


# -- a life in which nobody does anything --------------------------------------------------------
def test_a_case_that_nobody_signs_for_climbs_to_the_top_and_says_so_once() -> None:
    assert list(life(clock())) == [
        ("11-23 11:00", "remind", XINCHENG, ""),
        ("11-23 12:00", "overdue", XINCHENG, "supervisor"),
        ("11-24 17:30", "climb", TOWN, "supervisor"),
        ("11-26 17:30", "climb", DISTRICT, "supervisor"),
        ("12-01 17:30", "climb", CITY, "head"),
        ("12-04 17:30", "top", CITY, "head"),
    ]


def test_a_red_case_climbs_within_the_hour_whatever_day_it_is() -> None:
    sunday = at("2026-11-22 03:00")
    red = clock(grade=Grade.RED, status=Status.WORKING, owner="张敏", due=sunday + timedelta(hours=2), fired=sunday)
    assert list(life(red)) == [
        ("11-22 04:30", "remind", "张敏", ""),
        ("11-22 05:00", "overdue", "张敏", "supervisor"),
        ("11-22 05:15", "climb", TOWN, "supervisor"),
        ("11-22 05:45", "climb", DISTRICT, "head"),
        ("11-22 06:45", "climb", CITY, "head"),
        ("11-22 07:45", "top", CITY, "head"),
    ]


@pytest.mark.parametrize(
    ("grade", "due", "reminded"),
    [
        (Grade.RED, "2026-11-23 12:00", "11-23 11:30"),
        (Grade.ORANGE, "2026-11-24 10:00", "11-24 06:00"),
        (Grade.YELLOW, "2026-11-30 17:30", "11-27 09:00"),
        (Grade.BLUE, "2026-12-08 17:30", "12-04 09:00"),
    ],
)
def test_every_grade_is_reminded_so_long_before_its_answer(grade: Grade, due: str, reminded: str) -> None:
    held = clock(grade=grade, status=Status.WORKING, owner="张敏", due=at(due))
    assert next(life(held)) == (reminded, "remind", "张敏", "")


@pytest.mark.parametrize("status", [Status.RETURNED, Status.RAISED])
def test_what_the_level_above_owes_climbs_from_there(status: Status) -> None:
    waits = clock(status=status, owner="张敏", above=TOWN, due=at("2026-11-24 17:30"))
    found = list(life(waits))
    assert found[:3] == [
        ("11-24 15:30", "remind", TOWN, ""),
        ("11-24 17:30", "overdue", TOWN, "supervisor"),
        ("11-25 17:30", "climb", DISTRICT, "supervisor"),
    ]
    assert found[-1][1:3] == ("top", CITY)


def test_who_waits_for_the_member_goes_on_and_who_has_an_answer_is_filed() -> None:
    until = at("2026-11-30 17:30")
    assert list(life(clock(status=Status.PAUSED, owner="张敏", due=until), most=1)) == [
        ("11-30 17:30", "resume", "", "")
    ]
    answered = clock(status=Status.ANSWERED, owner="张敏")
    assert next(life(answered))[:2] == ("12-08 17:30", "close")
    assert next(life(replace(answered, rated=True)))[:2] == ("11-26 17:30", "close")
    assert [*life(clock(status=Status.CLOSED)), *life(clock(status=Status.WITHDRAWN))] == []


def test_a_third_request_for_more_alarms_the_level_above_once() -> None:
    asked = clock(status=Status.PAUSED, owner="张敏", due=at("2026-11-30 17:30"), contacts=2)
    assert clocks().following(asked) == Firing(at=asked.due, act=Act.RESUME)
    once_more = replace(asked, contacts=3)
    look = clocks().look(once_more, NOW)
    assert look.firing == Firing(at=NOW, act=Act.ALARM, to=TOWN, post="supervisor")
    assert look.again == asked.due
    assert clocks().look(replace(look.clock, contacts=4), NOW).firing is None


def test_a_case_of_the_top_says_there_that_nothing_is_above() -> None:
    held = clock(unit=CITY, status=Status.WORKING, owner="张敏", stage=Stage.OVERDUE, due=NOW)
    assert list(life(held)) == [("11-24 17:30", "top", CITY, "supervisor")]


def test_a_petition_has_its_own_clock() -> None:
    mine = clock(category="party.petition", status=Status.WORKING, owner="张敏", due=at("2026-12-31 17:30"))
    assert list(life(mine, most=3)) == [
        ("12-24 09:00", "remind", "张敏", ""),
        ("12-31 17:30", "overdue", "张敏", "supervisor"),
        ("01-01 17:30", "climb", TOWN, "supervisor"),
    ]


# -- looked at late ------------------------------------------------------------------------------
def test_after_a_week_without_service_one_thing_fires_and_the_next_takes_its_time() -> None:
    week = NOW + timedelta(days=7)
    look = clocks().look(clock(), week)
    assert look.firing is not None
    assert (look.firing.act, look.again) == (Act.OVERDUE, at("2026-12-01 17:30"))
    again = clocks().look(look.clock, week)
    assert (again.firing, again.again) == (None, look.again)


def test_a_limit_that_begins_after_its_reminder_is_not_reminded_of() -> None:
    assert next(life(clock(fired=at("2026-11-23 11:30"))))[1] == "overdue"


def test_a_unit_is_reminded_by_its_own_hours() -> None:
    """新城 of this test works on Saturday mornings: two hours before ten on Monday are on Saturday."""
    weeks = {XINCHENG: (*CALENDAR.week[:5], CALENDAR.week[0][:1], ())}
    known = snapshots()
    calendar = replace(CALENDAR, units=weeks)
    here = Clocks(replace(known, rules=replace(known.rules, calendar=calendar)))
    waits = clock(
        status=Status.RAISED, above=XINCHENG, unit=XINCHENG, due=at("2026-11-23 10:00"), fired=at("2026-11-18 10:00")
    )
    first = here.following(waits)
    assert first is not None
    assert first.at == at("2026-11-21 11:00")
    assert clocks().following(waits) == Firing(at=at("2026-11-20 16:30"), act=Act.REMIND, to=XINCHENG)


# -- promises ------------------------------------------------------------------------------------
MOMENTS = st.integers(-400, 400).map(lambda hours: NOW + timedelta(hours=hours))
CLOCKS = st.builds(
    Clock,
    status=st.sampled_from(Status),
    grade=st.sampled_from(Grade),
    unit=st.sampled_from([XINCHENG, TOWN, CITY, "nowhere"]),
    due=MOMENTS,
    fired=MOMENTS,
    owner=st.sampled_from(["", "张敏"]),
    above=st.sampled_from(["", TOWN, CITY, "nowhere"]),
    rated=st.booleans(),
    stage=st.sampled_from(Stage),
    climbed=st.sampled_from(["", TOWN, CITY, "lujia"]),
    contacts=st.integers(0, 4),
    alarmed=st.booleans(),
)


@given(CLOCKS, MOMENTS)
def test_whoever_waits_on_staff_has_a_next_moment_or_somebody_at_the_top(start: Clock, now: datetime) -> None:
    look = clocks().look(start, now)
    if start.status in OPEN - {Status.MERGED}:
        assert look.again is not None or (look.clock.stage is Stage.TOP and look.clock.status != Status.PAUSED)
    assert look.again is None or look.again > now or look.firing is not None
    if look.firing is not None and look.firing.act in BY_CLOCK:
        assert look.firing.to, "somebody is told"


@given(CLOCKS, MOMENTS)
def test_looking_twice_fires_once(start: Clock, now: datetime) -> None:
    first = clocks().look(start, now)
    if first.firing is None or first.firing.act not in BY_CLOCK:
        return
    second = clocks().look(first.clock, now)
    assert second.firing is None or second.firing.act is not first.firing.act


@given(CLOCKS)
def test_every_clock_comes_to_rest(start: Clock) -> None:
    assert len(list(life(start, most=20))) < 20 or start.status in {Status.PAUSED, Status.ANSWERED}


# -- the rules -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("overdue: supervisor", "overdue: boss", "posts.yaml 里没有岗位 boss"),
        ("{after: 15 minutes, tell: supervisor}", "{after: 15 minutes, tell: boss}", "posts.yaml 里没有岗位 boss"),
        ("{after: 15 minutes, tell: supervisor}", "{after: soon, tell: supervisor}", "应写作"),
        ("sign: 2 minutes", "sign: now", "应写作"),
        ("  blue:", "  bleu:", "bleu"),
    ],
)
def test_a_slip_in_the_clocks_is_named_by_line(text: str, wrong: str, says: str) -> None:
    files = dict(packaged_files())
    assert text in files["clocks.yaml"]
    files["clocks.yaml"] = files["clocks.yaml"].replace(text, wrong, 1)
    with pytest.raises(RulesError) as found:
        load(files.items())
    assert "clocks.yaml:" in str(found.value)
    assert says in str(found.value)
