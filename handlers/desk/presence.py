"""Who else looks at a case or writes on it, as each window says of itself; by the hot store, with an end.

What a person does at a case is nobody's record: it is told to those who have the same case open, and forgotten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web

from bot.desk import PRESENT
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.rendering import page

_WINDOW = re.compile(r"[0-9a-z]{8,32}")
_DOING = {"look": "在看", "write": "正在写回复", "answer": "正在写答复", "note": "正在写备注", "act": "正在填表"}
_GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window of the desk that a person has open on a case."""

    name: str
    doing: str
    own: bool


async def show(request: web.Request) -> web.Response:
    """Take what a window says of itself, and give who else is there. Whoever may not see the case hears of nobody."""
    number, here, staff = request.match_info["number"], door(request), visit(request).staff
    form = await request.post()
    window, doing = str(form.get("window", "")), str(form.get("doing", ""))
    if not _WINDOW.fullmatch(window) or doing not in {*_DOING, _GONE}:
        raise web.HTTPBadRequest
    if not await here.database.cases.newest_of([number], visit(request).scope):
        raise web.HTTPNotFound
    who, gone = f"{window} {staff.name}", here.snapshots().rules.room.presence_gone
    changed = await (here.hot.leave(number, who) if doing == _GONE else here.hot.enter(number, who, doing, float(gone)))
    if changed:
        await here.hot.publish(PRESENT, number)
    if doing == _GONE:
        return web.Response(status=204)
    return page("presence.html", present=await present(request, number, window))


async def present(request: web.Request, number: str, window: str = "") -> str:
    """Say who else is at a case, those who write first: 「王芳正在写回复 · 李强在看」; '' for nobody."""
    name = visit(request).staff.name
    found = await door(request).hot.present(number)
    there = []
    for who, doing in found.items():
        other, _, by = who.partition(" ")
        if other != window and doing in _DOING:
            there.append(Window(name=by, doing=doing, own=by == name))
    return " · ".join(_said(there))


def _said(there: list[Window]) -> list[str]:
    """One line a person: what they do that matters most; another window of one's own is said as such."""
    order = ["answer", "write", "note", "act", "look"]
    most: dict[tuple[bool, str], str] = {}
    for each in sorted(there, key=lambda each: order.index(each.doing)):
        most.setdefault((each.own, each.name), each.doing)
    # A name stands off from what follows where it ends in a letter or a figure.
    return [
        f"{'您的另一个窗口' if own else name}{' ' if name[-1:].isascii() and not own else ''}{_DOING[doing]}"
        for (own, name), doing in most.items()
    ]
