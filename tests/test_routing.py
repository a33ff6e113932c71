"""Where a matter goes: by the dispatch directory, the nearest entry first, and why in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dialogs.desk.directory import Directory, Entry
from dialogs.desk.routing import Routed, route
from dialogs.rules import RulesError, load, packaged_files
from tests.player import snapshots

SINCE = date(2026, 11, 1)


def routed(category: str, spot: str, *entries: Entry) -> Routed:
    known = snapshots()
    rules = replace(known.rules, directory=Directory(version=3, since=SINCE, entries=entries))
    unit = known.units.get(spot)
    assert unit is not None
    return route(category, unit, known.units, rules)


def test_a_lamp_goes_to_the_unit_of_the_directory_and_says_why() -> None:
    found = routed("roads.lamp", "yushan-xincheng", Entry(category="roads.lamp", to="gaoxin", helpers=("community",)))
    assert found.unit.id == "gaoxin"
    assert [unit.id for unit in found.helpers] == ["yushan-xincheng"]
    assert found.why == "路灯归昆山高新区（派单目录 第 3 版），地点在新城社区"


def test_what_no_entry_is_for_stays_where_it_is() -> None:
    found = routed("roads.lamp", "yushan-xincheng", Entry(category="roads.bus", to="city"))
    assert (found.unit.id, found.version) == ("yushan-xincheng", 3)
    assert found.why == "派单目录 第 3 版没有写这一类，按地点归新城社区"
    assert routed("", "yushan-xincheng").why == "按地点归新城社区"


@pytest.mark.parametrize(
    ("category", "spot", "unit"),
    [
        ("roads.lamp", "yushan-xincheng", "yushan"),  # this category, this town
        ("roads.lamp", "lujia-hefeng", "huaqiao"),  # this category anywhere
        ("roads.bus", "yushan-xincheng", "gaoxin"),  # the first level, this town
        ("roads.bus", "lujia-hefeng", "kunshan"),  # whatever it is
        ("", "lujia-hefeng", "kunshan"),
        ("roads.lamp", "yushan-beimen", "yushan-beimen"),  # the very community
    ],
)
def test_the_category_counts_first_then_the_nearest_place(category: str, spot: str, unit: str) -> None:
    entries = (
        Entry(to="city"),
        Entry(category="roads", place="yushan", to="gaoxin"),
        Entry(category="roads.lamp", to="huaqiao"),
        Entry(category="roads.lamp", place="yushan", to="yushan"),
        Entry(category="roads.lamp", place="yushan-beimen", to="community"),
    )
    assert routed(category, spot, *entries).unit.id == unit


def test_a_level_is_the_unit_above_the_place_or_the_nearest_there_is() -> None:
    assert routed("roads.lamp", "yushan-xincheng-g1", Entry(to="town")).unit.id == "yushan"
    assert routed("roads.lamp", "kunshan", Entry(to="community")).unit.id == "kunshan"


def test_a_unit_that_is_no_more_is_passed_over() -> None:
    entries = (Entry(category="roads.lamp", to="lamps-of-old"), Entry(category="roads", to="town"))
    assert routed("roads.lamp", "yushan-xincheng", *entries).unit.id == "yushan"


def test_a_slip_in_the_packaged_directory_is_named_by_its_line() -> None:
    files = dict(packaged_files())
    text = files["directory.yaml"].replace("roads.bus, to: city", "roads.bus, to: nowhere, post: king")
    text = text.replace("category: market,", "category: maket,")
    with pytest.raises(RulesError) as caught:
        load({**files, "directory.yaml": text}.items())
    line = next(n for n, words in enumerate(text.splitlines(), 1) if "king" in words)
    told = str(caught.value)
    assert f"directory.yaml:{line}" in told
    assert "town.yaml 里没有单位 nowhere" in told
    assert "posts.yaml 里没有岗位 king" in told
    assert "categories.yaml 里没有类别 maket" in told
