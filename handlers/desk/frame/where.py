"""Which list stands beside a page: a place of the rail with what narrows it, or what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aiohttp import web

from bot.rights import may
from dialogs.desk.cases import Act
from dialogs.desk.seeking import Sought, sought
from handlers.desk.frame import rail
from handlers.desk.frame.door import door, visit
from handlers.desk.frame.narrowing import Asked, Ground, read
from handlers.desk.frame.shown import Place

FIND = "find"
_SEALED = re.compile(r"[\w-]{1,600}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A list. `sought` is what was looked for, where that is what it shows; `sealed` the same in its address."""

    key: str = "mine"
    asked: Asked = field(default_factory=Asked)
    sought: Sought | None = None
    sealed: str = ""

    @property
    def narrowed(self) -> str:
        """What narrows it, as it stands in addresses."""
        return self.sealed or urlencode(self.asked.pairs)

    @property
    def place(self) -> Place:
        """The place, with its addresses."""
        return Place(key=self.key, title="", narrowed=self.narrowed)


async def ground_of(request: web.Request) -> Ground:
    """Give what filters are read and worded with."""
    here, who = door(request), visit(request)
    known = here.snapshots()
    colleagues = await here.database.staff.of_units([who.staff.unit])
    holders = [each.name for each in colleagues if each != who.staff and may(each, Act.CLAIM, known)]
    return Ground(
        known=known,
        me=who.staff.name,
        holders={here.database.finding.handle(name): name for name in holders},
        now=here.now(),
        zone=here.zone,
    )


async def where_of(request: web.Request, key: str, query: Mapping[str, str] | None = None) -> Where:
    """Say which list is meant: its name, and what narrows it by the address. What is none is one's own cases."""
    given = request.query if query is None else query
    if key == FIND:
        return found_where(request, given.get("q", "")) or Where()
    if not rail.known(key, visit(request).scope):
        return Where()
    asked = read(given, await ground_of(request)) if any(given.get(name) for name in Asked.__slots__) else Asked()
    return Where(key=key, asked=asked)


def found_where(request: web.Request, sealed: str) -> Where | None:
    """Give the list of what was looked for; None where the address is nobody's or another's."""
    here = door(request)
    said = here.database.finding.unseal(sealed, visit(request).staff.name) if _SEALED.fullmatch(sealed) else ""
    return Where(key=FIND, sought=sought(said, here.organisation.today()), sealed=sealed) if said else None
