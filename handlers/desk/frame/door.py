"""What the desk is given, and what every page takes from a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.books import Bookshelf
from bot.bulk import Bulk
from bot.channels import NotSent
from bot.desk import Desk
from bot.exports import Exports
from bot.organisation import Organisation
from bot.people import People
from bot.rights import Right
from bot.rosters import Rosters
from bot.sign_in import SignIn
from bot.trusting import Trusting
from dialogs.facts import Snapshots
from handlers.desk.frame.legible import legible
from storage.audit import Source
from storage.engines import Database
from storage.hot import Hot
from storage.sight import Scope
from storage.staff import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskDoor:
    """Everything the desk needs. `snapshots` gives what holds now of services, units and rules; `now` is the time.

    `code` has the platform make a station's code and gives what is to be drawn in it.
    """

    database: Database
    acts: Desk
    bulk: Bulk
    sign_in: SignIn
    hot: Hot
    snapshots: Callable[[], Snapshots]
    now: Callable[[], datetime]
    organisation: Organisation
    books: Bookshelf
    rosters: Rosters
    people: People
    trusting: Trusting
    exports: Exports
    code: Callable[[str], Awaitable[str | NotSent]]
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")  # noqa: RUF009  the one zone that the calendar of the rules is written in


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who is asking, what is open to them, and the token that their forms carry.

    `scope` is what of the cases they see, `rights` which parts of the desk, `units` their unit and those below it.
    """

    staff: Staff
    scope: Scope
    rights: frozenset[Right]
    units: frozenset[str]
    csrf: str


_LONGEST = 64  # of an address: the longest IPv6 with a zone and a port

DOOR = web.AppKey("DOOR", DeskDoor)
VISIT = web.RequestKey("VISIT", Visit)


def door(request: web.Request) -> DeskDoor:
    """Give what the desk was given."""
    return request.config_dict[DOOR]


def visit(request: web.Request) -> Visit:
    """Give who is asking; the guard has put it there."""
    return request[VISIT]


def require(request: web.Request, right: Right) -> None:
    """Answer that there is no such page to whom this part of the desk is not open."""
    if right not in visit(request).rights:
        raise web.HTTPNotFound


def address(request: web.Request) -> str:
    """Give the browser's address for throttling: a proxy on this machine is believed about it, nobody else is."""
    peer = request.remote or ""
    if peer in {"127.0.0.1", "::1"}:
        told = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        return told if told and len(told) <= _LONGEST and legible(told) else peer
    return peer


def source(request: web.Request) -> Source:
    """Tell from which kind of address the browser comes: this machine, a private network, elsewhere."""
    try:
        there = ip_address(address(request).partition("%")[0])
    except ValueError:
        return ""
    there = getattr(there, "ipv4_mapped", None) or there
    if there.is_loopback:
        return "here"
    return "inside" if there.is_private or there.is_link_local else "outside"


def is_https(request: web.Request) -> bool:
    """Tell whether the browser came by https, perhaps to a proxy before us."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
