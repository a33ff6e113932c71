"""What a centre changed of the packaged rules, texts and articles, with who and when; nothing is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from storage import tables as t
from storage.engine import Engine
from storage.moments import from_ms, to_ms

_o = t.overrides.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """The last change of one thing; `body` None means that the packaged one holds again."""

    kind: str
    name: str
    body: str | None
    by: str
    at: datetime


class Overrides:
    """Keeps what a centre changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def all(self, kind: str) -> list[Override]:
        """Give the changes of one kind that hold now."""
        last = select(func.max(_o.id)).where(_o.kind == kind).group_by(_o.name)
        question = select(_o.kind, _o.name, _o.body, _o.by, _o.at).where(_o.id.in_(last)).order_by(_o.name)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        found = [Override(kind=k, name=name, body=body, by=by, at=from_ms(at)) for k, name, body, by, at in rows]
        return [override for override in found if override.body is not None]

    async def keep(self, kind: str, name: str, body: str | None, *, by: str, now: datetime) -> None:
        """Change one thing; None puts the packaged one back."""
        row = {"kind": kind, "name": name, "body": body, "by": by, "at": to_ms(now)}
        await self._engine.write(lambda conn: conn.execute(insert(t.overrides), row).rowcount)
