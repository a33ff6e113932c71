"""Access: every page of the desk against every kind of person, in one table. A page without a row here fails."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest

from handlers.desk.frame.people_view import address
from tests.desk.conftest import NewClerk
from tests.desk.test_sealed import CALLED, NAME, PHONE, SEALED, clear, open_sealed
from tests.desk.world import FAR, LAMP, World

HOME = "yushan-xincheng"
# Who is asking: their post and unit. 王站长 is cleared, the others are not.
WHO = {
    "coordinator": ("张敏", HOME),
    "intake": ("信息", HOME),
    "supervisor": ("督办", HOME),
    "head": ("王站长", "yushan"),
    "grid": ("网格", f"{HOME}-g1"),
    "volunteer": ("志愿", HOME),
    "elsewhere": ("别处", "lujia"),
    "admin": ("系统", "kunshan"),
    "security": ("安全", "kunshan"),
    "audit": ("审计", "kunshan"),
}
CASES = {"coordinator", "intake", "supervisor", "head", "grid", "volunteer", "elsewhere"}
SEES_HOME = {"coordinator", "intake", "supervisor", "head"}
EVERYBODY = set(WHO)
NOBODY = set[str]()
WRITES = CASES - {"volunteer"}
FIGURES = {"supervisor", "head"}

# Address (as the router has it) · an example · who gets it; everybody else gets 404. `None`: it leads everybody on.
PAGES: tuple[tuple[str, str, set[str] | None], ...] = (
    ("/desk", "/desk", EVERYBODY),
    ("/desk/", "/desk/", EVERYBODY),
    ("/desk/queue/{place}", "/desk/queue/unit", CASES),
    ("/desk/queue/{place}", "/desk/queue/sealed", {"head"}),
    ("/desk/filter/{place}", "/desk/filter/unit", CASES),
    ("/desk/case/{number}", f"/desk/case/{LAMP}", SEES_HOME),
    ("/desk/case/{number}", f"/desk/case/{FAR}", {"head"}),
    ("/desk/case/{number}", f"/desk/case/{SEALED}", {"head"}),
    ("/desk/case/{number}", "/desk/case/HY-000000-0000-0", NOBODY),
    ("/desk/case/{number}/photo/{photo}", f"/desk/case/{LAMP}/photo/1", NOBODY),
    ("/desk/units", "/desk/units", {"admin"}),
    ("/desk/units/import", "/desk/units/import", {"admin"}),
    ("/desk/units/export.{kind}", "/desk/units/export.csv", {"admin"}),
    ("/desk/unit/{unit}", f"/desk/unit/{HOME}", {"admin"}),
    ("/desk/unit/{unit}/codes", f"/desk/unit/{HOME}/codes", {"admin"}),
    ("/desk/people", "/desk/people", {"admin"}),
    ("/desk/person/{person}", address("张敏"), {"admin"}),
    ("/desk/standing", "/desk/standing", CASES),
    ("/desk/trust", "/desk/trust", {"security"}),
    ("/desk/audit", "/desk/audit", {"audit"}),
    ("/desk/password", "/desk/password", EVERYBODY),
    ("/desk/calls", "/desk/calls", CASES),
    ("/desk/find", "/desk/find", CASES),
    ("/desk/find/{sealed}", "/desk/find/x", NOBODY),
    ("/desk/bulk/{run}", "/desk/bulk/" + "0" * 24, NOBODY),
    ("/desk/exports", "/desk/exports", CASES | {"audit"}),
    ("/desk/exports/{export}", "/desk/exports/" + "0" * 16, NOBODY),
    ("/desk/directory", "/desk/directory", {"admin"}),
    ("/desk/categories", "/desk/categories", {"admin"}),
    ("/desk/duty", "/desk/duty", FIGURES),
    ("/desk/directory/export.{kind}", "/desk/directory/export.csv", {"admin"}),
    ("/desk/next", "/desk/next", None),
    ("/desk/intake", "/desk/intake", WRITES),
    ("/desk/mentions", "/desk/mentions", CASES),
    ("/desk/replies", "/desk/replies", WRITES),
    ("/desk/numbers", "/desk/numbers", FIGURES),
    ("/desk/numbers/month", "/desk/numbers/month", FIGURES),
    ("/desk/numbers/month.xlsx", "/desk/numbers/month.xlsx", FIGURES),
    ("/desk/numbers/cases", "/desk/numbers/cases", NOBODY),
    ("/desk/numbers/wall", "/desk/numbers/wall", FIGURES),
    ("/desk/numbers/log", "/desk/numbers/log", FIGURES),
    ("/desk/numbers/log.xlsx", "/desk/numbers/log.xlsx", FIGURES),
    ("/desk/numbers/trends", "/desk/numbers/trends", FIGURES),
    ("/desk/numbers/{kind}", "/desk/numbers/units", FIGURES),
    ("/desk/numbers/{kind}.xlsx", "/desk/numbers/units.xlsx", FIGURES),
)
# The doors of signing in, and what is no page.
OPEN = {"/desk/login", "/desk/events"}
# Forms: address · an example · to whom the door is open (what it then says is another question: 200, 4xx, 303).
FORMS: tuple[tuple[str, str, set[str] | None], ...] = (
    ("/desk/logout", "/desk/logout", None),
    ("/desk/case/{number}/{act}", f"/desk/case/{LAMP}/note", SEES_HOME),
    ("/desk/case/{number}/{act}", f"/desk/case/{FAR}/note", {"head"}),
    ("/desk/case/{number}/{act}", f"/desk/case/{SEALED}/note", {"head"}),
    ("/desk/case/{number}/{act}", f"/desk/case/{SEALED}/see_identity", {"head"}),
    ("/desk/case/{number}/draft", f"/desk/case/{SEALED}/draft", {"head"}),
    ("/desk/case/{number}/insert", f"/desk/case/{SEALED}/insert", {"head"}),
    ("/desk/case/{number}/called", f"/desk/case/{SEALED}/called", {"head"}),
    ("/desk/case/{number}/here", f"/desk/case/{SEALED}/here", None),
    ("/desk/units/import", "/desk/units/import", {"admin"}),
    ("/desk/units/import/confirm", "/desk/units/import/confirm", {"admin"}),
    ("/desk/unit/{unit}/{act}", f"/desk/unit/{HOME}/edit", {"admin"}),
    ("/desk/people/add", "/desk/people/add", {"admin"}),
    ("/desk/person/{person}/{act}", f"{address('张敏')}/off", {"admin"}),
    ("/desk/standing/ask", "/desk/standing/ask", CASES),
    ("/desk/standing/{id}/end", "/desk/standing/1/end", CASES),
    ("/desk/trust/standing/{id}/{act}", "/desk/trust/standing/1/allow", {"security"}),
    ("/desk/trust/clear", "/desk/trust/clear", {"security"}),
    ("/desk/trust/clearance/{id}/end", "/desk/trust/clearance/1/end", {"security"}),
    ("/desk/password", "/desk/password", EVERYBODY),
    ("/desk/bulk", "/desk/bulk", CASES),
    ("/desk/bulk/do", "/desk/bulk/do", CASES),
    ("/desk/bulk/{run}/undo", "/desk/bulk/" + "0" * 24 + "/undo", NOBODY),
    ("/desk/views", "/desk/views", NOBODY),
    ("/desk/views/{view}/drop", "/desk/views/1/drop", CASES),
    ("/desk/find", "/desk/find", CASES),
    ("/desk/exports", "/desk/exports", CASES | {"audit"}),
    ("/desk/categories/{act}", "/desk/categories/save", {"admin"}),
    ("/desk/duty/{act}", "/desk/duty/add", FIGURES),
    ("/desk/directory/{act}", "/desk/directory/save", {"admin"}),
    ("/desk/directory/proposal/{event}/{act}", "/desk/directory/proposal/1/accept", {"admin"}),
    ("/desk/directory/import", "/desk/directory/import", {"admin"}),
    ("/desk/directory/import/confirm", "/desk/directory/import/confirm", {"admin"}),
    ("/desk/intake", "/desk/intake", WRITES),
    ("/desk/intake/look", "/desk/intake/look", WRITES),
    ("/desk/replies", "/desk/replies", NOBODY),
)

# What a form carries that comes from a page.
STATE = {"version": "1", "seen": "0.0", "words": "x", "revision": "0", "box": "note", "task": "1", "tries": "0"}


@pytest.fixture
async def full(world: World) -> World:
    """Everybody has a desk, and 王站长 is cleared for the one confidential case."""
    for post, (name, unit) in WHO.items():
        if name not in {"张敏", "王站长"}:
            await world.hire(name, unit, "coordinator" if post == "elsewhere" else post)
    await open_sealed(world)
    await clear(world, "王站长")
    return world


def written(content: bytes) -> str:
    """What a page or a sheet says."""
    if not content.startswith(b"PK"):
        return content.decode(errors="ignore")
    with ZipFile(BytesIO(content)) as sheet:
        return "".join(sheet.read(name).decode(errors="ignore") for name in sheet.namelist())


def routed(world: World) -> set[tuple[str, str]]:
    """Every address of the desk with its method, as the router has it."""
    found = set[tuple[str, str]]()
    for resource in world.application().router.resources():
        for route in getattr(resource, "_app", world.application()).router.routes():
            path = route.resource.canonical if route.resource else ""
            found.add((route.method, path))
    return {(method, path) for method, path in found if not path.startswith("/desk/static") and method != "HEAD"}


async def test_every_page_and_every_form_has_its_row(world: World) -> None:
    rows = {("GET", address) for address, *_ in PAGES} | {("POST", address) for address, *_ in FORMS}
    rows |= {("GET", "/desk/login"), ("POST", "/desk/login"), ("GET", "/desk/events")}
    missing = {(method, path) for method, path in routed(world) if method in {"GET", "POST"}} - rows
    assert not missing, "add a row to the table above: who may open it?"


@pytest.mark.parametrize("who", WHO)
async def test_who_opens_what(full: World, clerk: NewClerk, who: str) -> None:
    person = await clerk(WHO[who][0])
    wrong = []
    for _, example, allowed in PAGES:
        if allowed is None:
            continue
        status = (await person.client.get(example)).status
        if (status == 200) != (who in allowed) or status not in {200, 404}:
            wrong.append((example, status))
    await person.see("/desk/password")
    for _, example, allowed in FORMS:
        if allowed is None:
            continue
        status, _ = await person.send(example, **STATE)
        if (status != 404) != (who in allowed) and not (who in allowed and example.endswith(("/draft", "/called"))):
            wrong.append((f"POST {example}", status))
    assert not wrong


async def test_a_stranger_is_led_to_the_sign_in(full: World, clerk: NewClerk) -> None:
    stranger = await clerk("没有这个人")
    for _, example, _ in PAGES:
        answer = await stranger.client.get(example, allow_redirects=False)
        assert answer.status == 303, example
        assert answer.headers["Location"].startswith("/desk/login"), example
    for _, example, _ in FORMS:
        answer = await stranger.client.post(example, data={"csrf": "0"}, allow_redirects=False)
        assert answer.status == 303, example


@pytest.mark.parametrize("who", WHO)
async def test_no_page_says_who_confided(full: World, clerk: NewClerk, who: str) -> None:
    person = await clerk(WHO[who][0])
    cleared = who == "head"
    for _, example, _ in PAGES:
        answer = await person.client.get(example)
        page = written(await answer.read())
        for secret in (NAME, PHONE, PHONE[-4:] + "<", "139****4321"):
            assert secret not in page, (example, secret)
        if not cleared:
            assert CALLED not in page, example
            assert example == f"/desk/case/{SEALED}" or SEALED not in page, example
    for asked in (NAME, PHONE, PHONE[-4:], "谈谈家里", SEALED):
        await person.see("/desk/password")
        _, page = await person.send("/desk/find", q=asked)
        rows = re.findall(r'id="row-([\w-]+)"', page)
        assert SEALED not in rows or (cleared and asked == SEALED), asked
