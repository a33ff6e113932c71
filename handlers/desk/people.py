"""The people at the desk: who works where, and what their administrator may do; one's own password."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import assert_never

from aiohttp import web

from bot.people import Once, Wrong
from dialogs.desk.organisation import Impossible
from dialogs.facts import Snapshots
from handlers.desk.frame.door import door, require, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.people_view import Group, address, group, person_view
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from handlers.desk.units import meant
from storage.acts import Stale
from storage.roster import Kept, Person

PLACE = Place(key="people", title="人员")
_PAGE = 100
_STALE = "还没有办：您看的时候，他的资料改过了。请看过下面的再办一次。"
_TOLD = {
    "move": "改好了，历史里还留着原来的岗位和单位。",
    "off": "停用了，再也登录不了；他办过的件还看得到他的名字。",
    "on": "启用了，可以用原来的密码登录。",
    "hold": "兼上了。",
    "leave": "不再兼了。",
}
_ACTS = frozenset({*_TOLD, "reset"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What stands beside the list."""

    person: Person | None = None
    acted: str = ""
    form: Mapping[str, str] | None = None
    refused: Sequence[str] = ()
    told: str = ""
    once: str = ""
    status: int = 200


async def show(request: web.Request) -> web.Response:
    """List the people; `q` looks for a name, a post or a unit; `add` opens the form for somebody new."""
    require(request, "organisation")
    return await _page(request, _Shown(acted="add" if "add" in request.query else ""))


async def show_one(request: web.Request) -> web.Response:
    """Show one person. `told` names an act that was just done."""
    person = await _person(request)
    return await _page(request, _Shown(person=person, told=_TOLD.get(request.query.get("told", ""), "")))


async def add(request: web.Request) -> web.Response:
    """Add a person; their password is on the page that answers, and nowhere else."""
    require(request, "organisation")
    form, here = await _form(request), door(request)
    name, unit = form.get("name", "").strip(), _unit(request, form)
    if isinstance(unit, Impossible):
        return await _page(request, _Shown(acted="add", form=form, refused=unit.reasons, status=422))
    got = await here.people.add(name, form.get("post", ""), unit, by=visit(request).staff)
    if isinstance(got, Wrong):
        return await _page(request, _Shown(acted="add", form=form, refused=got.reasons, status=422))
    person = await here.database.roster.person(name)
    return await _page(request, _Shown(person=person, once=got.password))


async def act(request: web.Request) -> web.Response:
    """Do what a form asks, or show it again with what stands against it."""
    person = await _person(request)
    kind, form = request.match_info["act"], await _form(request)
    if kind not in _ACTS or not form.get("revision", "").isdecimal():
        raise web.HTTPNotFound
    got = await _done(request, person, kind, form)
    match got:
        case Kept():
            raise web.HTTPSeeOther(f"{address(person.name)}?told={kind}")
        case Once(password=password):
            return await _page(request, _Shown(person=await _person(request), once=password))
        case Wrong(reasons=reasons):
            return await _page(request, _Shown(person=person, acted=kind, form=form, refused=reasons, status=422))
        case Stale():
            shown = _Shown(person=await _person(request), acted=kind, form=form, refused=(_STALE,), status=409)
            return await _page(request, shown)
        case _:
            assert_never(got)


async def _done(
    request: web.Request, person: Person, kind: str, form: Mapping[str, str]
) -> Kept | Once | Wrong | Stale:
    people, by, revision = door(request).people, visit(request).staff, int(form["revision"])
    to = form.get("to", "")
    match kind:
        case "off":
            return await people.off(person, to, revision=revision, by=by)
        case "on":
            return await people.on(person, revision=revision, by=by)
        case "reset":
            return await people.reset(person, revision=revision, by=by)
        case "leave":
            held = form.get("held", "")
            return await people.leave(person, int(held) if held.isdecimal() else 0, revision=revision, by=by)
    unit, post = _unit(request, form), form.get("post", "")
    if isinstance(unit, Impossible):
        return Wrong(unit.reasons)
    if kind == "move":
        return await people.move(person, post, unit, to, revision=revision, by=by)
    return await people.hold(person, post, unit, _until(request, form), revision=revision, by=by)


def _until(request: web.Request, form: Mapping[str, str]) -> datetime | None:
    """The end of the day up to which a post is held; None where no day is given."""
    try:
        day = date.fromisoformat(form.get("until", ""))
    except ValueError:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, door(request).zone)


def _unit(request: web.Request, form: Mapping[str, str]) -> str | Impossible:
    found = meant(request, door(request).snapshots().units, form.get("unit", "").strip())
    return found if isinstance(found, Impossible) else found.id


async def _form(request: web.Request) -> dict[str, str]:
    return {key: str(value) for key, value in (await request.post()).items()}


async def _person(request: web.Request) -> Person:
    """Find the person of an address, if they are of one of this administrator's units."""
    require(request, "organisation")
    roster, units = door(request).database.roster, visit(request).units
    names = await roster.names(list(units))
    name = next((each for each in names if address(each).endswith(request.match_info["person"])), "")
    person = await roster.person(name) if name else None
    if person is None:
        raise web.HTTPNotFound
    return person


async def _page(request: web.Request, shown: _Shown) -> web.Response:
    here, known = door(request), door(request).snapshots()
    words = request.query.get("q", "").strip()
    start = int(request.query["from"]) if request.query.get("from", "").isdecimal() else 0
    people, more = await _listed(request, known, words, min(start, 10**6))
    person = shown.person
    return page(
        "people.html",
        status=shown.status,
        **await bare_frame(request, PLACE),
        q=words,
        start=start,
        groups=people,
        more=start + _PAGE if more else 0,
        posts=[(key, post.title) for key, post in known.rules.posts.items() if post.desk and not post.keeps],
        choices=[(unit.id, unit.full_name) for unit in known.units if unit.id in visit(request).units][:400],
        it=person_view(person, known, here.now(), here.zone) if person else None,
        acted=shown.acted,
        given=shown.form or {},
        refused=shown.refused,
        told=shown.told,
        once=shown.once,
        today=here.organisation.today().isoformat(),
    )


async def _listed(request: web.Request, known: Snapshots, words: str, start: int) -> tuple[list[Group], bool]:
    """The people that are looked for, under their units; of a unit that is named, everybody."""
    mine = visit(request).units
    named = {unit.id for unit in known.units.by_name(words)} & mine if words else set[str]()
    posts = [key for key, post in known.rules.posts.items() if words and words in post.title]
    looked = "" if named else words
    units = sorted(frozenset().union(*(known.units.subtree(each) for each in named)) & mine) if named else sorted(mine)
    found = await door(request).database.roster.of_units(units, words=looked, posts=posts, start=start, limit=_PAGE + 1)
    shown = found[:_PAGE]
    groups = [group(unit, list(theirs), known) for unit, theirs in groupby(shown, lambda each: each.unit)]
    return groups, len(found) > _PAGE
