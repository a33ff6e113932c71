"""Who is on duty, and who of them is proposed."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from dialogs.desk.cases import Grade
from dialogs.desk.duty import Able, Hands, Proposed, Roster, Shift, proposed

DAY, NIGHT = (time(9), time(17, 30)), (time(17, 30), time(9))


def shift(person: str, days: str, span: tuple[time, time]) -> Shift:
    return Shift(person=person, days=days, start=span[0], end=span[1])


WEEK = Roster(
    unit="xincheng",
    version=1,
    shifts=(
        shift("张敏", "12345", DAY),
        shift("刘伟", "15", DAY),
        shift("王强", "1234567", NIGHT),
        shift("陈静", "2026-11-25", DAY),
    ),
)


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        ("2026-11-23T10:00", ("刘伟", "张敏")),  # Monday
        ("2026-11-24T10:00", ("张敏",)),
        ("2026-11-24T08:59", ("王强",)),  # since the evening before
        ("2026-11-24T17:29", ("张敏",)),
        ("2026-11-24T17:30", ("王强",)),
        ("2026-11-28T12:00", ()),  # Saturday: nobody but at night
        ("2026-11-28T02:00", ("王强",)),
        ("2026-11-25T10:00", ("陈静",)),  # a date of its own
        ("2026-11-25T20:00", ()),  # and of the whole of it
        ("2026-11-26T03:00", ()),
        ("2026-11-26T18:00", ("王强",)),
    ],
)
def test_who_is_on_duty(moment: str, names: tuple[str, ...]) -> None:
    assert WEEK.on_duty(datetime.fromisoformat(moment)) == names


ZHANG, LIU, TOWN = Able(name="张敏", unit="here"), Able(name="刘伟", unit="here"), Able(name="赵丽", unit="town")


def chosen(
    *able: Able, duty: dict[str, tuple[str, ...]], hands: dict[str, Hands], grade: Grade = Grade.YELLOW
) -> Proposed | None:
    return proposed(able, duty, hands, path=("here", "town"), grade=grade)


def test_of_those_on_duty_the_least_loaded_one_is_proposed() -> None:
    hands = {"张敏": Hands(held=3, load=6), "刘伟": Hands(held=2, load=7)}
    got = chosen(ZHANG, LIU, duty={"here": ("张敏", "刘伟")}, hands=hands)
    assert got == Proposed(name="张敏", why="今天值班，手上 3 件，最空")
    assert chosen(ZHANG, LIU, duty={"here": ("刘伟",)}, hands=hands) == Proposed(name="刘伟", why="今天值班，手上 2 件")


def test_where_nobody_is_on_duty_it_is_somebody_of_the_unit() -> None:
    hands = {"张敏": Hands(held=3, load=6)}
    got = chosen(ZHANG, LIU, TOWN, duty={"town": ("赵丽",)}, hands=hands)
    assert got == Proposed(name="刘伟", why="在本单位，手上 0 件，最空")
    assert chosen(TOWN, duty={}, hands={}) is None, "nobody: it stays as it is"


def test_what_is_red_goes_to_who_is_on_duty_even_if_that_is_above() -> None:
    got = chosen(ZHANG, LIU, TOWN, duty={"town": ("赵丽",)}, hands={}, grade=Grade.RED)
    assert got == Proposed(name="赵丽", why="上级今天值班，手上 0 件")


def test_who_stands_in_is_proposed_for_who_is_on_duty_and_away() -> None:
    got = chosen(Able(name="刘伟", unit="here", stands_for="张敏"), LIU, duty={"here": ("张敏",)}, hands={})
    assert got == Proposed(name="刘伟", why="代张敏，今天值班，手上 0 件")
