"""One case: its page, and what staff do to it there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from aiohttp import web

from bot.desk import LONGEST, Done, Outcome
from bot.outbox import window_facts
from bot.rights import may
from dialogs.desk.cases import Act, Grade, Refused
from dialogs.desk.wishes import OFFERED, TO_UNIT, Wish
from dialogs.forms.finishing import SAME_MATTER
from dialogs.numbers import meant, parse
from handlers.desk.frame import traces, words
from handlers.desk.frame.canned import piece_of, pieces, unfit
from handlers.desk.frame.case_view import Look, view
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.grouped import mergeable
from handlers.desk.frame.listing import frame
from handlers.desk.frame.offered import person_choice, unit_meant
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import CaseView, Choice, More, Offer
from handlers.desk.frame.telling import since
from handlers.desk.frame.where import Where, where_of
from handlers.desk.presence import present
from storage.acts import Stale
from storage.calls import Task
from storage.cases import CasePage
from storage.persons import OtherCase
from storage.staff import Staff

_ACTS = frozenset({Act.CLAIM, Act.NOTE, Act.CLOSE, Act.REVEAL, Act.SEE_IDENTITY, *OFFERED})
_NUMBER = re.compile(r"[0-9]{1,9}")
_BEGINS = 24  # so many characters of a draft tell which it is
_MARK = re.compile(r"[0-9]{1,18}\.[0-9]{1,18}")
_WORDS = frozenset({Act.WRITE, Act.ANSWER})
# Whose words the member reads as they are.
_TO_MEMBER = _WORDS | {Act.PAUSE, Act.REFER, Act.GIVE_TIME}
_BOX = re.compile(r"member|note|[a-z_]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """What came back with the form: the act, the words, and the state of the case that the person had seen."""

    act: Act
    words: str = ""
    to: str = ""
    version: int = 0
    seen: str = "0.0"


async def show(request: web.Request) -> web.Response:
    """Show the case. `told` names an act that was just done."""
    case = await _case(request)
    if "live" not in request.query:  # what the page asks for by itself is nobody's look
        await door(request).database.mentions.seen(visit(request).staff.name, case.row.number, door(request).now())
    kept = await _kept(request, case.row.number, request.query.get("draft", "")) or await _inserted(request, case)
    return await _page(request, case, kept, told=words.TOLD.get(request.query.get("told", ""), ""))


async def following(request: web.Request) -> web.Response:
    """Lead to what hurts most: of one's own cases and of those that wait for somebody, but the one just left."""
    cases, who, now = door(request).database.cases, visit(request), door(request).now()
    left = request.query.get("after", "")
    found = [
        (row.grade is not Grade.RED, row.due, place, row.number)
        for place in ("mine", "unclaimed")
        for row in await cases.queue(place, who.scope, now, limit=2)
        if row.number != left
    ]
    if not found:
        raise web.HTTPSeeOther("/desk/queue/mine")
    _, _, place, number = min(found)
    raise web.HTTPSeeOther(f"/desk/case/{number}?in={place}")


async def act(request: web.Request) -> web.Response:
    """Do what a form asks. A form that names no act, or another form's, does nothing: a note is never a reply."""
    case = await _case(request)
    written = await _written(request)
    why_not = await unfit(request, written.words) if written.act in _TO_MEMBER else ""
    if why_not:
        return await _page(request, case, written, status=422, refused=why_not)
    outcome = await _done(request, case.row.number, written)
    match outcome:
        case Done():
            await _drop_draft(request, case.row.number, written)
            raise web.HTTPSeeOther(await _next(request, case.row.number, written.act))
        case Refused(reason=reason):
            return await _page(request, case, written, status=422, refused=words.refused(reason))
        case Stale():
            return await _page(request, await _case(request), written, status=409, stale=True)
        case _:
            assert_never(outcome)


async def keep_draft(request: web.Request) -> web.Response:
    """Keep what stands in a box; `drop` throws it away and leads back."""
    here, staff = door(request), visit(request).staff
    form = await request.post()
    box, text = str(form.get("box", "")), _text(form.get("words", ""))
    if not _BOX.fullmatch(box) or len(text) > LONGEST:
        raise web.HTTPBadRequest
    number = await here.database.cases.newest_of([request.match_info["number"]], visit(request).scope)
    if not number:
        raise web.HTTPNotFound
    dropped = "drop" in form
    await here.database.drafts.keep(staff.name, number, box, "" if dropped else text, here.now())
    if dropped:
        raise web.HTTPSeeOther(f"/desk/case/{number}?in={(await _where(request)).place.within}")
    return web.Response(status=204)


