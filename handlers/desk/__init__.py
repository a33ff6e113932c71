"""The desk: one file a page, one template each. `application` takes everything the desk needs as one value."""

from __future__ import annotations

from aiohttp import web

from handlers.desk import (
    audit,
    bulk,
    calls,
    case,
    categories,
    codes,
    directory,
    duty,
    exports,
    find,
    home,
    import_units,
    insert,
    intake,
    login,
    mentions,
    narrow,
    password,
    people,
    presence,
    queue,
    replies,
    standing,
    trust,
    units,
)
from handlers.desk.frame import events, guard, legible
from handlers.desk.frame.door import DOOR, DeskDoor
from handlers.desk.frame.rendering import STATIC, tree_hash
from handlers.desk.numbers import cases as numbers_cases
from handlers.desk.numbers import log, month, trends, wall
from handlers.desk.numbers import units as numbers_units
from handlers.desk.numbers.reading import COUNTING, made

__all__ = ["DeskDoor", "application"]


def application(desk: DeskDoor) -> web.Application:
    """Make the desk's application, to be mounted with `add_subapp("/desk", …)`."""
    before = [guard.errors, guard.same_origin, legible.address, guard.session]
    app = web.Application(middlewares=before, client_max_size=256 * 1024)
    app[DOOR] = desk
    app[events.STREAMS] = events.Streams()
    app[events.WHEREABOUTS] = events.Whereabouts(desk.database.cases)
    app[COUNTING] = made(desk)
    app.on_response_prepare.append(guard.add_headers)
    app.on_shutdown.append(events.stop)
    app.router.add_routes(
        [
            web.get("", home.show),
            web.get("/", home.show),
            web.get("/login", login.show),
            web.post("/login", login.enter),
            web.post("/logout", login.leave),
            web.get("/queue/{place}", queue.show),
            web.get("/filter/{place}", narrow.show),
            web.post("/bulk", bulk.look),
            web.post("/bulk/do", bulk.do),
            web.get("/bulk/{run:[0-9a-f]{24}}", bulk.show),
            web.post("/bulk/{run:[0-9a-f]{24}}/undo", bulk.undo),
            web.post("/views", narrow.keep),
            web.post("/views/{view:[0-9]{1,15}}/drop", narrow.drop),
            web.get("/find", find.box),
            web.post("/find", find.ask),
            web.get("/find/{sealed}", find.show),
            web.get("/case/{number}", case.show),
            web.get(r"/case/{number}/photo/{photo:[0-9]{1,15}}", case.photo),
            web.post("/case/{number}/here", presence.show),
            web.post("/case/{number}/called", calls.take),
            web.post("/case/{number}/insert", insert.show),
            web.post("/case/{number}/draft", case.keep_draft),
            web.post("/case/{number}/{act}", case.act),
            web.get("/audit", audit.show),
            web.get("/exports", exports.show),
            web.post("/exports", exports.ask),
            web.get(r"/exports/{export:[\w-]{16,64}}", exports.fetch),
            web.get("/units", units.show),
            web.get("/units/import", import_units.show),
            web.post("/units/import", import_units.check),
            web.post("/units/import/confirm", import_units.confirm),
            web.get("/units/export.{kind:csv|xlsx}", import_units.export),
            web.get("/unit/{unit}", units.show_one),
            web.get("/unit/{unit}/codes", codes.show),
            web.post("/unit/{unit}/{act}", units.act),
            web.get("/directory", directory.show),
            web.post("/directory/{act:save|remove}", directory.act),
            web.post("/directory/proposal/{event:[0-9]{1,15}}/{act:accept|decline}", directory.decide),
            web.get("/duty", duty.show),
            web.post("/duty/{act:add|remove}", duty.act),
            web.post("/directory/import", directory.check),
            web.post("/directory/import/confirm", directory.confirm),
            web.get("/directory/export.{kind:csv|xlsx}", directory.export),
            web.get("/categories", categories.show),
            web.post("/categories/{act:save|close|open}", categories.act),
            web.get("/people", people.show),
            web.post("/people/add", people.add),
            web.get("/person/{person:[0-9a-f]{16}}", people.show_one),
            web.post("/person/{person:[0-9a-f]{16}}/{act}", people.act),
            web.get("/standing", standing.show),
            web.post("/standing/ask", standing.ask),
            web.post("/standing/{id:[0-9]{1,9}}/end", standing.end),
            web.get("/trust", trust.show),
            web.post("/trust/standing/{id:[0-9]{1,9}}/{act:allow|refuse|end}", trust.decide),
            web.post("/trust/clear", trust.clear),
            web.post("/trust/clearance/{id:[0-9]{1,9}}/end", trust.unclear),
            web.get("/password", password.show),
            web.post("/password", password.choose),
            web.get("/next", case.following),
            web.get("/intake", intake.show),
            web.post("/intake", intake.take),
            web.post("/intake/look", intake.look),
            web.get("/calls", calls.show),
            web.get("/mentions", mentions.show),
            web.get("/replies", replies.show),
            web.post("/replies", replies.keep),
            web.get("/numbers", month.show),
            web.get("/numbers/month", month.show),
            web.get("/numbers/month.xlsx", month.export),
            web.get("/numbers/cases", numbers_cases.show),
            web.get("/numbers/wall", wall.show),
            web.get("/numbers/log", log.show),
            web.get("/numbers/log.xlsx", log.export),
            web.get("/numbers/trends", trends.show),
            web.get("/numbers/{kind:units|year}", numbers_units.show),
            web.get("/numbers/{kind:units|year}.xlsx", numbers_units.export),
            web.get("/events", events.stream),
            web.static(f"/static/{tree_hash()}", STATIC),
        ]
    )
    return app
