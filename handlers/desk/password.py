"""One's own password: whoever came with a one-time one chooses their own before anything else."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place

_LONGEST = 256  # argon2 would hash a megabyte as willingly


async def show(request: web.Request) -> web.Response:
    """Show the form."""
    return await _page(request, told="密码换好了。" if "told" in request.query else "")


async def choose(request: web.Request) -> web.Response:
    """Keep the new password, or say why not."""
    form = await request.post()
    old, new, again = (str(form.get(key, ""))[:_LONGEST] for key in ("old", "new", "again"))
    staff = visit(request).staff
    wrong = await door(request).people.choose(staff, old, new, again)
    if wrong is not None:
        return await _page(request, refused=wrong.reasons, status=422)
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
