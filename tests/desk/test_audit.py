"""What staff do leaves a record in words, and only the audit administrator reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from bot.audit_words import sentence
from dialogs.facts import Snapshots
from storage.audit import Actor, Record
from storage.audit_log import Wanted
from tests.desk.conftest import NewClerk
from tests.desk.world import FAR, FLAT, LAMP, NOW, PASSWORD, Clerk, World

TOWN = "kunshan"


async def lines(world: World, **wish: object) -> list[str]:
    """The log as codes, oldest first: who, what, on what, how, from where."""
    found = await world.database.audit.records(Wanted(**wish))  # type: ignore[arg-type]
    parts = ((each.record.actor.name, each.record.act, each.record.subject, each.record.note) for each in found)
    return [" ".join(filter(None, each)) for each in reversed(list(parts))]


@pytest.fixture
async def auditor(world: World, clerk: NewClerk) -> Clerk:
    await world.hire("孙审计", unit=TOWN, post="audit")
    return await clerk("孙审计")


def read(page: str) -> list[str]:
    """The sentences of the page, as somebody reads them."""
    rows = re.findall(r'<span class="did">(.*?)</span>\s*<span class="small from">', page, re.DOTALL)
    return [re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", row))).strip() for row in rows]


async def test_signing_in_and_out_and_failing_to_are_recorded(world: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    await zhang.sign_in("wrong")
    await Clerk(zhang.client, "jia-he-wan-shi-xing").sign_in("张敏")
    await zhang.see("/desk/queue/mine")
    await zhang.send("/desk/logout")
    assert await lines(world) == ["张敏 sign_in", "sign_in.failed 张敏", "sign_in.failed", "张敏 sign_out"]
    found = await world.database.audit.records(Wanted())
    assert {each.record.actor.source for each in found} == {"here"}
    assert PASSWORD not in repr(found), "a password in the wrong field is not kept"


async def test_every_act_on_a_case_is_recorded_with_post_unit_and_kind_of_address(
    world: World, clerk: NewClerk
) -> None:
    zhang = await clerk("张敏")
    zhang.client.session.headers["X-Forwarded-For"] = "10.3.4.5"
    for act, words in (("claim", ""), ("note", "灯杆编号 17"), ("write", "明天去看"), ("reveal", "")):
        status, _ = await zhang.act(LAMP, act, words)
        assert status == 200
    assert (await lines(world))[1:] == [
        f"张敏 case.{act} {LAMP}" for act in ("claim", "note", "write", "reveal")
    ]  # fmt: skip
    (last, *_) = await world.database.audit.records(Wanted())
    assert (last.record.actor.post, last.record.actor.unit) == ("coordinator", "yushan-xincheng")
    assert last.record.actor.source == "inside"
    assert "灯杆" not in repr(await world.database.audit.records(Wanted()))


async def test_what_is_refused_leaves_no_record(world: World, clerk: NewClerk) -> None:
    zhang = await clerk("张敏")
    assert (await zhang.act(LAMP, "answer", "好了"))[0] == 422
    assert (await zhang.see(f"/desk/case/{FAR}"))[0] == 404
    assert await lines(world) == ["张敏 sign_in"]


async def test_looking_at_a_sealed_case_is_recorded_and_a_page_that_refreshes_is_one_look(
    world: World, clerk: NewClerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhang = await clerk("张敏")
    found = world.database.cases.access_case

    async def sealed(*given: object) -> object:
        page = await found(*given)  # type: ignore[arg-type]
        return page and replace(page, row=replace(page.row, confidential=page.row.number == FLAT))

    monkeypatch.setattr(world.database.cases, "access_case", sealed)
    await zhang.see(f"/desk/case/{LAMP}")
    for path in (f"/desk/case/{FLAT}", f"/desk/case/{FLAT}?live", f"/desk/case/{FLAT}?live", f"/desk/case/{FLAT}"):
        assert (await zhang.see(path))[0] == 200
    assert (await lines(world))[1:] == [f"张敏 case.read {FLAT}"] * 2


async def test_changing_units_giving_out_codes_and_sheets_is_recorded(world: World, clerk: NewClerk) -> None:
    await world.database.units.replace(tuple(world.snapshots.units))
    await world.hire("赵管理", unit=TOWN, post="admin")
    zhao = await clerk("赵管理")
    await zhao.see("/desk/unit/yushan-xincheng")
    await zhao.see("/desk/unit/yushan-xincheng/codes")
    await zhao.see("/desk/units/export.csv")
    assert [line.split(" ")[1] for line in (await lines(world))[1:]] == ["codes.print", "units.export"]


async def test_the_auditor_reads_sentences_narrows_them_and_is_in_the_log(
    world: World, clerk: NewClerk, auditor: Clerk
) -> None:
    zhang = await clerk("张敏")
    await zhang.act(LAMP, "claim")
    world.clock.at = NOW + timedelta(days=1)
    await (await clerk("王站长")).act(FLAT, "claim")
    status, page = await auditor.see("/desk/audit")
    assert status == 401 or "登录" in page, "a day later one signs in again"
    await auditor.sign_in()
    _, page = await auditor.see("/desk/audit")
    said = read(page)
    assert f"张敏（新城社区，对接协调员）签收 {LAMP}" in said
    assert said[0] == "孙审计（昆山市，审计管理员）查看审计日志"
    assert "今天" in page
    assert "昨天" in page
    assert "本机" in page
    _, page = await auditor.see("/desk/audit?by=张敏&what=case")
    assert read(page) == [f"张敏（新城社区，对接协调员）签收 {LAMP}"]
    _, page = await auditor.see(f"/desk/audit?on={FLAT}")
    assert [line.split("）")[1] for line in read(page)] == [f"签收 {FLAT}"]
    _, page = await auditor.see("/desk/audit?until=2026-11-23")
    assert not any("王站长" in line for line in read(page))
    assert (await lines(world, acts=("audit.",)))[1] == "孙审计 audit.read 张敏，办件"


async def test_days_that_cannot_be_read_are_said_and_nothing_is_found(auditor: Clerk) -> None:
    for query in ("since=昨天", "since=2026-11-22&until=2026-11-21"):
        status, page = await auditor.see(f"/desk/audit?{query}")
        assert (status, read(page)) == (422, [])
        assert "日期要写成" in page


async def test_an_auditor_of_a_town_reads_what_its_people_did(world: World, clerk: NewClerk) -> None:
    await world.hire("周审计", unit="yushan", post="audit")
    await world.hire("外人", unit=TOWN, post="head")
    await clerk("外人")
    await clerk("张敏")
    _, page = await (await clerk("周审计")).see("/desk/audit")
    assert {line.split("（")[0] for line in read(page)} == {"张敏", "周审计"}


async def test_nobody_else_finds_the_log(world: World, clerk: NewClerk) -> None:
    await world.hire("赵管理", unit=TOWN, post="admin")
    for name in ("张敏", "王站长", "赵管理"):
        someone = await clerk(name)
        assert (await someone.see("/desk/audit"))[0] == 404
        assert 'href="/desk/audit"' not in (await someone.see("/desk/"))[1]


async def test_a_long_log_goes_on_where_it_stopped(world: World, clerk: NewClerk, auditor: Clerk) -> None:
    zhang = await clerk("张敏")
    await zhang.act(LAMP, "claim")
    for n in range(120):
        await zhang.act(LAMP, "note", f"{n}")
    _, first = await auditor.see("/desk/audit?what=case")
    (more,) = re.findall(r'href="(/desk/audit\?after=[^"]+)"', first)
    _, second = await auditor.see(unescape(more))
    assert (len(read(first)), len(read(second))) == (100, 21)
    assert (await auditor.see("/desk/audit?after=x"))[0] == 404


@pytest.mark.parametrize(
    ("act", "kind", "subject", "note", "said"),
    [
        ("case.transfer", "case", LAMP, "yushan-tinglin", f"转办 {LAMP}，到 亭林社区"),
        ("case.regrade", "case", LAMP, "red", f"改级 {LAMP}，为特急"),
        ("case.give_time", "case", LAMP, "1790000000000", f"同意延期 {LAMP}"),
        ("case.note", "case", LAMP, "for=李娟", f"给 {LAMP} 记备注（代 李娟）"),
        ("case.claim", "case", LAMP, "for=李娟", f"签收 {LAMP}（代 李娟）"),
        ("sign_in.failed", "staff", "张敏", "", "用「张敏」登录，没有成功"),
        ("sign_in.failed", "", "", "", "登录，没有成功"),
        ("staff.move", "staff", "李娟", "head@yushan", "把 李娟 调到 玉山镇站长"),
        ("stand_in.allow", "staff", "张敏", "李娟", "同意 李娟 替 张敏 代班"),
        ("units.merged", "unit", "yushan-tinglin", "yushan-xincheng", "把单位 亭林社区 并入 新城社区"),
        ("something.new", "thing", "it", "so", "something.new it so"),
    ],
)
def test_a_record_reads_like_a_sentence(  # noqa: PLR0917  a row of the table above
    snapshots: Snapshots, act: str, kind: str, subject: str, note: str, said: str
) -> None:
    record = Record(actor=Actor(name="张敏"), act=act, kind=kind, subject=subject, note=note)
    assert sentence(record, snapshots).did == said
