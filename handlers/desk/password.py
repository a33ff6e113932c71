"""One's own password: whoever came with a one-time one chooses their own before anything else."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot.people import choice_wrong
from bot.sign_in import Wait, Wrong
from handlers.desk.frame.door import address, door, visit
from handlers.desk.frame.guard import COOKIE
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place

_WAIT = "试错的次数太多了，为了安全先停一停。请 {minutes} 分钟后再试，或者请管理员重设密码。"
_LONGEST = 256  # argon2 would hash a megabyte as willingly


async def show(request: web.Request) -> web.Response:
    """Show the form."""
    return await _page(request, told="密码换好了。" if "told" in request.query else "")


async def choose(request: web.Request) -> web.Response:
    """Keep the new password, or say why not."""
    form = await request.post()
    old, new, again = (str(form.get(key, ""))[:_LONGEST] for key in ("old", "new", "again"))
    here, staff = door(request), visit(request).staff
    reasons = tuple(choice_wrong(old, new, again))
    if reasons:
        return await _page(request, refused=reasons, status=422)
    match await here.sign_in.proves(staff.name, old, address(request), staff.source):
        case Wait(minutes=minutes):
            return await _page(request, refused=(_WAIT.format(minutes=minutes),), status=429)
        case Wrong():
            return await _page(request, refused=("现在的密码不对。",), status=422)
    await here.people.choose(staff, new, token=request.cookies.get(COOKIE, ""))
    raise web.HTTPSeeOther("/desk/" if staff.one_time else "/desk/password?told=1")


async def _page(
    request: web.Request, *, refused: Sequence[str] = (), told: str = "", status: int = 200
) -> web.Response:
    return page(
        "password.html",
        status=status,
        **await bare_frame(request, Place(key="password", title="改密码")),
        first=visit(request).staff.one_time,
        refused=refused,
        told=told,
    )
