"""The organisation at the desk: every act with the right and the wrong post, refused in words, nothing lost."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace

import pytest
from aiohttp import FormData

from bot import sheets
from bot.channels import NotSent
from bot.sheets import write_csv, write_xlsx
from dialogs.desk import units_sheet
from dialogs.desk.units_sheet import write
from dialogs.rules import packaged_town
from dialogs.units import Unit
from tests.desk.conftest import NewClerk
from tests.desk.world import LAMP, Clerk, World

HOME, NEXT, GRID = "yushan-xincheng", "yushan-tinglin", "yushan-xincheng-g1"


@pytest.fixture
async def admin(world: World, clerk: NewClerk) -> Clerk:
    await world.hire("赵管理", "kunshan", "admin")
    return await clerk("赵管理")


async def do(clerk: Clerk, unit: str, act: str, **fields: str) -> tuple[int, str]:
    """Open a unit and send one of its forms, as it stands or with changes."""
    _, page = await clerk.see(f"/desk/unit/{unit}")
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page)) if act == "edit" else {}
    revision = re.findall(r'name="revision" value="(\d+)"', page)[0]
    values = {key: html.unescape(value) for key, value in held.items() if key != "csrf"}
    return await clerk.send(f"/desk/unit/{unit}/{act}", **{**values, "revision": revision, **fields})


async def upload(clerk: Clerk, content: bytes, name: str = "units.csv") -> tuple[int, str]:
    form = FormData({"csrf": clerk.csrf})
    form.add_field("file", io.BytesIO(content), filename=name)
    response = await clerk.client.post("/desk/units/import", data=form)
    return response.status, await response.text()


async def confirm(clerk: Clerk, page: str) -> tuple[int, str]:
    sheet = re.findall(r'<textarea name="sheet" hidden>\n(.*?)</textarea>', page, re.DOTALL)[0]
    revision = re.findall(r'name="revision" value="(\d+)"', page)[0]
    form = FormData({"csrf": clerk.csrf, "revision": revision})
    form.add_field("sheet", html.unescape(sheet), content_type="text/plain")
    response = await clerk.client.post("/desk/units/import/confirm", data=form)
    return response.status, await response.text()


async def kept(world: World, unit: str) -> Unit:
    (found,) = [each for each in await world.database.units.all() if each.id == unit]
    return found


@pytest.mark.parametrize(
    "path",
    ["/desk/units", "/desk/unit/kunshan", "/desk/units/import", "/desk/units/export.csv", "/desk/unit/kunshan/codes"],
)
async def test_nobody_but_an_administrator_sees_the_organisation(clerk: NewClerk, path: str) -> None:
    head = await clerk("王站长")
    status, page = await head.see(path)
    assert status == 404
    assert "没有找到" in page
    assert "/desk/units" not in (await head.see("/desk/queue/mine"))[1]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"/desk/unit/{HOME}/edit", {"name": "我们的社区"}),
        (f"/desk/unit/{HOME}/move", {"other": "zhoushi", "day": "2026-11-23"}),
        (f"/desk/unit/{HOME}/merge", {"other": NEXT, "day": "2026-11-23"}),
        (f"/desk/unit/{GRID}/close", {"day": "2026-11-23"}),
        (f"/desk/unit/{HOME}/add", {"name": "新网格", "code": "g9", "level": "网格楼栋"}),
        ("/desk/units/import", {"sheet": "x"}),
        ("/desk/units/import/confirm", {"sheet": "x"}),
    ],
)
async def test_nobody_but_an_administrator_changes_it(
    world: World, clerk: NewClerk, path: str, fields: dict[str, str]
) -> None:
    head = await clerk("王站长")
    await head.see("/desk/queue/mine")
    status, _ = await head.send(path, revision="0", **fields)
    assert status == 404
    assert await world.database.units.revision() == 0


async def test_an_administrator_of_a_town_has_that_town(world: World, clerk: NewClerk) -> None:
    await world.hire("钱管理", "yushan", "admin")
    town = await clerk("钱管理")
    _, page = await town.see("/desk/units")
    assert "新城社区" in page
    assert "周市镇" not in page
    assert "从表格导入" not in page
    assert (await town.see("/desk/units/import"))[0] == 404
    assert (await town.see("/desk/unit/zhoushi"))[0] == 404
    status, page = await do(town, HOME, "move", other="zhoushi", day="2026-11-23")
    assert status == 422
    assert "没有找到「zhoushi」" in page
    _, page = await town.see("/desk/unit/yushan")
    assert "移到别的上级下面" not in page


async def test_a_unit_is_edited_and_the_words_of_a_slip_are_kept(world: World, admin: Clerk) -> None:
    status, page = await do(admin, HOME, "edit", phone="请打总机", address="新地址 1 号")
    assert status == 422
    assert "不像电话号码" in page
    assert 'value="新地址 1 号"' in page
    assert await world.database.units.revision() == 0

    status, page = await do(
        admin, HOME, "edit", phone="0512-5555 1234", scenes="ks-111、ks-119", hours="周六 9:00-11:30"
    )
    assert status == 200
    assert "改好了" in page
    assert "改了电话、场景码、工作时间（赵管理，2026-11-23 10:01 记）" in page
    unit = await kept(world, HOME)
    assert (unit.phone, unit.scenes) == ("0512-5555 1234", ("ks-111", "ks-119"))
    assert unit.hours[5] == "09:00-11:30"


async def test_a_move_has_its_day(world: World, admin: Clerk) -> None:
    status, page = await do(admin, HOME, "move", other="周市镇", day="2026-11-24")
    assert status == 422
    assert "日期不能在今天以后" in page
    status, page = await do(admin, HOME, "move", other="周市镇", day="2026-11-01")
    assert status == 200
    assert "2026-11-01 起从玉山镇移到周市镇" in page
    assert (await kept(world, HOME)).parent == "zhoushi"
    status, page = await do(admin, HOME, "move", other="同心", day="2026-11-23")
    assert "可以是：玉山镇同心社区（" in page


async def test_a_unit_with_open_cases_is_not_closed_and_the_list_is_there(world: World, admin: Clerk) -> None:
    status, page = await do(admin, HOME, "merge", other=NEXT, day="2026-11-23")
    assert status == 409
    assert "还有没办完的件" in page
    assert f"<li>{LAMP}</li>" in page
    assert "路灯坏了" not in page, "who keeps the units sees no case"
    status, page = await do(admin, HOME, "close", day="2026-11-23")
    assert status == 422
    assert "下面还有 2 个单位" in page
    assert await world.database.units.revision() == 0


async def test_a_unit_is_merged_and_its_old_page_stays(world: World, admin: Clerk) -> None:
    status, page = await do(admin, GRID, "merge", other="yushan-xincheng-g2", day="2026-11-23")
    assert status == 200
    assert "2026-11-23 起并入新城社区第二网格" in page
    assert "保存" not in page
    assert (await kept(world, GRID)).into == "yushan-xincheng-g2"
    assert (await do_closed(admin, GRID))[0] == 422


async def do_closed(clerk: Clerk, unit: str) -> tuple[int, str]:
    """Send a form that was opened before the unit was closed."""
    _, page = await clerk.see("/desk/unit/kunshan")
    revision = re.findall(r'name="revision" value="(\d+)"', page)[0]
    return await clerk.send(f"/desk/unit/{unit}/edit", revision=revision, name="x")


async def test_a_new_unit_and_a_closed_one(world: World, admin: Clerk) -> None:
    status, page = await do(admin, NEXT, "add", name="亭林第一网格", code="yushan-tinglin-g1", level="网格楼栋")
    assert status == 200
    assert "新单位设好了" in page
    status, page = await do(admin, "yushan-tinglin-g1", "close", day="2026-11-23")
    assert "2026-11-23 起停用" in page
    assert (await kept(world, "yushan-tinglin-g1")).closed == "2026-11-23"
    status, page = await do(admin, NEXT, "add", name="", code="一", level="网格楼栋")
    assert status == 422
    assert "名称：要写名称" in page


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(world: World, admin: Clerk) -> None:
    status, page = await do(admin, HOME, "edit", phone="12345", revision="7")
    assert status == 409
    assert "别人改了单位" in page
    assert 'value="12345"' in page
    assert await world.database.units.revision() == 0


async def test_a_unit_is_found_by_name_code_or_station(admin: Clerk) -> None:
    for words in ("新城花园", "ks-111", HOME):
        _, page = await admin.see("/desk/units", params={"q": words})
        assert f'href="/desk/unit/{HOME}"' in page
    _, page = await admin.see("/desk/units", params={"q": "<b>没有这里"})
    assert "没有找到「&lt;b&gt;没有这里」" in page


async def test_a_sheet_with_mistakes_imports_nothing_and_lists_all(world: World, admin: Clerk) -> None:
    await admin.see("/desk/units/import")
    rows = write(packaged_town())
    rows[3][3], rows[5][4] = "大区", "nowhere"
    status, page = await upload(admin, write_csv(rows))
    assert status == 422
    assert "有 2 处要改，一个单位也没有导入" in page
    assert "第 4 行「级别」：没有「大区」这一级" in page
    assert "第 6 行「上级编码」：表里没有编码是 nowhere 的单位" in page
    assert "确认导入" not in page
    for content, said in ((b"PK\x03\x04broken", "打不开"), (b"", "请先选一个文件")):
        status, page = await upload(admin, content)
        assert status == 422
        assert said in page
    assert await world.database.units.revision() == 0


async def test_a_sheet_is_shown_first_and_then_brought_in(world: World, admin: Clerk) -> None:
    await admin.see("/desk/units/import")
    town = [replace(unit, phone="12345") if unit.id == NEXT else unit for unit in packaged_town() if unit.id != GRID]
    status, page = await upload(admin, write_xlsx(write(town)), "units.xlsx")
    assert status == 200
    assert "改动 1 个：亭林社区" in page
    assert "停用 1 个：新城社区第一网格" in page
    assert await world.database.units.revision() == 0
    status, done = await confirm(admin, page)
    assert status == 200
    assert f"现在有 {len(town)} 个单位" in done
    assert (await kept(world, NEXT)).phone == "12345"
    assert (await kept(world, GRID)).closed == "2026-11-23"
    status, again = await confirm(admin, page)
    assert status == 409
    assert "别人刚改过单位" in again


async def test_a_sheet_that_leaves_out_a_unit_with_open_cases_changes_nothing(world: World, admin: Clerk) -> None:
    await admin.see("/desk/units/import")
    town = [unit for unit in packaged_town() if HOME not in (unit.id, unit.parent)]
    _, page = await upload(admin, write_csv(write(town)))
    status, page = await confirm(admin, page)
    assert status == 409
    assert "新城社区还有没办完的件" in page
    assert LAMP in page
    assert await world.database.units.revision() == 0


async def test_a_city_fits_through_the_door_and_back(world: World, admin: Clerk) -> None:
    await admin.see("/desk/units/import")
    city = list(packaged_town())
    city += [replace(city[-1], id=f"n{n}", name=f"第{n}网格", scenes=(f"s{n}",)) for n in range(2400)]
    status, page = await upload(admin, write_csv(write(city)))
    assert status == 200
    assert "新设 2400 个" in page
    assert (await confirm(admin, page))[0] == 200
    assert len(await world.database.units.all()) == len(city)
    response = await admin.client.get("/desk/units/export.csv")
    assert await response.read() == write_csv(write(city))
    response = await admin.client.get("/desk/units/export.xlsx")
    assert units_sheet.read(sheets.read(await response.read())).units == tuple(city)


async def test_codes_to_print(world: World, admin: Clerk) -> None:
    status, page = await admin.see(f"/desk/unit/{HOME}/codes")
    assert status == 200
    assert page.count("<svg xmlns") == 1
    assert "新城社区党群服务中心" in page
    assert "编号 ks-111" in page
    _, page = await admin.see("/desk/unit/yushan/codes?below=1")
    assert page.count("<svg xmlns") > 1
    world.no_codes = NotSent(trouble="busy", code=0, words="连不上平台")
    status, page = await admin.see(f"/desk/unit/{HOME}/codes")
    assert status == 502
    assert "连不上平台" in page