async def photo(request: web.Request) -> web.Response:
    """Give one photo of the case."""
    case = await _case(request)
    found = await door(request).database.media.get(int(request.match_info["photo"]))
    if found is None or found.number != case.row.number or found.kind not in {"image/jpeg", "image/png"}:
        raise web.HTTPNotFound
    await traces.sealed(request, case.row, "case.photo")
    return web.Response(body=found.content, content_type=found.kind, headers={"Cache-Control": "no-store"})


async def _case(request: web.Request) -> CasePage:
    """Find the case, or answer that there is none: what is not theirs does not exist for them."""
    found = await door(request).database.cases.access_case(request.match_info["number"], visit(request).scope)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _written(request: web.Request) -> _Written:
    form = await request.post()
    key = request.match_info["act"]
    act = str(form.get("act", "")) if key == "say" else key
    if act not in (_WORDS if key == "say" else _ACTS):
        raise web.HTTPNotFound
    version, seen = str(form.get("version", "")), str(form.get("seen", ""))
    if not (_NUMBER.fullmatch(version) and _MARK.fullmatch(seen)):
        raise web.HTTPBadRequest
    text = _text(form.get("words", ""))
    return _Written(act=Act(act), words=text, to=str(form.get("to", "")).strip(), version=int(version), seen=seen)


def _text(words: object) -> str:
    """A browser sends line ends as CR LF; the member's phone and the byte count know only LF."""
    return str(words).replace("\r\n", "\n")


async def _kept(request: web.Request, number: str, box: str) -> _Written | None:
    """Give the draft of a box as words that came back with its form."""
    found = (await door(request).database.drafts.of_case(visit(request).staff.name, number)).get(box) if box else None
    acts = {"member": Act.WRITE} | {act.value: act for act in (Act.NOTE, *OFFERED)}
    return _Written(act=acts[box], words=found.words) if found and box in acts else None


async def _inserted(request: web.Request, case: CasePage) -> _Written | None:
    """Give what was chosen to be inserted, where a page without scripts chose it."""
    wanted = request.query.get("insert", "")
    text = piece_of(await pieces(request, case, ""), wanted) if wanted else ""
    act = Act.ANSWER if request.query.get("mode", "") == "answer" else Act.WRITE
    return _Written(act=act, words=text) if text else None


async def _drop_draft(request: web.Request, number: str, written: _Written) -> None:
    here, box = door(request), "member" if written.act in _WORDS else written.act.value
    await here.database.drafts.sent(visit(request).staff.name, number, box, written.words, here.now())


async def _done(request: web.Request, number: str, written: _Written) -> Outcome:
    here = door(request)
    to = unit_meant(written.to, here.snapshots().units) if written.act in TO_UNIT else written.to
    if written.act is Act.MERGE:
        to = await _case_meant(request, to)
    wish = Wish(act=written.act, version=written.version, words=written.words, to=to)
    return await here.acts.wish(visit(request).staff, number, wish)


async def _case_meant(request: web.Request, said: str) -> str:
    """Give the number of the case that a person wrote, if it exists for them; of a serial alone, the newest."""
    here, whole = door(request), parse(said)
    numbers = [whole] if whole else meant(said, here.organisation.today())
    return await here.database.cases.newest_of(numbers, visit(request).scope)


async def _next(request: web.Request, number: str, act: Act) -> str:
    """Lead back to the case; to the list where it has gone to people whose cases this person does not see."""
    place = (await _where(request)).place
    if act is Act.MERGE and (back := parse(request.query.get("back", ""))):
        number = back  # it was brought in from the page of its main case
    if await door(request).database.cases.access_case(number, visit(request).scope) is None:
        return place.told(act)
    return f"/desk/case/{number}?in={place.within}&told={act}"


async def _where(request: web.Request) -> Where:
    return await where_of(request, request.query.get("in", "mine"))


