"""The tree: found by code, by name as members say it, by place; and what is no tree is refused."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.rules import packaged
from dialogs.units import Unit, Units, UnitsError

TOWN = Units(packaged().town, packaged().centre.reach_metres)


def said(words: str) -> list[str]:
    return [unit.full_name for unit in TOWN.by_name(words)]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("新城社区", "玉山镇新城社区"),
        ("玉山镇新城社区", "玉山镇新城社区"),
        ("玉山鎮新城社區", "玉山镇新城社区"),
        ("新城", "玉山镇新城社区"),
        ("新城花园", "玉山镇新城社区"),
        ("我住在新城花园三号楼", "玉山镇新城社区"),
        ("新城花園３號樓", "玉山镇新城社区"),
        ("就在北门新村那边", "玉山镇北门社区"),
        ("周市的同心村", "周市镇同心村"),
        ("昆山周市同心", "周市镇同心村"),
        ("玉山镇同心", "玉山镇同心社区"),
        ("中华园", "长江街道中园社区"),
        ("绿地二十一城", "花桥镇徐公桥社区"),
        ("新城社区第二网格", "玉山镇新城社区第二网格"),
    ],
)
def test_a_member_names_a_place(words: str, meant: str) -> None:
    assert said(words) == [meant]


def test_an_ambiguous_name_gives_all_that_it_may_mean() -> None:
    assert said("同心") == ["玉山镇同心社区", "周市镇同心村"]


def test_a_town_also_means_its_communities() -> None:
    assert said("花桥") == ["昆山市花桥经济开发区", "花桥镇集善社区", "花桥镇徐公桥社区"]
    assert [unit.name for unit in TOWN.by_name("我在花桥", "community")] == ["集善社区", "徐公桥社区"]
    assert said("昆山") == ["昆山市"]


def test_with_a_level_what_is_below_is_lifted() -> None:
    assert [unit.id for unit in TOWN.by_name("新城社区第一网格", "community")] == ["yushan-xincheng"]


@pytest.mark.parametrize("words", ["", " ", "不知道", "我家", "在", "1", "xyz", "😀", "阜南县李庄"])
def test_words_that_name_no_place_here(words: str) -> None:
    assert said(words) == []


@given(st.text(max_size=40))
def test_any_words_can_be_looked_up(words: str) -> None:
    found = TOWN.by_name(words)
    assert len(found) == len(set(found))


def test_a_scanned_code_is_a_unit() -> None:
    unit = TOWN.by_scene("qrscene_ks-111")
    assert unit is not None
    assert unit == TOWN.by_scene("ks-111") == TOWN.get("yushan-xincheng")
    assert unit.scene == "ks-111"
    assert TOWN.by_scene("") is TOWN.by_scene("ks-9") is TOWN.get("") is None


def test_the_tree_up_and_down() -> None:
    assert [unit.name for unit in TOWN.path("yushan-xincheng-g1")] == [
        "昆山市", "昆山高新区", "玉山镇", "新城社区", "新城社区第一网格",
    ]  # fmt: skip
    assert TOWN.root.name == "昆山市"
    assert TOWN.subtree("kunshan") == {unit.id for unit in TOWN}
    assert TOWN.subtree("yushan-xincheng") == {"yushan-xincheng", "yushan-xincheng-g1", "yushan-xincheng-g2"}
    assert TOWN.subtree("nowhere") == frozenset()
    assert TOWN.path("nowhere") == ()
    assert [unit.id for unit in TOWN.children("gaoxin")] == ["yushan"]
    above = TOWN.above("yushan-xincheng-g1", "town")
    assert above is not None
    assert above.id == "yushan"


def test_the_nearest_community_within_reach() -> None:
    found = TOWN.nearest(31.3985, 120.9470)
    assert found is not None
    assert found[0].id == "yushan-xincheng"
    assert 10 <= found[1] <= 40
    assert TOWN.nearest(39.9, 116.4) is None
    far = TOWN.nearest(39.9, 116.4, within=2_000_000)
    assert far is not None
    assert 1_000_000 < far[1] < 1_100_000


@given(st.floats(31.2, 31.5), st.floats(120.8, 121.2))
def test_no_other_community_is_nearer(latitude: float, longitude: float) -> None:
    found = TOWN.nearest(latitude, longitude, within=100_000)
    assert found is not None
    unit, metres = found
    for other in TOWN:
        if other.level == "community" and other != unit:
            assert other.latitude is not None
            assert other.longitude is not None
            north = (other.latitude - latitude) * 111_195
            east = (other.longitude - longitude) * 111_195 * cos(radians(latitude))
            assert (north**2 + east**2) ** 0.5 >= metres * 0.995 - 1


def test_who_will_do_it_as_members_hear_it() -> None:
    unit, posts = TOWN.get("yushan-xincheng"), packaged().posts
    assert unit is not None
    assert unit.holder(posts["party_affairs"]) == "新城社区党委的党务专干"
    assert unit.holder(posts["livelihood"]) == "新城社区民生岗"


def node(unit: str, parent: str = "", scenes: tuple[str, ...] = ()) -> Unit:
    return Unit(id=unit, name=unit, full_name=unit, level="community", parent=parent, scenes=scenes)


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ([node("a"), node("a")], "单位 a 写了两次"),
        ([node("a"), node("b", "c")], "上级 c 不存在"),
        ([node("a"), node("b", "c"), node("c", "b")], "绕回了自己的下级"),
        ([node("a", "a")], "没有最上面的单位"),
        ([node("a", scenes=("1",)), node("b", "a", ("1",))], "场景值 1 已经属于另一个单位"),
        ([], "没有最上面的单位"),
        ([node("a"), replace(node("b", "a"), closed="2026-11-01"), node("c", "b")], "上级 b 已经停用"),
        ([replace(node("a"), closed="2026-11-01")], "没有最上面的单位"),
        ([node("a"), replace(node("b", "a"), closed="2026-11-01", into="c")], "上级 c 不存在"),
    ],
)
def test_what_is_no_tree_is_refused(units: list[Unit], said: str) -> None:
    with pytest.raises(UnitsError, match=said):
        Units(units)
