"""The audit log for whoever keeps it: who did what, as sentences, narrowed by person, kind, case and days."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from urllib.parse import urlencode

from aiohttp import web

from bot.audit_words import GROUPS, Said, sentence
from bot.auditing import units_audited
from handlers.desk.frame import words
from handlers.desk.frame.door import DeskDoor, door, require, visit
from handlers.desk.frame.listing import bare_frame
from handlers.desk.frame.rendering import page
from handlers.desk.frame.shown import Place
from storage.audit import Record
from storage.audit_chain import Standing
from storage.audit_log import Recorded, Wanted

PLACE = Place(key="audit", title="审计")
_PAGE = 100
_LONGEST = 64  # of a name or a number in the form
_CURSOR = re.compile(r"(-?[0-9]{1,15}\.[0-9]{1,18})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrow:
    """What the form asks for, as it was typed; `wrong` says what cannot be read."""

    by: str = ""
    what: str = ""
    on: str = ""
    since: str = ""
    until: str = ""

    @property
    def query(self) -> str:
        """The same as part of an address."""
        return urlencode({each.name: value for each in fields(self) if (value := getattr(self, each.name))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record as it is shown."""

    clock: str
    said: Said
    where: str
    seq: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The records of one day, the newest first."""

    title: str
    lines: tuple[Line, ...]


async def show(request: web.Request) -> web.Response:
    """Show the log. Whoever reads it is in it."""
    require(request, "audit")
    after = request.query.get("after", "")
    if not _CURSOR.fullmatch(after):
        raise web.HTTPNotFound
    here, narrow = door(request), narrow_of(request)
    wanted = wanted_of(request, narrow)
    log = here.database.audit
    read = Record(actor=visit(request).staff.actor, act="audit.read", kind="audit", note=_note(narrow))
    await log.append(read, now=here.now())
    found = [] if wanted is None else await log.records(wanted, after=after, limit=_PAGE + 1)
    more = found[_PAGE - 1].cursor if len(found) > _PAGE else ""
    return page(
        "audit.html",
        status=422 if wanted is None else 200,
        **await bare_frame(request, PLACE),
        days=list(_days(found[:_PAGE], here)),
        narrow=narrow,
        wrong="" if wanted else "日期要写成 2026-11-21 这样，开始不晚于结束。",
        groups={key: title for key, (title, _) in GROUPS.items()},
        more=f"/desk/audit?{urlencode({'after': more})}&{narrow.query}" if more else "",
        later=bool(after),
        chain=chain_words(await here.database.chain.standing(), here),
        now=f"{here.now().astimezone(here.zone):%Y-%m-%d %H:%M}",
        once=secrets.token_urlsafe(16),
    )


def narrow_of(request: web.Request) -> Narrow:
    """Read what the form asks for."""
    return narrowed(request.query.get(each.name, "") for each in fields(Narrow))


def narrowed(given: Iterator[str]) -> Narrow:
    """Make it of its fields in order."""
    by, what, on, since, until = (each.strip()[:_LONGEST] for each in given)
    return Narrow(by=by, what=what if what in GROUPS else "", on=on, since=since, until=until)


def wanted_of(request: web.Request, narrow: Narrow) -> Wanted | None:
    """Say which records that is, of those that are this person's to read; None where a day cannot be read."""
    here = door(request)
    try:
        since, until = _day(narrow.since), _day(narrow.until)
    except ValueError:
        return None
    if since and until and since > until:
        return None
    return Wanted(
        by=narrow.by,
        acts=GROUPS[narrow.what][1] if narrow.what else (),
        subject=narrow.on,
        units=units_audited(visit(request).staff, here.snapshots()),
        since=_midnight(since, here) if since else None,
        before=_midnight(until + timedelta(days=1), here) if until else None,
    )


def chain_words(chain: Standing, here: DeskDoor) -> str:
    """Say how the chain stands: up to when it reaches, when it was last checked."""
    if chain.at is None:
        return "还没有上链的记录"
    now = here.now()
    said = f"已上链 {chain.seq:,} 行，到 {words.moment(chain.at, now, here.zone)}"
    if chain.waiting:
        said += f"，{chain.waiting:,} 行等着上链"
    if chain.broken:
        return f"{said}。核对发现：{chain.broken}"
    if chain.checked is None:
        return f"{said}；还没有核对过"
    return f"{said}；{words.moment(chain.checked, now, here.zone)}核对过，完好"


def _days(found: Sequence[Recorded], here: DeskDoor) -> Iterator[Day]:
    today = here.now().astimezone(here.zone).date()
    for day, records in groupby(found, key=lambda each: each.at.astimezone(here.zone).date()):
        yield Day(title=words.day(day, today), lines=tuple(_line(each, here) for each in records))


def _line(each: Recorded, here: DeskDoor) -> Line:
    said = sentence(each.record, here.snapshots())
    where = "，".join(part for part in (said.unit, said.post) if part)
    return Line(clock=f"{each.at.astimezone(here.zone):%H:%M:%S}", said=said, where=where, seq=each.seq)


def _note(narrow: Narrow) -> str:
    """Say for the log itself what somebody looked for."""
    said = [narrow.by, GROUPS[narrow.what][0] if narrow.what else "", narrow.on]
    days = f"{narrow.since}至{narrow.until}" if narrow.since or narrow.until else ""
    return "，".join(part for part in (*said, days) if part)


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None


def _midnight(day: date, here: DeskDoor) -> datetime:
    return datetime.combine(day, time(), here.zone).astimezone(UTC)
