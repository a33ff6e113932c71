"""Tables to take along: masked by right, short ones at once, long ones in the background, only for who asked."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.exports import Exporter
from bot.metrics import Metrics
from bot.world import Numbers
from bot.world import World as Ticking
from dialogs.facts import Snapshots
from storage.audit_log import Wanted
from storage.exports import LeaseLost
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, Clerk, World

ASK = {"kind": "cases", "place": "unit"}


@pytest.fixture
def few(world: World) -> World:
    """More than one row counts as long."""
    rules = world.snapshots.rules
    world.snapshots = replace(world.snapshots, rules=replace(rules, records=replace(rules.records, export_at_once=1)))
    return world


def worker(world: World) -> Exporter:
    class Moving:
        def now(self) -> Any:
            return world.clock()

    ticking = Ticking(numbers=Numbers(world.database.numbers.lease), clock=Moving())
    known: Snapshots = world.snapshots
    return Exporter(world.database, world.exports, world.hot, ticking, Metrics(), snapshots=lambda: known, poll=0.01)


async def asked(person: Clerk, form: str = "csv", once: str = "", **given: str) -> tuple[int, bytes]:
    _, page = await person.see("/desk/exports?place=unit")
    if not person.csrf:
        await person.see("/desk/")
    found = re.search(r'name="once" value="([\w-]+)"', page)
    fields = {"csrf": person.csrf, "once": once or (found[1] if found else "x" * 16), "form": form, **(given or ASK)}
    response = await person.client.post("/desk/exports", data=fields, allow_redirects=False)
    return response.status, await response.read()


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def ready(person: Clerk) -> bytes:
    """Take the newest file of the page."""
    _, page = await person.see("/desk/exports")
    href = re.findall(r'href="(/desk/exports/[\w-]+)"', page)[0]
    response = await person.client.get(href)
    assert response.status == 200
    return await response.read()


async def log(world: World) -> list[str]:
    found = await world.database.audit.records(Wanted(acts=("export.",)))
    return [f"{each.record.actor.name} {each.record.act} {each.record.subject} {each.record.note}" for each in found]


# -- what is in it ------------------------------------------------------------------------
async def test_a_short_list_comes_at_once_masked_and_recorded(world: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    status, content = await asked(zhang)
    rows = table(content)
    assert status == 200
    assert [row["受理编号"] for row in rows] == [LAMP, FLAT]
    assert rows[0]["姓名"] == "周*"
    assert rows[0]["手机号"] == "138****5678"
    assert (rows[0]["标题"], rows[0]["单位"], rows[0]["状态"]) == ("新城花园三号楼路灯坏了", "新城社区", "受理")
    assert rows[0]["受理时间"] == "2026-11-23 10:00"
    assert "地点" not in rows[0]
    assert await log(world) == ["张敏 export.take 本单位 csv 2"]


async def test_who_may_takes_persons_along_whole_and_telephones_stay_text(world: World, clerk: NewClerk) -> None:
    await world.hire("钱督办", unit="yushan", post="supervisor")
    qian = await clerk("钱督办")
    _, content = await asked(qian, "xlsx")
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    head, *rows = [list(row) for row in page.iter_rows()]
    columns = {str(cell.value): place for place, cell in enumerate(head)}
    assert [rows[0][columns[name]].value for name in ("姓名", "手机号")] == ["周建国", "138 1234 5678"]
    assert rows[0][columns["手机号"]].data_type == "s"
    assert {"地点", "事由"} <= set(columns)
    assert len(rows) == 3, "also what lies in 亭林社区, below 玉山镇"


async def test_nobody_takes_along_what_they_do_not_see(world: World, clerk: NewClerk) -> None:
    _, content = await asked(await clerk("张敏"))
    assert FAR not in content.decode()
    await world.hire("赵管理", unit="kunshan", post="admin")
    assert (await asked(await clerk("赵管理")))[0] == 404
    assert (await asked(await clerk("张敏"), kind="audit"))[0] == 404


async def test_a_confidential_case_is_not_there_and_for_the_cleared_without_person_or_words(
    world: World, clerk: NewClerk
) -> None:
    sealed = "HY-261123-0009-1"
    await world.open_case(sealed, user="mi", phone="13900001111", title="反映某书记", confidential=True)
    await world.hire("钱督办", unit="yushan", post="supervisor")
    qian = await clerk("钱督办")
    assert sealed not in (await asked(qian))[1].decode()
    person = await world.database.staff.by_name("钱督办", world.clock())
    assert person is not None
    got = await world.exports.ask(replace(person.staff, cleared=True), _cases(), "once-and-only-once")
    text = got.content.decode()  # type: ignore[union-attr]
    (row,) = [row for row in table(text.encode()) if row["受理编号"] == sealed]
    assert (row["标题"], row["姓名"], row["手机号"], row["地点"], row["事由"]) == ("保密件", "保密", "", "", "")
    assert "反映" not in text
    assert "0000" not in text


def _cases() -> Any:
    from bot.exports import Asked

    return Asked(kind="cases", title="本单位", form="csv", place="unit")


async def test_what_somebody_typed_does_nothing_in_a_spreadsheet(world: World, clerk: NewClerk) -> None:
    await world.open_case("HY-261123-0008-2", user="evil", title='=HYPERLINK("http://x","点我")')
    _, content = await asked(await clerk("张敏"))
    assert any(row["标题"].startswith("'=HYPERLINK") for row in table(content))


async def test_the_auditor_takes_the_log_along_as_it_is_narrowed(world: World, clerk: NewClerk) -> None:
    await world.hire("孙审计", unit="kunshan", post="audit")
    await (await clerk("张敏")).act(LAMP, "claim")
    sun = await clerk("孙审计")
    status, content = await asked(sun, kind="audit", by="张敏", what="case")
    (row,) = table(content)
    assert (status, row["姓名"], row["做了什么"], row["代码"]) == (200, "张敏", f"签收 {LAMP}", "case.claim")


async def test_a_narrowed_list_is_taken_along_as_it_is_narrowed(world: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await zhang.act(FLAT, "claim")
    _, page = await zhang.see("/desk/queue/unit?holder=me")
    (href,) = re.findall(r'href="(/desk/exports[^"]+)"', page)
    _, page = await zhang.see(unescape(href))
    assert "把「本单位（我经办）」导出成表格" in page
    (narrow,) = re.findall(r'name="narrow" value="([^"]+)"', page)
    _, content = await asked(zhang, kind="cases", place="unit", narrow=unescape(narrow))
    assert [row["受理编号"] for row in table(content)] == [FLAT]


# -- the background -----------------------------------------------------------------------
async def test_a_long_list_is_made_in_the_background_and_fetched(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    status, _ = await asked(zhang)
    assert status == 303
    _, page = await zhang.see("/desk/exports")
    assert "排着队" in page
    assert "every 2s" in page
    assert await worker(few).once() == 1
    _, page = await zhang.see("/desk/exports")
    assert "2 行" in page
    assert "every 2s" not in page
    assert [row["受理编号"] for row in table(await ready(zhang))] == [LAMP, FLAT]
    assert await log(few) == ["张敏 export.take 本单位 csv 2", "张敏 export.ask 本单位 csv"]


async def test_a_form_sent_twice_is_one_export(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    for _ in range(2):
        assert (await asked(zhang, once="a" * 20))[0] == 303
    assert len(await few.exports.mine(await person(few, "张敏"))) == 1


async def person(world: World, name: str) -> Any:
    found = await world.database.staff.by_name(name, world.clock())
    assert found is not None
    return found.staff


async def test_only_who_asked_fetches_it_and_only_with_the_same_rights(few: World, clerk: NewClerk) -> None:
    zhang, li = await clerk("张敏"), await clerk("李娟")
    await asked(zhang)
    await worker(few).once()
    (export,) = await few.exports.mine(await person(few, "张敏"))
    path = f"/desk/exports/{export.wish.id}"
    assert (await li.client.get(path)).status == 404
    assert (await zhang.client.get(path)).status == 200
    post = replace(few.snapshots.rules.posts["coordinator"], sees="own")
    posts = {**few.snapshots.rules.posts, "coordinator": post}
    few.snapshots = replace(few.snapshots, rules=replace(few.snapshots.rules, posts=posts))
    assert (await zhang.client.get(path)).status == 404


async def test_who_lost_a_right_meanwhile_is_told_and_gets_nothing(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await asked(zhang)
    post = replace(few.snapshots.rules.posts["coordinator"], sees="own")
    posts = {**few.snapshots.rules.posts, "coordinator": post}
    few.snapshots = replace(few.snapshots, rules=replace(few.snapshots.rules, posts=posts))
    await worker(few).once()
    assert "您能看的范围变了" in (await zhang.see("/desk/exports"))[1]


async def test_a_file_is_sealed_and_gone_after_seven_days(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await asked(zhang)
    await worker(few).once()
    (export,) = await few.exports.mine(await person(few, "张敏"))
    stored = await few.database._engine.read(
        lambda conn: conn.exec_driver_sql("SELECT content FROM export_parts").scalars().all()
    )
    assert stored
    assert not any("路灯".encode() in piece for piece in stored)
    few.clock.at += timedelta(days=7)
    assert await few.database.exports.purge(few.clock()) == 1
    await zhang.sign_in()
    assert (await zhang.client.get(f"/desk/exports/{export.wish.id}")).status == 404
    assert "过期已清除" in (await zhang.see("/desk/exports"))[1]
    assert await few.database.exports.part(export.wish.id, 0) is None


async def test_who_takes_over_from_a_dead_worker_doubles_nothing(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await asked(zhang)
    store, now = few.database.exports, few.clock()
    dead = await store.claim("dead", now, timedelta(seconds=60))
    assert dead is not None
    await store.keep(dead.wish.id, 0, b"half a file", done=1, total=2, worker="dead", until=now + timedelta(minutes=1))
    assert await worker(few).once() == 0, "it is leased"
    few.clock.at += timedelta(minutes=2)
    assert await worker(few).once() == 1
    assert [row["受理编号"] for row in table(await ready(zhang))] == [LAMP, FLAT]
    with pytest.raises(LeaseLost):
        await store.keep(dead.wish.id, 1, b"late", done=2, total=2, worker="dead", until=now)


async def test_a_case_that_moves_on_meanwhile_comes_once(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await asked(zhang)
    read, moved = few.database.case_table.numbers, asyncio.Event()

    async def then_move(*given: Any, **wish: Any) -> list[str]:
        found = await read(*given, **wish)
        if not moved.is_set():
            moved.set()
            await zhang.act(FLAT, "claim")
        return found

    few.database.case_table.numbers = then_move  # type: ignore[method-assign]
    await worker(few).once()
    rows = table(await ready(zhang))
    assert [(row["受理编号"], row["状态"]) for row in rows] == [(LAMP, "受理"), (FLAT, "办理")]


async def test_a_table_that_cannot_be_made_is_given_up_in_words(few: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await asked(zhang)

    async def breaks(*_: Any, **__: Any) -> list[str]:
        raise ValueError("a bug")

    few.database.case_table.numbers = breaks  # type: ignore[method-assign]
    exporter = worker(few)
    for _ in range(4):
        await exporter.once()
        few.clock.at += timedelta(minutes=2)
    assert "没有做成" in (await zhang.see("/desk/exports"))[1]


async def test_forms_that_ask_for_nothing_known_are_refused(world: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    assert (await asked(zhang, "pdf"))[0] == 400
    assert (await asked(zhang, kind="cases", place="everything"))[0] == 400
    assert (await asked(zhang, once="../../etc/passwd"))[0] == 400
    assert (await zhang.client.get("/desk/exports/" + "x" * 22)).status == 404
