"""人员: who works where; added, moved, switched off with their cases handed over, each with its day."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest

from handlers.desk.frame.people_view import address
from tests.desk.conftest import NewClerk
from tests.desk.world import FLAT, LAMP, PASSWORD, Clerk, World

HOME, NEXT = "yushan-xincheng", "yushan-tinglin"
Do = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def admin(world: World, clerk: NewClerk) -> Clerk:
    """赵管理, who keeps the people of the whole city."""
    await world.hire("赵管理", "kunshan", "admin")
    return await clerk("赵管理")


async def do(admin: Clerk, name: str, act: str, **fields: str) -> tuple[int, str]:
    """Open a person and send one of the forms there."""
    _, page = await admin.see(address(name))
    revision = re.search(r'name="revision" value="(\d+)"', page)
    return await admin.send(f"{address(name)}/{act}", **{"revision": revision[1] if revision else "0", **fields})


def once(page: str) -> str:
    """The one-time password that a page shows."""
    found = re.search(r'class="password"><code>([^<]+)<', page)
    return found[1] if found else ""


async def test_somebody_new_comes_with_a_password_for_once(world: World, admin: Clerk, clerk: NewClerk) -> None:
    await admin.see("/desk/people?add=1")
    fields = {"name": "孙新人", "post": "coordinator", "unit": "新城社区"}
    status, page = await admin.send("/desk/people/add", **fields)
    password = once(page)
    assert (status, len(password)) == (200, 17)
    status, page = await admin.send("/desk/people/add", **fields)
    assert (status, "已经有人用「孙新人」" in page, once(page)) == (422, True, "")
    assert password not in (await admin.see(address("孙新人")))[1]
    sun = await clerk("孙新人")
    await sun.sign_in(password)
    _, page = await sun.see("/desk/queue/mine")
    assert "请先设自己的密码" in page
    status, page = await sun.send("/desk/password", old=password, new="123", again="124")
    assert (status, "至少 10 个字符" in page, "不一样" in page) == (422, True, True)
    await sun.send("/desk/password", old=password, new=PASSWORD, again=PASSWORD)
    _, page = await sun.see("/desk/queue/unclaimed")
    assert LAMP in page
    _, page = await admin.see(address("孙新人"))
    assert re.search("赵管理添加：[^<]*新城社区对接协调员", page)
    assert "本人改了密码" in page


async def test_every_slip_is_said_in_words(admin: Clerk) -> None:
    await admin.see("/desk/people?add=1")
    status, page = await admin.send("/desk/people/add", name="孙", post="audit", unit="没有这里")
    assert (status, "没有找到「没有这里」" in page) == (422, True)
    status, page = await admin.send("/desk/people/add", name="孙", post="audit", unit=HOME)
    assert (status, "登录名用 2 到 40 个" in page, "审计管理员不能在工作台上设" in page) == (422, True, True)
    status, page = await do(admin, "赵管理", "off")
    assert (status, "自己的岗位和密码不能由自己" in page) == (422, True)


async def test_who_holds_cases_leaves_only_when_somebody_takes_them(
    world: World, admin: Clerk, clerk: NewClerk
) -> None:
    await world.hire("何北", "yushan-beimen")
    min_ = await clerk("张敏")
    for number in (LAMP, FLAT):
        await min_.act(number, "claim")
    status, page = await do(admin, "张敏", "off")
    assert (status, LAMP in page, FLAT in page, "路灯" in page) == (422, True, True, False)
    for to, words in (("何北", "接不了其中的件"), ("没有人", "没有「没有人」这位同事"), ("张敏", "没有「张敏」")):
        status, page = await do(admin, "张敏", "off", to=to)
        assert (status, words in page) == (422, True), to
    status, page = await do(admin, "张敏", "off", to="李娟")
    assert (status, "停用了" in page, "停用，手上的件交给李娟" in page) == (200, True, True)
    assert (await min_.client.get("/desk/queue/mine", allow_redirects=False)).status == 303, "signed out at once"
    assert (await min_.sign_in()).status == 401
    juan = await clerk("李娟")
    _, page = await juan.see(f"/desk/case/{LAMP}")
    assert "赵管理交给李娟" in page
    assert "经办 李娟" in page
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert row.first_owner == "张敏", "who was asked first stays"
    await do(admin, "张敏", "on")
    assert (await min_.sign_in()).status == 303


async def test_another_unit_or_post_has_its_day_and_old_rights_end(world: World, admin: Clerk, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.act(LAMP, "claim")
    status, page = await do(admin, "张敏", "move", post="supervisor", unit=HOME)
    assert (status, "新城社区服务督办员" in page) == (200, True), "who stays in the unit keeps their cases"
    status, page = await do(admin, "张敏", "move", post="coordinator", unit="亭林社区")
    assert (status, "还有没办完的件" in page) == (422, True)
    status, page = await do(admin, "张敏", "move", post="coordinator", unit=NEXT, to="李娟")
    assert status == 200
    assert (await min_.see(f"/desk/case/{LAMP}"))[0] == 404
    status, page = await do(admin, "张敏", "hold", post="intake", unit=HOME)
    assert (status, "新城社区信息传递员" in page) == (200, True)
    assert (await min_.see(f"/desk/case/{LAMP}"))[0] == 200
    held = re.search(r'name="held" value="(\d+)"', page)
    assert held
    await do(admin, "张敏", "leave", held=held[1])
    assert (await min_.see(f"/desk/case/{LAMP}"))[0] == 404


async def test_what_somebody_else_changed_meanwhile_is_seen_first(admin: Clerk, clerk: NewClerk) -> None:
    status, page = await do(admin, "李娟", "reset")
    password = once(page)
    assert (status, bool(password)) == (200, True)
    status, page = await do(admin, "李娟", "reset", revision="0")
    assert (status, "资料改过了" in page, once(page)) == (409, True, "")
    juan = await clerk("李娟")
    assert (await juan.sign_in()).status == 401
    assert (await juan.sign_in(password)).status == 303


async def test_people_are_found_by_name_post_and_unit(world: World, admin: Clerk, clerk: NewClerk) -> None:
    for words, there, elsewhere in (
        ("李", "李娟", "张敏"),
        ("站长", "王站长", "李娟"),
        ("新城社区", "张敏", "王站长"),
        ("没有这样的", "没有找到", "李娟"),
    ):
        _, page = await admin.see("/desk/people", params={"q": words})
        assert there in page, words
        assert elsewhere not in page, words
    await world.hire("钱管理", "lujia", "admin")
    town = await clerk("钱管理")
    assert "张敏" not in (await town.see("/desk/people"))[1]
    assert (await town.see(address("张敏")))[0] == 404
    assert "张敏" not in address("张敏")
