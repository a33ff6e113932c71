"""The pages of figures: who sees them, that every number opens into exactly its cases, what stays out."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

from openpyxl import load_workbook

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, World, said


def opened(page: str, title: str) -> tuple[str, str]:
    """The number that stands under a title, and where it leads."""
    found = re.search(rf'{title}</span> <strong>(?:<a href="([^"]+)">)?([\d,.%—]+)', page)
    assert found, title
    return found[2], (found[1] or "").replace("&amp;", "&")


def numbers(page: str) -> list[str]:
    return re.findall(r'scope="row">(?:<a [^>]*>)?(HY-[\d-]+)', page)


async def test_only_who_answers_for_them_sees_the_figures(world: World, clerk: NewClerk) -> None:
    await world.hire("孙督办", post="supervisor", unit="yushan")
    coordinator, supervisor = await clerk("张敏"), await clerk("孙督办")
    for path in ("month", "cases?figure=opened", "month.xlsx"):
        status, _ = await coordinator.see(f"/desk/numbers/{path}")
        assert status == 404
    status, page = await supervisor.see("/desk/numbers")
    assert status == 200
    assert "月例会" in page
    status, _ = await supervisor.see("/desk/numbers/month?unit=lujia")
    assert status == 404


async def test_a_number_opens_into_its_cases_also_when_they_went_elsewhere(world: World, clerk: NewClerk) -> None:
    await world.hire("孙督办", post="supervisor")
    sun = await clerk("孙督办")
    _, page = await sun.see("/desk/numbers/month")
    count, href = opened(page, "受理")
    assert count == "2"
    _, page = await sun.see(href)
    assert "共 2 件" in page
    assert numbers(page) == [LAMP, FLAT]

    await sun.act(LAMP, "claim")
    await sun.act(LAMP, "transfer", "不归我们", to="yushan-tinglin")
    _, page = await sun.see(href)
    assert "共 2 件" in page
    assert numbers(page) == [LAMP, FLAT]
    assert "现在不在您能看的单位里" in page
    assert f"/desk/case/{LAMP}" not in page
    _, page = await sun.see("/desk/numbers/month")
    assert opened(page, "期末在办")[0] == "1"


async def test_what_is_left_out_is_said_with_who_and_why(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    await head.act(LAMP, "answer", "灯修好了")
    world.clock.at += timedelta(minutes=5)
    await world.turn("zhou", *_rated("no"))
    _, page = await head.see("/desk/numbers/month")
    assert opened(page, "解决率")[0] == "0.0%"
    assert opened(page, "按时办结率")[0] == "100.0%"

    status, page = await head.act(LAMP, "exclude", "同一盏灯报了三次", to="duplicate")
    assert status == 200
    assert "王站长定为不计入评比（同一诉求重复反映，没有新情况）：同一盏灯报了三次" in page
    _, page = await head.see("/desk/numbers/month")
    assert opened(page, "解决率")[0] == opened(page, "按时办结率")[0] == "—"
    assert opened(page, "答复")[0] == "1"
    row = page[page.index("不计入四率的件") :]
    assert all(word in row for word in (LAMP, "同一诉求重复反映", "同一盏灯报了三次", "王站长"))

    await head.act(LAMP, "include", "查过了，不是一回事")
    _, page = await head.see("/desk/numbers/month")
    assert opened(page, "解决率")[0] == "0.0%"


async def test_a_month_that_is_over_stays_as_it_was(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    world.clock.at += timedelta(days=20)
    await head.sign_in()
    await head.act(LAMP, "answer", "灯修好了")
    _, page = await head.see("/desk/numbers/month?of=2026-11")
    assert opened(page, "期末在办")[0] == "3"
    assert opened(page, "答复")[0] == "0"
    _, page = await head.see("/desk/numbers/month?of=2026-12")
    assert opened(page, "答复")[0] == "1"
    assert opened(page, "期末在办")[0] == "2"
    assert (await head.see("/desk/numbers/month?of=2027-01"))[0] == 404
    assert (await head.see("/desk/numbers/month?of=2026-13"))[0] == 404


async def test_confidential_cases_count_only_where_they_tell_nothing(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    for serial in range(4):
        await world.open_case(f"HY-261123-0{serial}00-0", user=f"u{serial}", confidential=True, title="党内信访")
    _, page = await head.see("/desk/numbers/month")
    assert opened(page, "受理")[0] == "3"
    await world.open_case("HY-261123-0900-0", user="u9", confidential=True, title="党内信访")
    _, page = await head.see("/desk/numbers/month")
    count, href = opened(page, "受理")
    assert count == "8"
    _, page = await head.see(href)
    assert "共 8 件" in page
    assert "其中 5 件保密，不显示" in page
    assert numbers(page) == [LAMP, FLAT, FAR]
    assert "党内信访" not in page


async def test_the_month_as_a_workbook_says_the_same(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "exclude", "=HYPERLINK(1)", to="test")
    await head.act(LAMP, "claim")
    await head.act(LAMP, "answer", "好了")
    response = await head.client.get("/desk/numbers/month.xlsx")
    book = load_workbook(io.BytesIO(await response.read()))
    figures = {row[0].value: row[1].value for row in book["数字"].iter_rows()}
    assert figures["受理"] == 3
    assert figures["答复"] == 1
    told = [[cell.value for cell in row] for row in book["不计入"].iter_rows()][1]
    assert told[:4] == [LAMP, "试用或误报", "=HYPERLINK(1)", "王站长"]
    assert book["不计入"]["C2"].data_type == "s"


def _rated(solved: Any) -> tuple[Any, Any]:

    return said("没解决"), ActOnCase(number=LAMP, act=Act.RATE, solved=solved)


# -- the other pages ---------------------------------------------------------------------------
def row_of(page: str, name: str) -> list[str]:
    """What stands in a table's row."""
    found = re.search(rf'<tr[^>]*><th scope="row">(?:<a [^>]*>)?{name}(?:</a>)?</th>(.*?)</tr>', page, re.DOTALL)
    assert found, name
    return re.findall(r"<td[^>]*>(?:<a [^>]*>)?([^<]*)", found[1])


