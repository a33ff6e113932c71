"""What no browser sends of itself: NUL bytes, broken forms, endless figures. Refused in words, never our mistake."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from handlers.desk.frame.guard import COOKIE
from tests.desk.conftest import NewClerk
from tests.desk.world import LAMP, Client, World

MULTIPART = "multipart/form-data; boundary=x"
FORM = "application/x-www-form-urlencoded"
NAMED = b'--x\r\nContent-Disposition: form-data; name="name"'
# A lone half of a character, as a form in UTF-7 can hold it.
HALF = b"+2AA-"


@pytest.mark.parametrize(
    "path",
    [
        "/desk/case/%00", "/desk/case/a%00b", "/desk/case/%00/photo/1", "/desk/queue/%00", "/desk/unit/%00",
        "/desk/unit/%00/codes", "/desk/queue/mine?open=%00", "/desk/queue/mine?after=%00", "/desk/queue/mine?told=%00",
        "/desk/find?number=%00", "/desk/units?q=%00", f"/desk/case/{LAMP}?in=%00", "/desk/queue/mine?%00=1",
        "/desk/login?next=%00", "/desk/static/%00", "/desk/%00",
    ],
)  # fmt: skip
async def test_a_nul_in_an_address_is_refused(world: World, clerk: NewClerk, path: str) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    zhao = await clerk("赵管理")
    response = await zhao.client.get(URL(path, encoded=True))
    assert (response.status, "没有办成" in await response.text()) == (400, True)


@pytest.mark.parametrize("loaded", ["9" * 5000, "9" * 30, "²", "٣", "-1", ""])
async def test_a_list_is_as_long_as_it_may_be_however_much_is_asked(clerk: NewClerk, loaded: str) -> None:
    min_ = await clerk("张敏")
    status, page = await min_.see("/desk/queue/unit", params={"loaded": loaded})
    assert (status, LAMP in page) == (200, True)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"name=%00&password=x"),
        (FORM, b"name=x&password=%00"),
        (FORM, b"name=x&password=y&next=%00"),
        (FORM, b"%00=x"),
        (FORM, b"name=\xff\xfe&password=y"),
        (f"{FORM}; charset=nonsense", b"name=x&password=y"),
        (f"{FORM}; charset=utf-7", b"name=" + HALF + b"&password=y"),
        ("multipart/form-data", b"x"),
        (MULTIPART, b"--x\r\nbroken"),
        (MULTIPART, b"--y\r\n\r\n"),
        (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n"),
        (MULTIPART, NAMED + b"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\nx\r\n--x--\r\n"),
        (MULTIPART, NAMED + b"\r\nContent-Transfer-Encoding: nonsense\r\n\r\nx\r\n--x--\r\n"),
        (MULTIPART, NAMED + b'; filename="a.txt"\r\n\r\nx\r\n--x--\r\n'),
    ],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_refused(
    world: World, clerk: NewClerk, stranger: Client, kind: str, body: bytes
) -> None:
    response = await stranger.post("/desk/login", data=body, headers={"Content-Type": kind})
    assert (response.status, "没有办成" in await response.text()) == (400, True)

    await world.hire("赵管理", "kunshan", "admin")
    zhao = await clerk("赵管理")
    await zhao.see("/desk/units")
    headers = {"Content-Type": kind, "X-CSRF-Token": zhao.csrf}
    for path in (f"/desk/case/{LAMP}/note", "/desk/unit/kunshan/edit", "/desk/logout"):
        response = await zhao.client.post(path, data=body, headers=headers)
        assert (response.status, "没有办成" in await response.text()) == (400, True), path


async def test_a_sheet_that_cannot_be_read_is_refused(world: World, clerk: NewClerk) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    zhao = await clerk("赵管理")
    await zhao.see("/desk/units")
    headers = {"X-CSRF-Token": zhao.csrf}
    for path in ("/desk/units/import", "/desk/units/import/confirm"):
        form = FormData({"sheet": "\0"}, default_to_multipart=True)
        response = await zhao.client.post(path, data=form, headers=headers)
        assert response.status == 400


@pytest.mark.parametrize("sheet", ["PK\x03\x04", "x" * 200_000], ids=["zip", "one word"])
async def test_what_is_no_sheet_is_not_confirmed(world: World, clerk: NewClerk, sheet: str) -> None:
    await world.hire("赵管理", "kunshan", "admin")
    zhao = await clerk("赵管理")
    await zhao.see("/desk/units")
    status, page = await zhao.send("/desk/units/import/confirm", sheet=sheet, revision="0")
    assert (status, "另存" in page) == (422, True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://["}, 403),
        ({"X-CSRF-Token": "\udce9"}, 403),
        ({"HX-Request": "true", "HX-Current-URL": "http://[", "Cookie": f"{COOKIE}=x"}, 401),
        ({"HX-Request": "true", "HX-Current-URL": "http://desk/desk/\udce9", "Cookie": f"{COOKIE}=x"}, 401),
        ({"Cookie": f"{COOKIE}=\udce9"}, 303),
    ],
)
async def test_a_head_that_cannot_be_read_gets_no_further(
    world: World, clerk: NewClerk, headers: dict[str, str], status: int
) -> None:
    min_ = await clerk("张敏")
    if "Cookie" in headers:
        min_.client.session.cookie_jar.clear()
    response = await min_.client.post(
        f"/desk/case/{LAMP}/claim", data=b"a=b", headers={"Content-Type": FORM, **headers}, allow_redirects=False
    )
    assert response.status == status


async def test_a_told_address_that_cannot_be_read_is_not_believed(stranger: Client) -> None:
    for told in ("\udce9", "9" * 5000):
        response = await stranger.post(
            "/desk/login", data={"name": "张敏", "password": "falsch"}, headers={"X-Forwarded-For": told}
        )
        assert response.status == 401


@pytest.fixture
async def stranger(server: TestServer) -> AsyncIterator[Client]:
    """Somebody who has not signed in."""
    client = TestClient(server)
    yield client
    await client.session.close()
