"""Before any page: headers, errors in words, the session, the forms' token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import SplitResult, quote, urlsplit

import structlog
from aiohttp import web

from bot.rights import rights_of, scope_of
from bot.sheets import MOST_BYTES
from handlers.desk.frame import legible
from handlers.desk.frame.door import VISIT, Visit, door, source
from handlers.desk.frame.rendering import sentence

COOKIE = "hongyan_desk"
# A clerk goes to lunch and comes back; a desk left alone over the afternoon is shut.
IDLE = timedelta(hours=1)
# Where a whole spreadsheet comes in; everywhere else a form is some words.
UPLOADS = frozenset(
    {
        "/desk/units/import",
        "/desk/units/import/confirm",
        "/desk/directory/import",
        "/desk/directory/import/confirm",
    }
)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
# What is open to somebody who has not chosen their own password yet.
_FIRST = frozenset({"/desk/password", "/desk/logout"})
_SENTENCES = {
    403: ("没有办成", "这个请求不是从工作台自己的页面来的，没有照办。请回到工作台再试。"),
    404: ("没有找到", "没有这一件，或者它不在您能看的单位里。请核对受理编号。"),
    405: ("没有这个办法", "这一页不能这样打开。请从工作台进来。"),
    413: ("太长了", "写的字太多，没有收下。请分成几段。"),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on everything that leaves the desk; static addresses change with their content."""
    response.headers.update(_HEADERS)
    if request.path.startswith("/desk/static/") and response.status == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what goes wrong into a page in words."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        title, words = _SENTENCES.get(error.status, ("没有办成", "请回到工作台再试一次。"))
        return sentence(title, words, status=error.status)
    except Exception:  # noqa: BLE001  whatever it was, the person gets a page in words and the log gets the rest
        code = secrets.token_hex(4)
        await structlog.get_logger().aexception(
            "a page of the desk failed", code=code, path=request.path, method=request.method
        )
        return sentence(
            "这一页出了问题",
            "没有办成。请退回上一页过一会儿再试；写了一会儿的字，打开那一件可以恢复草稿。",
            status=500,
            code=code,
        )


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page sends: the browser says where a request comes from."""
    if request.method not in {"GET", "HEAD"}:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get("Origin", "")
        if site not in {"same-origin", "none"} or (origin and _parts(origin).netloc != request.host):
            raise web.HTTPForbidden
    return await handler(request)


@web.middleware
async def session(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is asking. Without a session, the way leads to the sign-in and back again."""
    if request.path == "/desk/login" or request.path.startswith("/desk/static/"):
        await legible.form(request)
        return await handler(request)
    token = request.cookies.get(COOKIE, "")
    token = token if token.isascii() else ""
    here = door(request)
    # What the page asks for by itself does not keep a session awake; what a person does, does.
    quiet = request.path == "/desk/events" or "live" in request.query
    staff = await here.database.staff.session(token, here.now(), idle=IDLE, touch=not quiet) if token else None
    if staff is None:
        return _to_login(request, idle=bool(token))
    staff, known = replace(staff, source=source(request)), here.snapshots()
    rights = rights_of(staff, known)
    takes_files = "organisation" in rights and request.path in UPLOADS
    if takes_files:
        request = request.clone(client_max_size=MOST_BYTES + 64 * 1024)
    request[VISIT] = Visit(
        staff=staff,
        scope=scope_of(staff, known),
        rights=rights,
        units=known.units.subtree(staff.unit),
        csrf=csrf_of(token),
    )
    if request.method not in {"GET", "HEAD"}:
        await legible.form(request, files=takes_files)
        await _check_token(request)
    if staff.one_time and request.path not in _FIRST:
        raise web.HTTPSeeOther("/desk/password")
    return await handler(request)


def csrf_of(token: str) -> str:
    """Derive the forms' token from the session's: bound to it, and of no use to anybody without the cookie."""
    return hmac.digest(token.encode(), b"hongyan desk forms", "sha256").hex()


async def _check_token(request: web.Request) -> None:
    given = request.headers.get("X-CSRF-Token") or (await request.post()).get("csrf", "")
    if not isinstance(given, str) or not legible.legible(given):
        raise web.HTTPForbidden
    if not hmac.compare_digest(given.encode(), request[VISIT].csrf.encode()):
        raise web.HTTPForbidden


def _to_login(request: web.Request, *, idle: bool) -> web.Response:
    if request.path == "/desk/events":
        return web.Response(status=401)
    if "HX-Request" in request.headers:
        shown = _parts(request.headers.get("HX-Current-URL", ""))
        back = f"{shown.path}?{shown.query}" if shown.query else shown.path
        return web.Response(status=401, headers={"HX-Redirect": _login(back, idle=idle)})
    raise web.HTTPSeeOther(_login(request.path_qs if request.method == "GET" else "", idle=idle))


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _login(back: str, *, idle: bool) -> str:
    query = [f"next={quote(back)}"] if local_path(back) else []
    query += ["idle=1"] if idle else []  # a session was open here: the page says why it is not any more
    return f"/desk/login?{'&'.join(query)}" if query else "/desk/login"


def local_path(path: str) -> str:
    """Give the path if it is one of the desk's own, else nothing: nobody is led elsewhere after signing in."""
    fine = path.startswith("/desk/") and "\\" not in path and not any(ord(letter) < 33 for letter in path)
    fine = fine and legible.legible(path)
    return path if fine and not path.startswith(("/desk/login", "/desk/logout", "/desk/events")) else ""
