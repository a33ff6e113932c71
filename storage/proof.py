"""Holds HONGYAN_SECRET_KEY against the one that a database was first started with.

With another key nothing stored opens, and what is written meanwhile does not open with the right one
afterwards. So the first start leaves a sealed word behind, and every later one has to open it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, insert, select

from storage import tables as t
from storage.crypto import Keys, SealBroken
from storage.engine import Engine
from storage.moments import to_ms

_KIND, _NAME = "secret", "proof"  # its row among the overrides: no rule, text or article is of this kind
_COLUMN: Final = "overrides.body"
_WORD: Final = "鸿雁"
_REFUSED: Final = (
    "HONGYAN_SECRET_KEY 不是这个数据库第一次启动时用的那一个：已存的内容打不开，新写的以后也打不开。"
    "请改回原来的值再启动。（The database was first started with another HONGYAN_SECRET_KEY: put that one back.）"
)


class WrongKey(ValueError):  # noqa: N818  it is told to a person
    """The database was first started with another HONGYAN_SECRET_KEY."""


async def prove(engine: Engine, keys: Keys, now: datetime) -> None:
    """Leave the sealed word at the first start, open it at every other. Raises WrongKey."""
    sealed = await engine.write(lambda conn: _first(conn, keys, now), apart=True)
    try:
        keys.open(_COLUMN, sealed)
    except SealBroken as broken:
        raise WrongKey(_REFUSED) from broken


def _first(conn: Connection, keys: Keys, now: datetime) -> bytes:
    o = t.overrides.c
    left = select(o.body).where(and_(o.kind == _KIND, o.name == _NAME)).order_by(o.id).limit(1)
    body = conn.scalar(left)
    if body is None:
        body = keys.seal(_COLUMN, _WORD).hex()
        row = {"kind": _KIND, "name": _NAME, "body": body, "by": "", "at": to_ms(now)}
        conn.execute(insert(t.overrides), row)
    return bytes.fromhex(body)
