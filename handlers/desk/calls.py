"""What a person has to bring by hand: whom to ring up or write to, and taking down every try."""

from __future__ import annotations

import re
from typing import assert_never

from aiohttp import web

from bot.desk import Called, Done
from dialogs.desk.cases import Refused
from handlers.desk.frame import words
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from storage.acts import Stale

PLACE = Place(key="calls", title="请回电")
_NUMBER = re.compile(r"[0-9]{1,15}")
_GIST = 60


async def show(request: web.Request) -> web.Response:
    """List whom to ring up, those who wait longest first."""
    here, who = door(request), visit(request)
    if "cases" not in who.rights:
        raise web.HTTPNotFound
    now, units = here.now(), here.snapshots().units
    tasks = [
        {
            "number": task.number,
            "title": task.title,
            "words": " ".join(task.words.split())[:_GIST],
            "owner": task.owner or "待签收",
            "unit": unit.name if (unit := units.get(task.unit)) else task.unit,
            "way": "请写信" if task.way == "letter" else "请回电",
            "tries": f"没接通 {task.tries} 次" if task.tries else "还没有打",
            "since": words.ago(task.since, now),
        }
        for task in await here.database.calls.all(who.scope)
    ]
    return page("calls.html", **await bare_frame(request, PLACE), tasks=tasks)


async def take(request: web.Request) -> web.Response:
    """Take down one try, and lead back to the case."""
    here, who, form = door(request), visit(request), await request.post()
    number = await here.database.cases.newest_of([request.match_info["number"]], who.scope)
    if not number:
        raise web.HTTPNotFound
    task, tries, reached = (str(form.get(name, "")) for name in ("task", "tries", "reached"))
    if not (_NUMBER.fullmatch(task) and _NUMBER.fullmatch(tries) and reached in {"yes", "no"}):
        raise web.HTTPBadRequest
    said = str(form.get("words", "")).replace("\r\n", "\n")
    solved, satisfied = str(form.get("solved", "")), str(form.get("satisfied", ""))
    call = Called(
        task=int(task),
        tries=int(tries),
        reached=reached == "yes",
        words=said,
        solved=solved if solved in {"yes", "no", "partly"} else "",  # type: ignore[arg-type]
        satisfied=int(satisfied) if satisfied in {"1", "2", "3", "4", "5"} else 0,
    )
    outcome = await here.acts.called(who.staff, number, call)
    match outcome:
        case Done():
            raise web.HTTPSeeOther(f"/desk/case/{number}?told={'called' if call.reached else 'missed'}")
        case Refused() | Stale():
            raise web.HTTPNotFound
        case _:
            assert_never(outcome)
