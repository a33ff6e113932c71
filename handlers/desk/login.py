"""Signing in and out."""

from __future__ import annotations

from aiohttp import web

from bot.sign_in import Entered, Wait, Wrong
from handlers.desk.frame.door import address, door, is_https, source, visit
from handlers.desk.frame.guard import COOKIE, local_path
from handlers.desk.frame.rendering import page

_LONGEST = 256  # of a name or a password: argon2 would hash a megabyte as willingly


async def show(request: web.Request) -> web.Response:
    """Show the form."""
    left = "已退出。" if "left" in request.query else "太久没动，请重新登录。" if "idle" in request.query else ""
    return _form(name="", back=request.query.get("next", ""), left=left)


async def enter(request: web.Request) -> web.Response:
    """Check the name and the password; the same words for an unknown name and a wrong password."""
    form = await request.post()
    name, password = str(form.get("name", "")).strip()[:_LONGEST], str(form.get("password", ""))[:_LONGEST]
    back = str(form.get("next", ""))
    match await door(request).sign_in.enter(name, password, address(request), source(request)):
        case Wait(minutes=minutes):
            words = f"试错的次数太多了，为了安全先停一停。请 {minutes} 分钟后再试，或者请管理员重设密码。"
            return _form(name=name, back=back, words=words, status=429, wait=minutes)
        case Wrong():
            return _form(name=name, back=back, words="姓名或密码不对，请再试一次。", status=401)
        case Entered(token=token):
            response = web.Response(status=303, headers={"Location": local_path(back) or "/desk/"})
            response.set_cookie(COOKIE, token, path="/desk", httponly=True, samesite="Lax", secure=is_https(request))
            return response


async def leave(request: web.Request) -> web.Response:
    """Sign out: the session is closed here, not only forgotten there."""
    here = door(request)
    await here.database.staff.close_session(
        request.cookies.get(COOKIE, ""), here.now(), actor=visit(request).staff.actor
    )
    response = web.Response(status=303, headers={"Location": "/desk/login?left=1"})
    response.del_cookie(COOKIE, path="/desk")
    return response


def _form(*, name: str, back: str, words: str = "", left: str = "", status: int = 200, wait: int = 0) -> web.Response:
    response = page("login.html", status=status, name=name, next=local_path(back), words=words, left=left, wait=wait)
    if wait:
        response.headers["Retry-After"] = str(wait * 60)
    return response
