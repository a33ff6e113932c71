"""Beside answering: sending on, giving back, raising, more time, waiting for the member; by act and by post."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.desk.conftest import NewClerk
from tests.desk.world import FLAT, LAMP, World

BEIMEN = "yushan-beimen"


def offered(page: str) -> list[str]:
    """The acts that a page has forms for under 更多, in order."""
    return re.findall(r'id="more-(\w+)"', page)


def moves(page: str) -> list[str]:
    """The thin lines of the time-line, without their times."""
    found = re.findall(r'class="move"[^>]*><span>([^<]+)</span>', page)
    return [line.partition("\u3000")[2] for line in found]


def head(page: str) -> str:
    """The words of a case's head."""
    return re.sub(r"<[^>]+>|\s+", " ", page[page.index('class="facts"') : page.index("</header>", page.index("facts"))])


# -- what is offered to whom -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("post", "accepted", "held"),
    [
        ("intake", ["dispatch", "merge", "regrade", "tag"], ["hand_over", "merge", "regrade", "tag"]),
        (
            "coordinator",
            ["dispatch", "return", "merge", "regrade", "tag"],
            ["transfer", "hand_over", "raise", "ask_time", "pause", "refer", "merge", "regrade", "tag"],
        ),
        (
            "supervisor",
            ["dispatch", "return", "merge", "urge", "regrade", "tag", "exclude"],
            [
                "transfer",
                "hand_over",
                "raise",
                "ask_time",
                "pause",
                "refer",
                "merge",
                "urge",
                "regrade",
                "tag",
                "exclude",
            ],
        ),
    ],
)
async def test_everybody_finds_what_their_post_may_do_now(
    world: World, clerk: NewClerk, post: str, accepted: list[str], held: list[str]
) -> None:
    await world.hire("陈晨", post=post, unit="yushan")
    chen = await clerk("陈晨")
    _, page = await chen.see(f"/desk/case/{LAMP}")
    assert offered(page) == accepted
    _, page = await chen.act(LAMP, "claim")
    assert offered(page) == held


@pytest.mark.parametrize(
    ("post", "held"), [("volunteer", ["hand_over"]), ("grid", ["hand_over", "raise", "pause", "tag"])]
)
async def test_who_sees_only_what_they_hold_is_given_it(
    world: World, clerk: NewClerk, post: str, held: list[str]
) -> None:
    await world.hire("小志", post=post)
    min_, zhi = await clerk("张敏"), await clerk("小志")
    await min_.act(LAMP, "claim")
    assert (await zhi.see(f"/desk/case/{LAMP}"))[0] == 404
    await min_.act(LAMP, "hand_over", "您去看看", to="小志")
    _, page = await zhi.see(f"/desk/case/{LAMP}")
    assert offered(page) == held


async def test_what_the_post_may_not_is_refused_whoever_makes_the_form(world: World, clerk: NewClerk) -> None:
    await world.hire("小志", post="volunteer")
    min_, zhi = await clerk("张敏"), await clerk("小志")
    await min_.act(LAMP, "claim")
    await min_.act(LAMP, "hand_over", "您去看看", to="小志")
    for act in ("answer", "urge", "regrade", "pause", "raise"):
        status, page = await zhi.act(LAMP, act, "因为", to="red")
        assert (status, "您的岗位不办这一项" in page) == (422, True), act
    status, page = await zhi.act(LAMP, "note", "我去看过了")
    assert (status, "我去看过了" in page) == (200, True)


