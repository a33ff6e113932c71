"""What the words of a matter already say is not asked again; what they only seem to say is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from dialogs.effects import OpenCase
from dialogs.fields.heard import since
from dialogs.places import named
from tests.player import Player, snapshots
from tests.transcript import ZONE

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "place", "unit"),
    [
        ("新城花园三号楼路灯坏了", "新城花园三号楼", "yushan-xincheng"),
        ("新城花园三号楼门口的路灯坏了", "新城花园三号楼门口", "yushan-xincheng"),
        ("我们新城花园路灯坏了好几天了", "新城花园", "yushan-xincheng"),
        ("您好，我家住在新城花园5幢，下水道堵了三天", "新城花园5幢", "yushan-xincheng"),
        ("路灯坏了，新城花园三号楼", "新城花园三号楼", "yushan-xincheng"),
        ("停水两天了 同心佳苑", "同心佳苑", None),
        ("中华园停电了", "中华园", None),
        ("新城花園三號樓路燈壞了", "新城花園三號樓", "yushan-xincheng"),
    ],
)
def test_a_place_that_was_said_is_taken(words: str, place: str, unit: str | None) -> None:
    found = named(words, snapshots().units, snapshots().rules)
    assert found is not None
    assert found[0] == place
    assert unit in {None, found[1].id}


@pytest.mark.parametrize(
    "words",
    [
        "我们小区三号楼门口路灯坏了",
        "路灯坏了",
        "新城社区路灯坏了",
        "新城花园路积水了",
        "新城花园小学门口没有红绿灯",
        "新城花园对面的工地半夜打桩",
        "新城花园三号楼旁边的饭店油烟太大",
        "东新城花园路灯坏了",
        "我不住新城花园，这边路灯坏了",
        "从新城花园到地铁站的公交太少",
        "新城花园和同心佳苑都停水了",
        "我妈住新城花园，我这里停电了",
        "新城花园有限公司拖欠工资",
        "姜里停水了",
        "",
    ],
)
def test_a_place_that_is_not_sure_is_asked(words: str) -> None:
    assert named(words, snapshots().units, snapshots().rules) is None


@pytest.mark.parametrize(
    "words", ["下水道堵了三天", "停水两天了", "昨天晚上开始没电", "电梯坏了一个星期", "路灯黑了半个月，没人管"]
)
def test_since_when_is_heard(words: str) -> None:
    assert since(words)


@pytest.mark.parametrize(
    "words", ["我请了三天假，路灯坏了", "我在这里住了三年", "交了三个月物业费，电梯坏了", "学校停了三天课"]
)
def test_how_long_something_else_took_is_not_since_when(words: str) -> None:
    assert not since(words)


@pytest.mark.parametrize("words", ["不晓得", "不知道啊", "我们小区", "没有", "12"])
def test_words_that_name_no_place_are_none(words: str) -> None:
    player = Player(now=NOW)
    player.say("路灯坏了好几天了")
    player.say("对")
    assert "哪个小区" in player.say(words)


def test_the_words_of_the_centre_decide_and_not_those_that_came_with_the_program() -> None:
    rules = snapshots().rules
    everyday = rules.everyday
    own = replace(everyday.places, building=(*everyday.places.building, "号院"))
    fillers = replace(everyday.fillers, lead=("麻烦侬", *everyday.fillers.lead))
    rules = replace(rules, everyday=replace(everyday, places=own, fillers=fillers))
    player = Player(now=NOW, snapshots=replace(snapshots(), rules=rules))
    assert "：新城花园3号院路灯坏了三天了。对吗" in player.say("麻烦侬，新城花园3号院路灯坏了三天了")
    assert "地点记为新城花园3号院，" in player.say("对")
    for words in ("返回", "新城花园", "没有", "1"):
        player.say(words)
    (opened,) = [effect for effect in player.effects if isinstance(effect, OpenCase)]
    assert opened.place == "新城花园3号院"


def test_what_was_said_is_opened_with_the_case() -> None:
    player = Player(now=NOW)
    player.say("新城花园三号楼下水道堵了三天")
    player.say("对")
    player.say("没有")
    player.say("1")
    (opened,) = [effect for effect in player.effects if isinstance(effect, OpenCase)]
    assert (opened.place, opened.unit) == ("新城花园三号楼", "yushan-xincheng")
    assert [each.shown for each in opened.filled if each.key == "place"] == ["新城花园三号楼"]
