"""The categories at the desk: one of the centre's own, from its first words to its end; both hands at one; mistakes."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest

from bot.books import Bookshelf
from bot.snapshots import Shelf
from dialogs.classify import propose
from dialogs.effects import OpenCase
from dialogs.facts import Snapshots
from tests.desk.conftest import NewClerk
from tests.desk.world import Clerk, World, said
from tests.player import Player

PILE = "楼下电动车充电桩不通电好几天了"
OWN = {"under": "roads", "title": "电动车充电桩", "sure": "电动车充电桩、充电桩不通电", "grade": "orange"}


@pytest.fixture
async def admin(world: World, clerk: NewClerk) -> Clerk:
    await world.hire("赵管理", "kunshan", "admin")
    return await clerk("赵管理")


async def save(admin: Clerk, act: str = "save", **fields: str) -> tuple[int, str]:
    """Fill in the page of a category as it stands, changed in these."""
    about = {"key": fields["key"]} if "key" in fields else {"under": fields["under"]}
    _, page = await admin.see("/desk/categories?" + "&".join(f"{name}={value}" for name, value in about.items()))
    found = dict(re.findall(r'<input[^>]* name="(revision|title)" value="([^"]*)"', page))
    found |= {
        part: html.unescape(words) for part, words in re.findall(r'name="(\w+)" rows="\d">(.*?)</textarea>', page)
    }
    for name in ("grade", "post"):
        chosen = re.search(rf'<select[^>]* name="{name}">(.*?)</select>', page)
        picked = re.search(r'value="(\w+)" selected', chosen[1]) if chosen else None
        found[name] = picked[1] if picked else ""
    return await admin.send(f"/desk/categories/{act}", **{**found, **fields})


async def elsewhere(world: World) -> Snapshots:
    """What another process goes by, once word has reached it."""
    shelf = Shelf(world.snapshots)
    await Bookshelf(world.database.books, world.database.overrides, shelf, world.hot, now=world.clock).look()
    return shelf()


def member(known: Snapshots) -> Player:
    return Player(now=datetime(2026, 11, 23, 2, 0, tzinfo=UTC), snapshots=known)


def opened(player: Player) -> OpenCase:
    """Answer whatever is asked until the case is open."""
    for words in ("1", "新城花园三号楼", "没有", "不留"):
        player.say(words)
        if found := [effect for effect in player.effects if isinstance(effect, OpenCase)]:
            return found[0]
    raise AssertionError("no case came of it")


async def test_a_category_of_ones_own_from_its_words_to_its_end(world: World, admin: Clerk, clerk: NewClerk) -> None:
    status, page = await save(admin, **OWN)
    assert (status, "存好了" in page, "第 2 版" in page, "电动车充电桩" in page) == (200, True, True, True)
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)

    one = member(await elsewhere(world))
    assert "您反映的是「道路交通 · 电动车充电桩」" in one.say(PILE)
    case = opened(one)
    assert (case.category, case.title, case.grade.value, case.unit) == (
        key,
        "电动车充电桩",
        "orange",
        "yushan-xincheng",
    )
    await world.turn("sun", said(PILE), case)
    min_ = await clerk("张敏")
    _, page = await min_.see(f"/desk/case/{case.number}")
    assert "道路交通 · 电动车充电桩" in page

    status, page = await save(admin, key=key, title="充电设施")
    assert (status, "在办 1 件" in page, "第 3 版" in page) == (200, True, True)
    _, page = await min_.see(f"/desk/case/{case.number}")
    assert "充电设施" in page
    assert "电动车充电桩</h1>" not in page
    assert "道路交通 · 充电设施" in page
    _, page = await min_.see("/desk/queue/unit")
    assert "充电设施" in page
    assert "您反映的是「道路交通 · 充电设施」" in member(await elsewhere(world)).say(PILE)

    status, page = await save(admin, "close", key=key)
    assert (status, "停用了" in page, "在办 1 件" in page) == (200, True, True)
    known = await elsewhere(world)
    assert key not in {each.key for each in propose(PILE, known.rules)}
    two = member(known)
    asked = two.say(PILE)
    assert "充电设施" not in asked
    two.say("2")
    assert "充电设施" not in two.say("道路交通")
    _, page = await min_.see(f"/desk/case/{case.number}")
    assert "道路交通 · 充电设施" in page, "an old case keeps its name"
    _, page = await min_.see("/desk/intake")
    assert "充电设施" not in page
    _, page = await min_.see("/desk/filter/unit")
    assert "充电设施（已停用）" in page

    await save(admin, "open", key=key)
    assert "充电设施" in member(await elsewhere(world)).say(PILE)
    _, page = await admin.see("/desk/categories?history=1")
    for line in (
        "加了「道路交通·电动车充电桩」",
        "「电动车充电桩」改名「道路交通·充电设施」",
        "停用",
        "重新启用",
        "赵管理",
    ):
        assert line in page, line


async def test_who_was_being_asked_is_asked_anew_when_it_is_closed(world: World, admin: Clerk) -> None:
    one = member(await elsewhere(world))
    assert "路灯" in one.say("三号楼门口路灯坏了")
    await save(admin, "close", key="roads.lamp")
    one.snapshots = await elsewhere(world)
    assert "路灯」" not in one.say("1")
    assert not [effect for effect in one.effects if isinstance(effect, OpenCase)]


async def test_a_first_level_is_renamed_and_shows_where_it_leads(world: World, admin: Clerk) -> None:
    status, page = await save(admin, key="roads", title="出行")
    assert (status, "存好了" in page, "派到哪里" in page, "所在社区村" in page) == (200, True, True, True)
    known = await elsewhere(world)
    lamp = known.rules.categories.get("roads.lamp")
    assert lamp is not None
    assert lamp.shown == "出行 · 路灯"


async def test_who_comes_too_late_sees_both_and_loses_nothing(world: World, admin: Clerk) -> None:
    _, page = await admin.see("/desk/categories?key=roads.lamp")
    (seen,) = re.findall(r'name="revision" value="(\d+)"', page)
    await save(admin, key="roads.lamp", title="照明")
    status, page = await save(admin, key="roads.lamp", title="灯", sure="路灯 街灯", revision=seen)
    assert (status, "别人改了诉求类别" in page) == (409, True)
    assert 'value="灯"' in page
    assert "<b>名称</b> 照明" in page
    assert ">路灯 街灯</textarea>" in page
    book = await world.database.books.latest("categories")
    assert book is not None
    assert book.version == 2


async def test_a_form_sent_twice_is_one_version(world: World, admin: Clerk) -> None:
    for act, fields in (("save", OWN), ("close", {"key": "roads.own_1"})):
        _, page = await admin.see("/desk/categories?under=roads")
        (seen,) = re.findall(r'name="revision" value="(\d+)"', page)
        for _ in range(2):
            status, page = await save(admin, act, **{**fields, "revision": seen})
            assert (status, 'role="status"' in page) == (200, True)
    book = await world.database.books.latest("categories")
    assert book is not None
    assert book.version == 3


async def test_every_mistake_is_named_and_what_was_typed_stays(world: World, admin: Clerk) -> None:
    status, page = await save(admin, under="roads", title="路灯", sure="灯 <没有的>+坏", words="灯+", grade="pink")
    assert status == 422
    for words in ("已经有「路灯」了", "「灯」只有一个字", "「+」两边都要有词", "没有这个等级"):
        assert words in html.unescape(page), words
    assert "灯 <没有的>+坏" in html.unescape(page)
    status, page = await save(admin, under="roads", title="没有词的")
    assert (status, "至少写一个会员会说的词" in page) == (422, True)
    assert await world.database.books.latest("categories") is None


async def test_the_page_is_for_who_keeps_the_directory(clerk: NewClerk, admin: Clerk) -> None:
    _, page = await admin.see("/desk/directory")
    assert 'href="/desk/categories"' in page
    for name in ("张敏", "王站长"):
        other = await clerk(name)
        assert (await other.see("/desk/categories"))[0] == 404
        await other.see("/desk/")
        assert (await other.send("/desk/categories/close", key="roads.lamp", revision="1"))[0] == 404
    assert (await admin.see("/desk/categories?key=no.such"))[0] == 404
