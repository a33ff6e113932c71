"""The categories: both levels, one of them to change, to add or to close, and the versions there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from dialogs.desk import kinds_form
from dialogs.desk.directory_sheet import cells
from dialogs.rules import Rules
from dialogs.rules.kinds import Edit
from handlers.desk.directory import allowed
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from storage.acts import Stale

PLACE = Place(key="categories", title="诉求类别")
_CHANGED = "还没有存：您改的时候，别人改了诉求类别。您填的还在下面，现在存着的在旁边，看过再存一次。"
_TOLD = {
    "save": "存好了，是新的一版，马上照它认。",
    "close": "停用了：不再给会员选，办过的、在办的件名称不变。",
    "open": "又能用了。",
}


async def show(request: web.Request) -> web.Response:
    """Show the tree and one category. `under`: a new one below this; `history`: the versions."""
    _allow(request)
    query = request.query
    edit = _found(request, query["key"]) if "key" in query else None
    if "under" in query:
        edit = _new(request, query["under"])
    told = _TOLD.get(query.get("told", ""), "")
    return await _page(request, edit, told=told, history="history" in query)


async def act(request: web.Request) -> web.Response:
    """Keep one category as it was filled in, close it or open it again: a new version."""
    _allow(request)
    rules, kind = door(request).snapshots().rules, request.match_info["act"]
    form = {key: str(value) for key, value in (await request.post()).items()}
    is_new = not form.get("key", "")
    if is_new and rules.categories.top(form.get("under", "")) is None:
        return await _page(request, None, status=422, refused="没有存：没有说在哪个大类里加。请从左边选一个大类。")
    before = _new(request, form["under"]) if is_new else _found(request, form["key"])
    now: Edit | dict[str, str]
    if kind == "save":
        now = _twice(request, form, before) or kinds_form.read(form, before, rules)
    elif is_new or "." not in before.key:
        raise web.HTTPNotFound
    else:
        day = door(request).now().astimezone(door(request).zone).date().isoformat()
        now = replace(before, closed=(before.closed or day) if kind == "close" else "")
    if not isinstance(now, Edit):
        return await _page(request, before, status=422, form=form, wrong=now)
    if replace(now, former=()) == replace(_standing(request, now), former=()):  # sent twice, or nothing was changed
        raise _to(now, kind)
    got = await door(request).books.kinds.keep(
        now,
        version=_version(form.get("revision", "")),
        by=visit(request).staff.actor,
        why=kinds_form.say_change(before, now, rules),
    )
    if isinstance(got, Stale):
        latest = _new(request, form["under"]) if is_new else _found(request, before.key)
        return await _page(request, latest, status=409, form=form, refused=_CHANGED)
    raise _to(now, kind)


def _allow(request: web.Request) -> None:
    if not allowed(request):
        raise web.HTTPNotFound


def _found(request: web.Request, key: str) -> Edit:
    edit = door(request).books.kinds.edit(key)
    if edit is None:
        raise web.HTTPNotFound
    return edit


def _standing(request: web.Request, edit: Edit) -> Edit:
    return door(request).books.kinds.edit(edit.key) or Edit(key=edit.key, title="")


def _new(request: web.Request, top: str) -> Edit:
    rules = door(request).snapshots().rules
    if rules.categories.top(top) is None:
        raise web.HTTPNotFound
    return kinds_form.added(top, rules)


def _twice(request: web.Request, form: Mapping[str, str], before: Edit) -> Edit | None:
    """Give the category that this very form added already, if it did."""
    top = door(request).snapshots().rules.categories.top(before.key.partition(".")[0])
    if before.title or top is None:
        return None
    kept = [_found(request, sub.key) for sub in top.subs if sub.title == form.get("title", "").strip()]
    rules = door(request).snapshots().rules
    again = [(each, kinds_form.read(form, each, rules)) for each in kept]
    return next((each for each, read in again if read == each and each.key.rpartition(".")[2][:4] == "own_"), None)


def _to(edit: Edit, kind: str) -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"/desk/categories?key={edit.key}&told={kind}")


def _version(seen: str) -> int:
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0


async def _page(
    request: web.Request,
    edit: Edit | None,
    *,
    status: int = 200,
    told: str = "",
    form: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    refused: str = "",
    history: bool = False,
) -> web.Response:
    here, rules = door(request), door(request).snapshots().rules
    kinds, counts = here.books.kinds, await here.books.kinds.open_cases()
    top = rules.categories.top(edit.key.partition(".")[0]) if edit else None
    return page(
        "categories.html",
        status=status,
        **await bare_frame(request, PLACE),
        version=kinds.version,
        tops=[(each, sum(counts.get(sub.key, 0) for sub in each.subs)) for each in rules.categories.tops],
        counts=counts,
        total=sum(1 for each in rules.categories if not each.closed),
        it=edit,
        top=top,
        level=("" if edit is None else "top" if "." not in edit.key else "sub" if edit.title else "new"),
        given={**(asdict(edit) if edit else {}), **(form or {})},
        theirs=_theirs(edit, rules) if edit and refused and edit.title else (),
        grades=[(key.value, rule.title) for key, rule in rules.grades.items()],
        posts=[(post.key, post.title) for post in rules.posts.values()],
        usual=_usual(edit, rules),
        shared=kinds_form.shared(edit, kinds.edits(), rules) if edit and not form else (),
        rows=_rows(edit, request) if edit else (),
        wrong=wrong or {},
        told=told,
        refused=refused,
        history=[
            f"第 {book.version} 版：{book.at.astimezone(here.zone):%Y-%m-%d %H:%M} {book.by}，{book.why}"
            for book in await kinds.history()
        ]
        if history
        else None,
    )


def _usual(edit: Edit | None, rules: Rules) -> dict[str, str]:
    """Say the grade and the post that the first level has."""
    form = next((each for each in rules.kinds.form.categories if edit and each.key == edit.key.partition(".")[0]), None)
    return {"grade": rules.grades[form.grade].title, "post": rules.post(form.post)} if form else {}


def _theirs(edit: Edit, rules: Rules) -> list[tuple[str, str]]:
    category = rules.categories.get(edit.key)
    graded = [("等级", rules.grades[category.grade].title), ("岗位", rules.post(category.post))] if category else []
    spoken = [("认得准的词", edit.sure), ("常说的词", edit.words), ("旁证", edit.hints)]
    return [("名称", edit.title), *graded, *((name, words) for name, words in spoken if words)]


def _rows(edit: Edit, request: web.Request) -> list[dict[str, Any]]:
    """Give the rows of the dispatch directory by which cases of this category go: the nearest that there are."""
    known = door(request).snapshots()
    for key in dict.fromkeys((edit.key, edit.key.partition(".")[0], "")):
        found = [each for each in known.rules.directory if each.category == key]
        if found:
            return [{"key": f"{each.category}|{each.place}", **cells(each, known.units, known.rules)} for each in found]
    return []