async def _page(
    request: web.Request,
    case: CasePage,
    written: _Written | None = None,
    *,
    status: int = 200,
    told: str = "",
    refused: str = "",
    stale: bool = False,
) -> web.Response:
    await traces.sealed(request, case.row)
    here = door(request)
    now = here.now()
    media = await here.database.media.of_case(case.row.number)
    cases, scope = here.database.cases, visit(request).scope
    look = Look(
        staff=visit(request).staff,
        snapshots=here.snapshots(),
        windows=window_facts(await here.database.deliveries.windows(case.member.id)),
        photos={each.id for each in media if each.status == "kept" and each.what == "photo"},
        colleagues=await _colleagues(request, case),
        others=await _others(request, case),
        tasks=await _tasks(request, case),
        now=now,
        zone=here.zone,
        tags=await here.database.tags.used(visit(request).scope),
        group=await cases.group(case.row.number, scope),
        near=await cases.near(case.row, scope, now - SAME_MATTER) if mergeable(case.row) else (),
    )
    it = view(case, look)
    if written:
        it = replace(it, more=tuple(reopened(one, written) for one in it.more))
    return page(
        "case.html",
        status=status,
        **await frame(request, await _where(request), open_number=it.number),
        it=it,
        printed=_day(now.astimezone(here.zone)),
        told=told,
        refused=refused,
        stale=since(it.items, written.seen) if written and stale else (),
        mode=_mode(it, written),
        words=written.words if written else "",
        drafts=await _drafts(request, it, written),
        mates=await _mates(request, case),
        present=await present(request, it.number),
        room=look.snapshots.rules.room,
    )


async def _drafts(request: web.Request, it: CaseView, written: _Written | None) -> list[Offer]:
    """Offer what this person wrote here and has not sent, but what stands in its box already."""
    here = door(request)
    kept = await here.database.drafts.of_case(visit(request).staff.name, it.number)
    titles = {"member": "给群众的话" if it.may_write else "", "note": "备注"} | {one.key: one.title for one in it.more}
    shown = "" if written is None else "member" if written.act in _WORDS else written.act.value
    return [
        Offer(
            box=draft.box,
            title=titles[draft.box],
            at=words.moment(draft.at, here.now(), here.zone),
            begins=" ".join(draft.words.split())[:_BEGINS],
        )
        for draft in kept.values()
        if draft.box != shown and titles.get(draft.box)
    ]


def reopened(one: More, written: _Written) -> More:
    """Give back the form that was not done as it was written, open."""
    if one.key != written.act:
        return one
    return replace(one, open=True, words=written.words, to=written.to)


async def _others(request: web.Request, case: CasePage) -> list[OtherCase]:
    """List the same person's other cases; of who must not be known, none."""
    if case.row.anonymous or case.row.confidential:
        return []
    return await door(request).database.persons.others(case.member.id, visit(request).scope, but=case.row.number)


async def _tasks(request: web.Request, case: CasePage) -> list[Task]:
    """List what is to be brought by hand, for those who do."""
    here = door(request)
    if not may(visit(request).staff, Act.CALL, here.snapshots()):
        return []
    return await here.database.calls.of_case(case.row.number)


async def _mates(request: web.Request, case: CasePage) -> list[Choice]:
    """List whom a note can name: colleagues who see the case, each with their post."""
    here, me = door(request), visit(request).staff.name
    return [person_choice(each, here.snapshots()) for each in await here.acts.colleagues(case.row, but=me)]


async def _colleagues(request: web.Request, case: CasePage) -> list[Staff]:
    """List who could hold the case: of its unit and of those above, in a post that signs for cases."""
    here = door(request)
    known = here.snapshots()
    found = await here.database.staff.of_units([unit.id for unit in known.units.path(case.row.unit)], here.now())
    able = [each for each in found if Act.CLAIM in known.rules.may(each.post) and each.name != case.row.owner]
    if case.row.confidential:
        cleared = await here.database.trust.names(here.now())
        able = [each for each in able if each.name in cleared]
    return list({each.name: each for each in able}.values())


def _mode(it: CaseView, written: _Written | None) -> str:
    keys = [mode.key for mode in it.modes]
    return written.act.value if written and written.act in keys else keys[0]


def _day(at: datetime) -> str:
    return f"{at.year} 年 {at.month} 月 {at.day} 日"