async def test_the_wall_says_what_presses_by_unit_and_names_nobody(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    world.clock.at += timedelta(hours=2)
    await head.sign_in()
    _, page = await head.see("/desk/numbers/wall")
    assert row_of(page, "新城社区") == ["0", "1", "0", "1", "2"]
    assert row_of(page, "亭林社区") == ["0", "1", "0", "1", "1"]
    assert not any(word in page for word in ("周建国", "138", LAMP, "路灯"))


async def test_the_log_of_a_day_has_every_act_in_order(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    await head.act(LAMP, "claim")
    await head.act(LAMP, "answer", "灯修好了")
    _, page = await head.see("/desk/numbers/log")
    told = re.findall(
        r"<td>([^<]*)</td><td>([^<]*)</td><td>([^<]*)</td><td class=\"number\">(?:<a [^>]*>)?([\w-]+)", page
    )
    assert [each[1:] for each in told] == [
        ("群众", "受理", LAMP),
        ("群众", "受理", FLAT),
        ("群众", "受理", FAR),
        ("王站长", "签收", LAMP),
        ("王站长", "答复", LAMP),
    ]
    _, page = await head.see("/desk/numbers/log?of=2026-11-22")
    assert "这一天没有记下什么" in page
    assert (await head.see("/desk/numbers/log?of=2026-11"))[0] == 404


async def test_units_stand_side_by_side_and_too_few_cases_tell_no_rate(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    for number in (LAMP, FLAT):
        await head.act(number, "claim")
        await head.act(number, "answer", "好了")
    _, page = await head.see("/desk/numbers/units")
    assert row_of(page, "新城社区") == ["2", "2", "0", "0", "—", "件数太少", "—", "—"]
    assert row_of(page, "合计")[:4] == ["3", "2", "1", "0"]
    assert "解决率</th>" in page
    href = re.search(r'<th scope="row"><a href="[^"]*">新城社区</a></th><td class="n"><a href="([^"]+)">', page)
    assert href
    _, page = await head.see(href[1].replace("&amp;", "&"))
    assert numbers(page) == [LAMP, FLAT]
    _, page = await head.see("/desk/numbers/year")
    assert row_of(page, "合计")[:3] == ["3", "2", "2"]


async def test_the_lines_of_a_trend_have_their_numbers_beside_them(world: World, clerk: NewClerk) -> None:
    head = await clerk("王站长")
    _, page = await head.see("/desk/numbers/trends")
    assert row_of(page, "2026 年 11 月")[:3] == ["3", "0", "0"]
    assert row_of(page, "2026 年 10 月")[:3] == ["0", "0", "0"]
    assert "2026 年 11 月 3 件</desc>" in page
