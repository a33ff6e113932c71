"""The dispatch directory at the desk: a row changed, the whole from a spreadsheet, what returns showed."""

from __future__ import annotations

import html
import io
import re

import pytest
from aiohttp import FormData

from bot.sheets import write_csv
from dialogs.desk.directory_sheet import HEADINGS, read, write
from tests.desk.conftest import NewClerk
from tests.desk.world import LAMP, Clerk, World
from tests.player import snapshots


@pytest.fixture
async def admin(world: World, clerk: NewClerk) -> Clerk:
    await world.hire("赵管理", "kunshan", "admin")
    return await clerk("赵管理")


async def revision(clerk: Clerk) -> str:
    _, page = await clerk.see("/desk/directory")
    return str(re.findall(r'name="revision" value="(\d+)"', page)[0])


async def save(clerk: Clerk, act: str = "save", **fields: str) -> tuple[int, str]:
    given = {"category": "", "place": "", "to": "", "post": "", "helpers": "", "was": ""}
    seen = fields.pop("revision", "") or await revision(clerk)
    return await clerk.send(f"/desk/directory/{act}", **{**given, "revision": seen, **fields})


async def upload(clerk: Clerk, *rows: list[str]) -> tuple[int, str]:
    await clerk.see("/desk/directory")
    form = FormData({"csrf": clerk.csrf})
    form.add_field("file", io.BytesIO(write_csv([list(HEADINGS), *rows])), filename="directory.csv")
    response = await clerk.client.post("/desk/directory/import", data=form)
    return response.status, await response.text()


async def test_a_row_changed_is_a_new_version(world: World, admin: Clerk) -> None:
    status, page = await save(admin, category="路灯", place="玉山镇", to="昆山高新区", helpers="所在社区村")
    assert (status, "存好了" in page, "第 2 版" in page) == (200, True, True)
    book = await world.database.books.latest("directory")
    assert book is not None
    assert (book.version, book.by) == (2, "赵管理")
    assert "道路交通·路灯" in page
    _, page = await admin.see("/desk/directory?row=roads.lamp%7Cyushan")
    assert "改这一行" in page
    status, page = await save(
        admin, "remove", category="路灯", place="玉山镇", to="昆山高新区", was="roads.lamp|yushan"
    )
    assert (status, "删掉了" in page, "第 3 版" in page) == (200, True, True)


async def test_a_row_that_cannot_be_read_comes_back_as_it_was_typed(admin: Clerk) -> None:
    status, page = await save(admin, category="路等", place="亚特兰蒂斯", to="所在社区村")
    assert status == 422
    assert "没有「路等」这一类" in page
    assert "没有「亚特兰蒂斯」这个单位" in page
    assert 'value="亚特兰蒂斯"' in page


async def test_who_comes_too_late_changes_nothing(admin: Clerk) -> None:
    seen = await revision(admin)
    await save(admin, category="路灯", to="所在区县")
    status, page = await save(admin, category="公交", to="所在区县", revision=seen)
    assert (status, "别人改了派单目录" in page) == (409, True)


async def test_every_mistake_of_a_sheet_is_named_by_its_row(world: World, admin: Clerk) -> None:
    status, page = await upload(
        admin,
        ["路灯", "", "所在社区村", "", ""],
        ["培训班", "", "所在社区村", "", ""],
        ["公交", "火星", "市", "国王", "月球"],
        ["路灯", "全市", "市", "", ""],
        ["停车", "", "", "", ""],
    )
    assert status == 422
    for words in (
        "第 3 行「类别」：没有「培训班」这一类",
        "第 4 行「地点」：没有「火星」这个单位",
        "第 4 行「岗位」：没有「国王」这个岗位",
        "第 4 行「协办」：没有「月球」这个单位",
        "第 5 行「类别」：和第 2 行是同一类",
        "第 6 行「主办」：要写主办单位",
    ):
        assert words in html.unescape(page), words
    assert await world.database.books.latest("directory") is None


async def test_a_sheet_without_mistakes_is_shown_and_then_taken(world: World, admin: Clerk) -> None:
    status, page = await upload(admin, ["路灯", "新城社区", "玉山镇", "民生岗", "市"])
    assert (status, "没有错误" in page) == (200, True)
    sheet = re.findall(r'<textarea name="sheet" hidden>\n(.*?)</textarea>', page, re.DOTALL)[0]
    status, page = await admin.send(
        "/desk/directory/import/confirm", sheet=html.unescape(sheet), revision=await revision(admin)
    )
    assert (status, "导入好了" in page, "1 行" in page) == (200, True, True)


def test_what_is_exported_reads_back() -> None:
    known = snapshots()
    rows = write(known.rules.directory, known.units, known.rules)
    assert read(rows, known.units, known.rules).entries == known.rules.directory.entries


async def test_a_return_that_was_right_proposes_a_change(world: World, clerk: NewClerk, admin: Clerk) -> None:
    number = "HY-261123-0611-1"
    await world.open_case(number, user="qian", category="roads.lamp", spot="yushan-xincheng", why="按地点", book=1)
    await world.hire("陈督办", "kunshan", "supervisor")
    min_, chen = await clerk("张敏"), await clerk("王站长")
    await min_.act(number, "return", "灯归镇里管")
    status, _ = await chen.act(number, "take_back", "是", to="北门社区")
    assert status == 200

    top = await clerk("陈督办")
    _, page = await top.see("/desk/directory")
    assert number in page
    assert "道路交通·路灯，地点在新城社区" in page
    (event,) = re.findall(r"/desk/directory/proposal/(\d+)/accept", page)
    status, page = await top.send(f"/desk/directory/proposal/{event}/accept", place="yushan-xincheng")
    assert (status, "采纳了" in page, f"因为 {number} 退单成立" in page) == (200, True, True)
    assert f"proposal/{event}" not in page
    status, page = await top.send(f"/desk/directory/proposal/{event}/accept", place="yushan-xincheng")
    assert (status, "第 2 版" in page) == (200, True), "sent twice it is one"


async def test_the_page_is_for_who_decides_where_cases_go(clerk: NewClerk, admin: Clerk) -> None:
    assert (await admin.see("/desk/directory"))[0] == 200
    for name in ("张敏", "王站长"):
        other = await clerk(name)
        assert (await other.see("/desk/directory"))[0] == 404
        assert (await other.see("/desk/directory/export.csv"))[0] == 404
        assert (await other.see(f"/desk/case/{LAMP}"))[0] == 200
        assert (await other.send("/desk/directory/save", category="路灯", to="市"))[0] == 404
