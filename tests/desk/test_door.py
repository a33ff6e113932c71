"""The door: signing in and out, throttling, what other pages may not send, headers, errors in words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from html import escape

import pytest
from aiohttp.test_utils import TestClient, TestServer

from handlers.desk.frame.guard import COOKIE, local_path
from handlers.desk.frame.rendering import STATIC
from tests.desk.conftest import NewClerk
from tests.desk.world import FLAT, LAMP, PASSWORD, Clerk, World


@pytest.fixture
async def stranger(server: TestServer) -> AsyncIterator[Clerk]:
    """Somebody who has not signed in."""
    client = TestClient(server)
    yield Clerk(client, "张敏")
    await client.session.close()


async def test_signing_in_leads_back_to_where_one_wanted_to_be(stranger: Clerk) -> None:
    response = await stranger.client.get(f"/desk/case/{LAMP}", allow_redirects=False)
    assert response.headers["Location"] == f"/desk/login?next=/desk/case/{LAMP}"
    page = await (await stranger.client.get(response.headers["Location"])).text()
    assert f'name="next" value="/desk/case/{LAMP}"' in page
    response = await stranger.client.post(
        "/desk/login", data={"name": "张敏", "password": PASSWORD, "next": f"/desk/case/{LAMP}"}, allow_redirects=False
    )
    assert (response.status, response.headers["Location"]) == (303, f"/desk/case/{LAMP}")


@pytest.mark.parametrize(
    "path",
    ["//evil.example/desk/", "https://evil.example/desk/", "/desk/\\evil", "/desk/\nSet-Cookie: a=b", "/wechat/main",
     "", "/desk/login?next=/desk/", "/desk/logout"],
)  # fmt: skip
def test_signing_in_never_leads_elsewhere(path: str) -> None:
    assert local_path(path) == ""


async def test_an_unknown_name_and_a_wrong_password_sound_the_same(stranger: Clerk) -> None:
    wrong = await stranger.sign_in("falsch")
    unknown = await Clerk(stranger.client, "没有这个人").sign_in("falsch")
    texts = [(await response.text()).replace("没有这个人", "张敏") for response in (wrong, unknown)]
    assert (wrong.status, unknown.status) == (401, 401)
    assert texts[0] == texts[1]
    assert "姓名或密码不对" in texts[0]


async def test_guessing_is_slowed_down_and_the_waiting_time_is_told(world: World, stranger: Clerk) -> None:
    for _ in range(4):
        assert (await stranger.sign_in("falsch")).status == 401
        world.clock.at += timedelta(minutes=1)
    response = await stranger.sign_in("falsch")
    assert response.status == 429
    assert "请 11 分钟后再试" in await response.text()
    assert response.headers["Retry-After"] == "660"
    # Not even the right password helps before that, and then it does.
    assert (await stranger.sign_in()).status == 429
    world.clock.at += timedelta(minutes=12)
    assert (await stranger.sign_in()).status == 303


async def test_one_address_cannot_try_many_names(world: World, stranger: Clerk) -> None:
    for serial in range(30):
        await world.database.staff.record_failure("address:203.0.113.9", world.clock.at - timedelta(seconds=serial))
    tries = {"name": "李娟", "password": PASSWORD}
    there = await stranger.client.post("/desk/login", data=tries, headers={"X-Forwarded-For": "203.0.113.9"})
    here = await stranger.client.post("/desk/login", data=tries, allow_redirects=False)
    assert (there.status, here.status) == (429, 303)


async def test_the_cookie_tells_nothing_and_is_kept_from_scripts(world: World, stranger: Clerk) -> None:
    response = await stranger.sign_in()
    cookie = response.headers["Set-Cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{40,}}; HttpOnly; Path=/desk; SameSite=Lax", cookie)
    secure = await stranger.client.post(
        "/desk/login",
        data={"name": "李娟", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https"},
        allow_redirects=False,
    )
    assert "; Secure" in secure.headers["Set-Cookie"]
    assert await world.database.staff.session(response.cookies[COOKIE].value, world.clock.at) is not None


async def test_signing_out_ends_the_session_itself(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.see("/desk/queue/mine")
    cookies = min_.client.session.cookie_jar.filter_cookies(min_.client.make_url("/desk/"))
    token = cookies[COOKIE].value
    status, page = await min_.send("/desk/logout")
    assert (status, "已退出" in page) == (200, True)
    assert await world.database.staff.session(token, world.clock.at) is None


async def test_a_desk_left_alone_is_shut_though_its_page_refreshes_itself(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for _ in range(7):
        world.clock.at += timedelta(minutes=10)
        response = await min_.client.get("/desk/queue/mine?live=1", allow_redirects=False)
    assert response.status == 303
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://desk/desk/case/{LAMP}?in=mine"}
    response = await min_.client.get("/desk/queue/mine?live=1", headers=htmx)
    assert response.status == 401
    assert response.headers["HX-Redirect"] == f"/desk/login?next=/desk/case/{LAMP}%3Fin%3Dmine&idle=1"


async def test_what_a_person_does_keeps_the_desk_open(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for _ in range(4):
        world.clock.at += timedelta(minutes=50)
        assert (await min_.see("/desk/queue/mine"))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_site_cannot_act(world: World, clerk: NewClerk, headers: dict[str, str]) -> None:
    min_ = await clerk("张敏")
    await min_.see(f"/desk/case/{LAMP}")
    status, page = await min_.send(f"/desk/case/{LAMP}/claim", headers, version="1", seen="0.0")
    assert (status, "不是从工作台自己的页面来的" in page) == (403, True)
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert row.owner == ""


@pytest.mark.parametrize("token", ["", "0" * 64, "令牌"])
async def test_a_form_without_its_token_is_refused(world: World, clerk: NewClerk, token: str) -> None:
    min_ = await clerk("张敏")
    await min_.see(f"/desk/case/{LAMP}")
    status, _ = await min_.send(f"/desk/case/{LAMP}/claim", csrf=token, version="1", seen="0.0")
    assert status == 403
    other = await clerk("李娟")
    await other.see("/desk/queue/mine")
    status, _ = await min_.send(f"/desk/case/{LAMP}/claim", csrf=other.csrf, version="1", seen="0.0")
    assert status == 403
    row = await world.database.cases.find(LAMP)
    assert row is not None
    assert row.owner == ""


async def test_the_token_may_come_in_a_header(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    await min_.see(f"/desk/case/{LAMP}")
    headers = {"X-CSRF-Token": min_.csrf, "HX-Request": "true"}
    status, page = await min_.send(f"/desk/case/{LAMP}/claim", headers, csrf="", version="1", seen="0.0")
    assert (status, "经办 张敏" in page) == (200, True)


PAGES = ["/desk/login", "/desk/queue/mine", "/desk/queue/unit", f"/desk/case/{LAMP}?in=unit", "/desk/queue/nowhere"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_closed_to_what_is_not_ours(clerk: NewClerk, path: str) -> None:
    min_ = await clerk("张敏")
    response = await min_.client.get(path)
    page = await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", page)
    assert not re.findall(r"(?:https?:)?//[a-z]", page)
    assert "{{" not in page


async def test_pages_that_are_not_there_say_so_in_words(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for path in ("/desk/queue/nowhere", "/desk/nothing", "/desk/case/HY-000000-0000-0", "/desk/queue/unit?after=x.y"):
        status, page = await min_.see(path)
        assert (status, "回到工作台" in page) == (404, True), path


async def test_our_own_mistake_is_told_with_a_code_and_nothing_else(
    world: World, clerk: NewClerk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    min_ = await clerk("张敏")

    async def broken(*_args: object, **_kw: object) -> None:
        raise RuntimeError("周建国 13812345678")

    monkeypatch.setattr(type(world.database.cases), "pressing", broken)
    status, page = await min_.see("/desk/queue/mine")
    assert (status, "这一页出了问题" in page) == (500, True)
    assert "RuntimeError" not in page
    assert "周建国" not in page
    code = re.search(r"编号就能查到原因：([0-9a-f]{8})", page)
    assert code is not None
    assert code[1] in capsys.readouterr().out


async def test_static_files_are_served_as_they_are_and_kept(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    _, page = await min_.see("/desk/queue/mine")
    for address in re.findall(r'(?:src|href)="(/desk/static/[^"#]+)', page):
        response = await min_.client.get(address)
        assert response.status == 200
        assert "immutable" in response.headers["Cache-Control"]
        assert await response.read() == (STATIC / address.split("/", 4)[4]).read_bytes()


async def test_who_was_away_too_long_is_told_so(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    world.clock.at += timedelta(hours=2)
    status, page = await min_.see(f"/desk/case/{LAMP}")
    assert (status, "太久没动，请重新登录。" in page) == (200, True)
    assert f'name="next" value="/desk/case/{LAMP}"' in page


async def test_the_number_read_over_the_telephone_leads_to_the_case(clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for heard in (FLAT, "hy 261121 0412 6", "ＨＹ２６１１２１０４１２６"):
        status, page = await min_.see("/desk/find", params={"number": heard})
        assert (status, "七号楼停水两天了" in page) == (200, True), heard


async def test_the_serial_alone_leads_to_the_newest_case_that_has_it(world: World, clerk: NewClerk) -> None:
    min_ = await clerk("张敏")
    for heard in ("0412", "412", "〇四一二", "0412-6"):
        status, page = await min_.see("/desk/find", params={"number": heard})
        assert (status, "七号楼停水两天了" in page) == (200, True), heard
    world.clock.at += timedelta(minutes=5)
    await world.open_case("HY-261123-0412-5", user="sun", title="今天的那一件")
    status, page = await min_.see("/desk/find", params={"number": "0412"})
    assert (status, "今天的那一件" in page) == (200, True)


async def test_what_is_not_found_is_said_inside_the_desk(world: World, clerk: NewClerk) -> None:
    min_, head = await clerk("张敏"), await clerk("王站长")
    await world.open_case("HY-261123-0501-8", user="sun", unit="yushan-tinglin", title="亭林的事")
    for wanted in ("0999", "0501", "0412-5", "路灯", "<b>"):  # 0501 lies in another unit
        status, page = await min_.see("/desk/find", params={"number": wanted})
        assert status == 404, wanted
        assert f"没有找到「{escape(wanted)}」" in page
        assert 'id="rail"' in page
        assert "亭林的事" not in page
    assert (await head.see("/desk/find", params={"number": "0501"}))[0] == 200


def test_what_others_wrote_is_vendored_unmodified_and_with_its_licence() -> None:
    vendor = STATIC / "vendor"
    lines = (vendor / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in vendor.iterdir() if path.name != "SHA256SUMS"}
    assert found == listed
    assert any("LICENSE" in name for name in found)
