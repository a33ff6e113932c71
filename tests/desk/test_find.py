"""The find box and narrowed lists, as a clerk meets them; what must not be known stays unknown, in addresses too."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from dialogs.desk.cases import Act, Grade
from dialogs.effects import ActOnCase
from storage.engines import Database
from tests.desk.conftest import NewClerk
from tests.desk.test_queue import numbers
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World


async def indexed(database: Database, world: World) -> None:
    while behind := await database.case_words.claim("w", world.clock.at, timedelta(minutes=1), 16):
        await database.case_words.bring_up(behind)


async def look(clerk: Clerk, words: str) -> tuple[str, str]:
    """Type into the box. Gives the address where that led, and the page."""
    await clerk.see("/desk/queue/mine")
    response = await clerk.client.post("/desk/find", data={"csrf": clerk.csrf, "q": words})
    return str(response.url.relative()), await response.text()


def whys(page: str) -> list[str]:
    found = re.findall(r'class="gist why">(<span class="where">.*?</span>.*?)</span>', page)
    return [
        html.unescape(re.sub(r"\s+", " ", re.sub(r"</?mark>", "|", re.sub(r"</?span[^>]*>", "", each))))
        for each in found
    ]


def chips(page: str) -> dict[str, str]:
    found = re.findall(r'class="chip" href="([^"]+)">([^<]+)<', page)
    return {words: html.unescape(href) for href, words in found}


async def test_each_kind_of_thing_is_found_and_says_why(world: World, clerk: NewClerk) -> None:
    note = ActOnCase(number=FLAT, act=Act.NOTE, by="李娟", words="<b>灯杆</b> X-0312 & 电箱")
    await world.database.cases.act(note, staff=None, now=world.clock.at)
    await indexed(world.database, world)
    min_ = await clerk("张敏")
    assert (await look(min_, "hy 261121 0412 6"))[0] == f"/desk/case/{FLAT}?in=mine"
    assert (await look(min_, "0387"))[0] == f"/desk/case/{LAMP}?in=mine"
    for words, cases, why in (
        ("停水", [FLAT], "标题 七号楼|停水|两天了"),
        ("周建国", [FLAT, LAMP], "姓名 |周建国|"),
        ("5678", [FLAT, LAMP], "手机尾号 |5678|"),
        ("138 1234 5678", [FLAT, LAMP], "手机号 |尾号 5678|"),
        ("x-0312", [FLAT], "备注 <b>灯杆</b> |X-0312| & 电箱"),
    ):
        address, page = await look(min_, words)
        assert numbers(page) == cases, words
        assert whys(page)[0] == why
        assert "<b>灯杆" not in page
        assert not re.search(r"5678|%E|路灯|0312", address), "an address tells nobody what was looked for"


async def test_what_was_found_stays_beside_the_case_that_is_opened(world: World, clerk: NewClerk) -> None:
    await indexed(world.database, world)
    min_ = await clerk("张敏")
    address, page = await look(min_, "周建国")
    opened = html.unescape(re.findall(rf'href="(/desk/case/{FLAT}[^"]+)"', page)[0])
    _, page = await min_.see(opened)
    assert numbers(page) == [FLAT, LAMP]
    assert f'class="back" href="{address}"' in page
    status, page = await min_.send(
        re.findall(r'action="(/desk/case/[^"]+/claim[^"]+)"', page)[0].replace("&amp;", "&"), version="1", seen="0.0"
    )
    assert (status, numbers(page)) == (200, [FLAT, LAMP])
    li = await clerk("李娟")
    assert (await li.see(address))[0] == 404


async def test_nothing_found_says_what_can_be_looked_for(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for words in ("<i>没有这样的话", FAR, "灯", "，"):
        _, page = await look(min_, words)
        assert f"没有找到「{html.escape(words)}」" in page
        assert "姓名全名" in page
    assert (await look(min_, "  "))[0] == "/desk/find"
    for path in ("/desk/find/x", "/desk/find/%E2%98%83"):
        assert (await min_.see(path))[0] == 404


async def test_whoever_must_not_be_known_is_not_found(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261122-0001-7", user="q", title="谈心谈话", confidential=True, matter="路灯下的事")
    await world.open_case("HY-261122-0002-4", user="s", title="匿名的事", anonymous=True)
    await indexed(world.database, world)
    head = await clerk("王站长")
    for words in ("周建国", "5678", "13812345678", "谈心", "路灯下"):
        assert not {"HY-261122-0001-7", "HY-261122-0002-4"} & set(numbers((await look(head, words))[1])), words


async def test_without_its_token_the_box_finds_nothing(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    assert (await min_.client.post("/desk/find", data={"q": "周建国"})).status == 403


# -- narrowed lists ----------------------------------------------------------------------------
async def test_a_list_narrows_and_says_so_and_each_can_be_taken_off(world: World, clerk: NewClerk) -> None:
    now = world.clock.at
    red = "HY-261123-0413-4"
    await world.open_case(
        red, user="sun", grade=Grade.RED, category="utilities.no_water", sign_by=now + timedelta(days=2)
    )
    head = await clerk("王站长")
    _, page = await head.see(
        "/desk/queue/unit?narrow=1&grade=yellow&unit=%E4%BA%AD%E6%9E%97%E7%A4%BE%E5%8C%BA&due=today&tag=&rating="
    )
    assert numbers(page) == [FAR]
    assert "1 件符合" in page
    on = chips(page)
    assert list(on) == ["亭林社区及以下", "一般", "今天到期", "全部"]
    _, page = await head.see(on["亭林社区及以下"])
    assert numbers(page) == [LAMP, FLAT, FAR]
    _, page = await head.see(on["全部"])
    assert numbers(page) == [red, LAMP, FLAT, FAR]
    assert chips(page) == {}
    # The rail counts whole places, whatever the list beside it is narrowed to.
    assert re.search(r'id="place-unit".*?class="count[^>]*>4<', page, re.DOTALL)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("grade=red", 0), ("grade=purple", 3), ("category=no", 3), ("category=utilities.no_water", 0), ("due=over", 0),
        ("due=week", 3), ("due_from=2026-11-23&due_to=2026-11-23", 2), ("due_from=2026-11-28", 0), ("holder=me", 1),
        ("opened_to=2026-11-22", 0), ("opened_from=2026-11-23", 3), ("due_to=0001-01-01", 3), ("holder=nobody", 2),
        ("holder=0123456789ab", 3), ("rating=unrated", 3), ("rating=solved", 0), ("unit=nowhere", 3),
    ],
)  # fmt: skip
async def test_every_filter(clerk: NewClerk, query: str, found: int) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    _, page = await head.see(f"/desk/queue/unit?{query}")
    assert len(numbers(page)) == found


async def test_the_form_holds_what_is_on_and_no_address_holds_a_name(clerk: NewClerk) -> None:
    li = await clerk("李娟")
    await li.act(FLAT, "claim")
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/filter/unit?grade=yellow&opened_from=2026-11-20")
    assert '<option value="yellow" selected>一般' in page
    assert 'value="2026-11-20"' in page
    (key,) = re.findall(r'<option value="([0-9a-f]{12})">李娟</option>', page)
    _, page = await min_.see(f"/desk/queue/unit?holder={key}")
    assert numbers(page) == [FLAT]
    assert list(chips(page)) == ["李娟经办"]


async def test_a_narrowed_list_stays_beside_its_case_and_after_an_act(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/unclaimed?grade=yellow&due=today")
    opened = html.unescape(re.findall(rf'href="(/desk/case/{FLAT}[^"]+)"', page)[0])
    assert opened.endswith("?in=unclaimed&grade=yellow&due=today")
    _, page = await min_.see(opened)
    assert list(chips(page)) == ["一般", "今天到期", "全部"]
    _, page = await min_.see("/desk/queue/unclaimed?holder=me")
    assert "没有这样的件" in page
