"""What reading leaves behind in the audit log: looks at what is sealed."""

from __future__ import annotations

from aiohttp import web

from handlers.desk.frame.door import door, visit
from handlers.desk.frame.guard import IDLE
from storage.audit import Record
from storage.cases import CaseRow


async def sealed(request: web.Request, row: CaseRow, act: str = "case.read") -> None:
    """Record that somebody looks at a confidential case, before they see it.

    A page that looks again by itself is the same look, as long as a session lasts without anybody at it.
    """
    if not row.confidential:
        return
    here = door(request)
    record = Record(actor=visit(request).staff.actor, act=act, kind="case", subject=row.number)
    if "live" in request.query:
        await here.database.audit.append_once(record, now=here.now(), within=IDLE)
    else:
        await here.database.audit.append(record, now=here.now())
