"""Photos and recordings: what is to be fetched from the platform, and what was fetched, sealed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, select, update

from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine
from storage.files import Folder
from storage.moments import from_ms, to_ms
from storage.statements import among, word
from storage.turns import MemberKey

_log = logging.getLogger(__name__)
_f, _m = t.media.c, t.members.c


def _is(status: Literal["wanted", "claimed"]) -> ColumnElement[bool]:
    return among(_f.status, status, ("wanted", "claimed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something to fetch by the platform's id. `attempts` counts this claim too."""

    id: int
    member: MemberKey
    media: str
    what: str
    number: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A photo or recording of a case, without its bytes. `status`: wanted, claimed, kept, failed."""

    id: int
    media: str
    what: str
    status: str
    kind: str
    number: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The bytes, their type (`image/jpeg`), and the case they belong to ('' before there is one)."""

    id: int
    content: bytes
    kind: str
    number: str


class Media:
    """Claims, keeps and gives photos and recordings."""

    def __init__(self, engine: Engine, keys: Keys, folder: Folder | None = None) -> None:
        self._engine, self._keys, self._folder = engine, keys, folder

    async def claim(self, worker: str, now: datetime, lease: timedelta, limit: int) -> list[Wanted]:
        """Lease what is to be fetched, oldest first; a lease that ran out is free again."""
        at, until = to_ms(now), to_ms(now + lease)
        return await self._engine.write(lambda conn: _claim(conn, worker, at, until, limit), apart=True)

    async def keep(self, item: int, content: bytes, kind: str) -> None:
        """Keep the bytes, sealed: first the file, if there is a folder, then the row that names it.

        A process that dies in between leaves a file, which the next attempt writes anew under the same name.
        """
        sealed = self._keys.seal_bytes("media.content", content)
        place: dict[str, object] = {"content": sealed}
        if self._folder is not None:
            name = self._keys.index("media.content", sha256(content).hexdigest())
            await asyncio.to_thread(self._folder.put, name, sealed)
            place = {"file": name}
        change = update(t.media).where(_f.id == item).values(status="kept", kind=kind, words="", **place)
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def fail(self, item: int, words: str, *, retry_at: datetime | None = None) -> None:
        """Store why it could not be fetched; with `retry_at` it is tried again then."""
        values: dict[str, object] = {"status": "failed", "words": words}
        if retry_at is not None:
            values |= {"status": "wanted", "due": to_ms(retry_at)}
        change = update(t.media).where(_f.id == item, _f.status == "claimed").values(values)
        await self._engine.write(lambda conn: conn.execute(change).rowcount, apart=True)

    async def of_case(self, number: str) -> list[Listed]:
        """List a case's photos and recordings, oldest first."""
        columns = (_f.id, _f.media, _f.what, _f.status, _f.kind, _f.number, _f.created)
        # `<> ''` is what the partial index says of itself.
        question = select(*columns).where(_f.number == number, _f.number != word("")).order_by(_f.id)
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return [
            Listed(id=i, media=media, what=what, status=status, kind=kind, number=of, created=from_ms(created))
            for i, media, what, status, kind, of, created in rows
        ]

    async def get(self, item: int) -> Kept | None:
        """Give the bytes, if they were kept. Whoever shows them checks the rights to the case first."""
        question = select(_f.content, _f.file, _f.kind, _f.number).where(_f.id == item, _f.status == "kept")
        row = await self._engine.read(lambda conn: conn.execute(question).first())
        if row is None:
            return None
        sealed = await self._from_folder(item, row.file) if row.file else row.content
        if sealed is None:
            return None
        content = self._keys.open_bytes("media.content", sealed)
        return Kept(id=item, content=content, kind=row.kind, number=row.number)

    async def _from_folder(self, item: int, name: str) -> bytes | None:
        sealed = None if self._folder is None else await asyncio.to_thread(self._folder.get, name)
        if sealed is None:
            _log.error("the file of photo %s is not in the folder that HONGYAN_MEDIA_URL names", item)
        return sealed


def _claim(conn: Connection, worker: str, at: int, until: int, limit: int) -> list[Wanted]:
    dead = and_(_is("claimed"), _f.lease_until <= at)
    conn.execute(update(t.media).where(dead).values(status="wanted"))
    due = (
        select(_f.id).where(_is("wanted"), _f.due <= at).order_by(_f.id).limit(limit).with_for_update(skip_locked=True)
    )
    leased = {"status": "claimed", "lease_by": worker, "lease_until": until, "attempts": _f.attempts + 1}
    ids = list(conn.scalars(update(t.media).where(_f.id.in_(due)).values(leased).returning(_f.id)))
    if not ids:
        return []
    columns = (_f.id, _m.channel, _m.account, _m.user_key, _f.media, _f.what, _f.number, _f.attempts)
    found = select(*columns).join_from(t.media, t.members, _m.id == _f.member).where(_f.id.in_(ids)).order_by(_f.id)
    return [
        Wanted(id=i, member=MemberKey(channel, account, user), media=media, what=what, number=number, attempts=tries)
        for i, channel, account, user, media, what, number, tries in conn.execute(found)
    ]