async def test_only_who_holds_a_case_writes_to_its_member(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await min_.act(LAMP, "claim")
    _, page = await juan.see(f"/desk/case/{LAMP}")
    assert "这一件不是您经办的" in page
    status, _ = await juan.act(LAMP, "write", "我来说一句")
    assert (status, world.sent) == (422, [])


# -- 派单 转办 交办 ------------------------------------------------------------------------------
async def test_a_case_goes_to_the_neighbours_and_out_of_sight(world: World, clerk: NewClerk) -> None:
    await world.hire("何北", unit=BEIMEN)
    min_, he = await clerk("张敏"), await clerk("何北")
    _, page = await min_.act(LAMP, "claim")
    town = re.findall(r'<option value="([^"]+)">北门社区<', page)

    status, page = await min_.act(LAMP, "transfer", "灯在他们那边", to=town[0])

    assert (status, "已转办，也告诉了群众" in page, LAMP in page) == (200, True, False)
    assert (await min_.see(f"/desk/case/{LAMP}"))[0] == 404
    _, page = await he.see(f"/desk/case/{LAMP}")
    assert "张敏转给北门社区：灯在他们那边" in moves(page)
    assert "签收还剩 3 小时 30 分" in head(page)  # two hours of work, and the noon between them
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert (row.unit, row.owner, row.first_owner, row.first_unit) == (BEIMEN, "", "张敏", "yushan-xincheng")


async def test_who_names_no_unit_keeps_the_form_as_it_was_written(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    wrong = {"亚特兰蒂斯": "没有这个单位", "陆家镇": "不在您能派到的范围里", "新城社区": "已经在这个单位"}
    for to, words in wrong.items():
        status, page = await min_.act(LAMP, "transfer", "灯在他们那边", to=to)
        assert (status, words in page) == (422, True), to
        form = page[page.index('id="more-transfer"') :]
        assert " open>" in form[:80]
        assert f'value="{to}"' in form
        assert "灯在他们那边</textarea>" in form


async def test_a_case_is_handed_to_a_colleague_who_can_hold_it(world: World, clerk: NewClerk) -> None:
    await world.hire("何北", unit=BEIMEN)
    await world.hire("小管", post="admin")
    min_ = await clerk("张敏")
    _, page = await min_.act(LAMP, "claim")
    form = page[page.index('id="more-hand_over"') :]
    assert re.findall(r'<option value="([^"]+)">', form[: form.index("</form>")]) == ["王站长", "李娟"]
    for name, words in (("何北", "没有这位同事"), ("小管", "没有这位同事"), ("张敏", "已经在他手里"), ("", "还没有选")):
        status, page = await min_.act(LAMP, "hand_over", to=name)
        assert (status, words in page) == (422, True), name
    status, page = await min_.act(LAMP, "hand_over", "我下周休假", to="李娟")
    assert (status, "经办 李娟" in page, "张敏交给李娟：我下周休假" in moves(page)) == (200, True, True)


# -- 退单 ----------------------------------------------------------------------------------------
async def test_a_case_that_is_given_back_is_decided_above_and_comes_back_once(world: World, clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    status, page = await min_.act(LAMP, "return", "灯杆归玉山镇建管所")
    assert (status, "等玉山镇裁定退单" in head(page)) == (200, True)
    assert (await min_.act(LAMP, "send_back", "还是你们办"))[0] == 422

    _, page = await wang.see("/desk/queue/returned")
    assert "等玉山镇裁定退单" in page
    status, page = await wang.act(LAMP, "send_back", "在新城花园里，归社区")
    assert (status, "签收还剩" in head(page)) == (200, True)
    assert "王站长裁定：退单不成立，仍由原单位办：在新城花园里，归社区" in moves(page)

    status, page = await min_.act(LAMP, "return", "真的不归我们")
    assert (status, "已经退过一次" in page) == (422, True)


async def test_a_case_that_was_given_back_with_reason_goes_elsewhere(world: World, clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    await min_.act(LAMP, "return", "灯杆在北门社区")
    status, page = await wang.act(LAMP, "take_back", to="北门社区")
    assert (status, "王站长裁定：不归原单位，改派北门社区" in moves(page)) == (200, True)
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert (row.unit, row.status, row.sent_by) == (BEIMEN, "accepted", "yushan")


# -- 上报 ----------------------------------------------------------------------------------------
async def test_a_case_that_is_raised_waits_for_words_from_above(clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    await min_.act(LAMP, "claim")
    status, page = await min_.act(LAMP, "raise", "换灯杆要镇里批钱")
    assert (status, "等玉山镇书面答复" in head(page), "上级答复还剩" in head(page)) == (200, True, True)
    assert "等玉山镇书面答复" in (await min_.see("/desk/queue/above"))[1]
    status, page = await min_.act(LAMP, "answer", "办不了")
    assert (status, "等上级书面答复后再答复对方" in page) == (422, True)

    status, page = await wang.act(LAMP, "direct", "镇里出钱，本周换")
    assert (status, "经办 张敏" in page, "王站长书面答复：镇里出钱，本周换" in moves(page)) == (200, True, True)
    assert (await min_.act(LAMP, "answer", "本周换好"))[0] == 200


# -- 延期 ----------------------------------------------------------------------------------------
async def test_more_time_is_asked_by_one_and_given_by_another(world: World, clerk: NewClerk) -> None:
    min_, wang = await clerk("张敏"), await clerk("王站长")
    await min_.act(LAMP, "claim")
    status, page = await min_.act(LAMP, "ask_time", "要等配件到货", to="3")
    assert (status, "申请延期 3 个工作日，等裁定" in head(page), world.sent) == (200, True, [])

    _, page = await wang.see(f"/desk/case/{LAMP}")
    assert "要等配件到货</textarea>" in page[page.index('id="more-give_time"') :]
    status, page = await wang.act(LAMP, "give_time", "要等配件到货")
    assert (status, world.sent) == (200, ["要等配件到货"])
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert (row.extended, row.asked, row.due) == (True, 0, row.answer_by)
    assert row.answer_by > world.clock.at + timedelta(days=4)
    status, page = await min_.act(LAMP, "ask_time", "还要等", to="1")
    assert (status, "已经延过一次" in page) == (422, True)


# -- 挂起 ----------------------------------------------------------------------------------------
async def test_a_case_waits_for_its_member_and_goes_on_when_they_write(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    before = await world.database.cases.find(LAMP)
    status, page = await min_.act(LAMP, "pause", "请发一张灯杆编号的照片")
    assert (status, world.sent) == (200, ["请发一张灯杆编号的照片"])
    assert "等群众补充" in head(page)
    assert "等群众补充" in (await min_.see("/desk/queue/member"))[1]
    world.clock.at += timedelta(minutes=50)
    await world.add(LAMP, "编号 X-0312")
    _, page = await min_.see(f"/desk/case/{LAMP}")
    assert "办理中" in head(page)
    after = await world.database.cases.find(LAMP)
    assert before is not None
    assert after is not None
    assert after.due == before.due + timedelta(minutes=50)


# -- 转外部 督办 改级 ------------------------------------------------------------------------------
async def test_a_case_that_another_body_settles_is_answered(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    status, page = await min_.act(LAMP, "refer", "路灯归市照明所，电话 0512-57000000，我们已经报过去。")
    assert (status, "已答复，等评价" in head(page), len(world.sent)) == (200, True, 1)
    assert (await min_.act(LAMP, "close"))[0] == 200


async def test_a_supervisor_urges_and_changes_the_grade(world: World, clerk: NewClerk) -> None:
    wang = await clerk("王站长")
    status, page = await wang.act(LAMP, "urge", "今天必须有人去看")
    assert (status, "王站长督办：今天必须有人去看" in moves(page)) == (200, True)
    status, page = await wang.act(LAMP, "regrade", "有老人摔倒", to="orange")
    assert (status, "王站长改为紧急：有老人摔倒" in moves(page), "紧急" in head(page)) == (200, True, True)


async def test_a_form_of_a_case_that_moved_on_comes_back_with_what_is_new(world: World, clerk: NewClerk) -> None:
    min_, juan = await clerk("张敏"), await clerk("李娟")
    await min_.act(FLAT, "claim")
    _, seen = await min_.see(f"/desk/case/{FLAT}")
    await juan.act(FLAT, "note", "物业说今晚来水")
    fields = dict(re.findall(r'name="(version|seen)" value="([\d.]+)"', seen))
    status, page = await min_.send(f"/desk/case/{FLAT}/pause", words="请补充楼号", **fields)
    assert (status, world.sent) == (409, [])
    assert "物业说今晚来水" in page[page.index("还没有送出") :]
    assert "请补充楼号</textarea>" in page[page.index('id="more-pause"') :]
