"""Choosing a canned reply or an article for a case, with the words as they will stand in the composer."""

from __future__ import annotations

from aiohttp import web

from handlers.desk.frame.canned import pieces
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.rendering import page

_LONGEST = 60


async def show(request: web.Request) -> web.Response:
    """Show what fits; the words that are looked for come in a form, so that they stand in no address."""
    form = await request.post()
    query = " ".join(str(form.get("q", "")).split())[:_LONGEST]
    case = await door(request).database.cases.access_case(request.match_info["number"], visit(request).scope)
    if case is None:
        raise web.HTTPNotFound
    mode = str(form.get("mode", ""))
    return page(
        "insert.html",
        number=case.row.number,
        found=await pieces(request, case, query),
        q=query,
        csrf=visit(request).csrf,
        mode=mode if mode in {"write", "answer"} else "write",
        place=request.query.get("in", "mine"),
    )
