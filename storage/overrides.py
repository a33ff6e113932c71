"""What a centre changed of the packaged rules, texts and articles, with who and when; nothing is ever lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from storage import tables as t
from storage.audit import Actor, Record, append
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

    async def keep(self, kind: str, name: str, body: str | None, *, by: Actor, now: datetime) -> None:
        """Change one thing; None puts the packaged one back."""
        at = to_ms(now)
        row = {"kind": kind, "name": name, "body": body, "by": by.name, "at": at}
        note = "" if body is not None else "packaged"
        change = Record(actor=by, act="rules.change", kind=kind, subject=name, note=note)

        def work(conn: Connection) -> None:
            conn.execute(insert(t.overrides), row)
            append(conn, self._engine.keys, at, change)

        await self._engine.write(work)
