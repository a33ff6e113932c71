"""One person's other cases, for whoever may see them: never one whose member is not to be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from dialogs.desk.cases import Status
from storage import tables as t
from storage.engine import Engine
from storage.moments import from_ms
from storage.sight import Scope, visible

_c = t.cases.c
MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCase:
    """Another case of the same person, as far as a line of it goes."""

    number: str
    title: str
    status: Status
    unit: str
    opened: datetime


class Persons:
    """Reads the cases of one person."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def others(self, member: str, scope: Scope, *, but: str = "") -> list[OtherCase]:
        """List those of a member's cases that one sees, but one, newest first; none that hides who they are."""
        named = (_c.anonymous.is_(False), _c.confidential.is_(False))
        question = (
            select(_c.number, _c.title, _c.status, _c.unit, _c.opened)
            .where(_c.member == member, _c.number != but, visible(scope), *named)
            .order_by(_c.opened.desc(), _c.number)
            .limit(MOST)
        )
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            OtherCase(number=number, title=title, status=Status(status), unit=unit, opened=from_ms(opened))
            for number, title, status, unit, opened in rows
        ]
