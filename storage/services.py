"""Every version of every service that was ever loaded: a conversation is pinned to the one it began."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, insert, select

from storage import tables as t
from storage.engine import Engine

_s = t.services.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredService:
    """One version of a service file, with the hash of its text."""

    name: str
    version: int
    hash: str
    text: str


class Services:
    """Keeps service files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def all(self) -> list[StoredService]:
        """Give every stored version, oldest version first."""
        question = select(_s.name, _s.version, _s.hash, _s.text).order_by(_s.name, _s.version)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [StoredService(name=r.name, version=r.version, hash=r.hash, text=r.text) for r in rows]

    async def keep(self, service: StoredService) -> bool:
        """Keep a version if it is new. False: another text is stored under it, and the start must stop."""
        return await self._engine.write(lambda conn: _keep(conn, service))


def _keep(conn: Connection, service: StoredService) -> bool:
    version = and_(_s.name == service.name, _s.version == service.version)
    there = conn.scalar(select(_s.hash).where(version))
    if there is None:
        row = {"name": service.name, "version": service.version, "hash": service.hash, "text": service.text}
        conn.execute(insert(t.services), row)
    return there in {None, service.hash}
