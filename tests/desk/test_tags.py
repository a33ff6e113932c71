"""Tags: given on the case's page, offered again, found by, told in the time-line; never on what is confidential."""

from __future__ import annotations

import re

import pytest

from dialogs.desk.cases import Act, Refused
from dialogs.desk.tags import changed, reversed_tags, wished_tags
from dialogs.desk.wishes import Actor, Wish, decide
from dialogs.rules.shapes import TagRules
from tests.desk.conftest import NewClerk
from tests.desk.test_more import moves
from tests.desk.test_queue import numbers
from tests.desk.world import FLAT, LAMP, World

RULES = TagRules(most=3, longest=6)


@pytest.mark.parametrize(
    ("has", "wished", "shall"),
    [
        ("", "路灯、夜间, #老人", " 路灯 夜间 老人 "),
        (" 路灯 ", "+夜间", " 路灯 夜间 "),
        (" 路灯 夜间 ", "-路灯", " 夜间 "),
        (" 路灯 ", "+夜间 -路灯", " 夜间 "),
        (" 路灯 ", "夜间 夜间", " 夜间 "),
        (" 路灯 ", "", ""),
        ("", "一二三四五六七", "tag too long"),
        ("", "一 二 三 四", "too many tags"),
        ("", "路灯 -夜间", "tag too long"),
        ("", "+", "tag too long"),
    ],
)
def test_what_is_typed_becomes_tags(has: str, wished: str, shall: str) -> None:
    got = wished_tags(has, wished, RULES)
    assert (got.reason if isinstance(got, Refused) else got) == shall


def test_a_change_done_the_other_way_round_is_undone() -> None:
    assert changed(" 路灯 旧 ", " 路灯 夜间 ") == "+夜间 -旧"
    assert set(str(wished_tags(" 路灯 夜间 ", reversed_tags("+夜间 -旧"), RULES)).split()) == {"路灯", "旧"}


async def test_a_tag_is_given_offered_found_by_and_told(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.act(LAMP, "tag", to="路灯 夜间巡查")
    assert "标签记下了" in page
    assert re.findall(r'class="tag-word">([^<]+)<', page[page.index('id="case-head"') :]) == ["路灯", "夜间巡查"]
    assert moves(page)[-1].endswith("张敏加标签 路灯、夜间巡查")
    _, page = await min_.act(LAMP, "tag", to="夜间巡查")
    assert moves(page)[-1].endswith("张敏去掉标签 路灯")
    _, page = await min_.see(f"/desk/case/{FLAT}")
    assert '<option value="夜间巡查">' in page
    _, page = await min_.see("/desk/queue/unit?tag=夜间巡查")
    assert numbers(page) == [LAMP]
    assert "标签 夜间巡查" in page
    _, page = await min_.see("/desk/queue/unit?tag=夜间")
    assert numbers(page) == []
    status, page = await min_.act(LAMP, "tag", to="13812345678")
    assert status == 422
    assert "没有记下" in page


async def test_what_is_confidential_bears_no_tag(world: World) -> None:
    secret = "HY-261122-0001-7"
    await world.open_case(secret, user="q", title="谈心谈话", confidential=True)
    found = await world.database.cases.find(secret)
    assert found is not None
    wish = Wish(act=Act.TAG, version=found.version, to="路灯")
    head = Actor(name="王站长", post="head", unit="yushan")
    assert decide(wish, found.standing, head, world.clock.at, world.snapshots) == Refused("confidential")
