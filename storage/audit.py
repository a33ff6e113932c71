"""The audit log: who did what to what. Every writer appends here, in the transaction of the act itself.

A record never holds a member's name, phone or words: numbers, names of staff and code words only. It is
signed as it is written, so that one which was slipped into the table by other hands is known as such;
storage/audit_chain.py then links it into the chain.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import msgspec
from sqlalchemy import Connection, insert

from storage import tables as t
from storage.crypto import Keys
from storage.statements import Row

# Where somebody was: at this machine, in a private network, elsewhere, at the command line; '' is not known.
Source = Literal["", "here", "inside", "outside", "terminal"]
_FORM: Final = 1  # of the bytes below: a later one gets a number of its own
_HEAD: Final = len(f"[{_FORM},")
_encode = msgspec.json.Encoder().encode

_SOURCES: Final[tuple[Source, ...]] = get_args(Source)


def known_source(said: str) -> Source:
    """Give the kind of address that was said, '' for none that is known."""
    return next((source for source in _SOURCES if source == said), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: the sign-in name (the system's own at the command line), as which post of which unit, from where."""

    name: str
    post: str = ""
    unit: str = ""
    source: Source = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that was done. `act` says what in one code word (`sign_in`, `case.claim`, `units.export`).

    `kind` and `subject` say on what: `case` and its number, `staff` and a name, `unit` and its id. `note` is how
    or where to, in code words and numbers: never words of a member.
    """

    actor: Actor
    act: str
    kind: str = ""
    subject: str = ""
    note: str = ""


def line(keys: Keys, at: int, record: Record) -> Row:
    """Give the row of the `audit` statement for what is done at a moment (ms)."""
    who = record.actor
    what = (record.act, record.kind, record.subject, record.note)
    row = (at, who.name, who.post, who.unit, *what, who.source, secrets.token_hex(16))
    return (*row, keys.sign(written(row)))


def append(conn: Connection, keys: Keys, at: int, *records: Record) -> None:
    """Append to the log within the transaction of what is done; `at` in ms."""
    if records:
        rows = [dict(zip(_COLUMNS, line(keys, at, record), strict=True)) for record in records]
        conn.execute(insert(t.audit), rows)


def written(row: Row) -> bytes:
    """Give the bytes that the writer signs: `at` to `key` as one JSON list, behind the form's number."""
    return _encode((_FORM, *row))


def canonical(record: int, row: Row, mac: bytes) -> bytes:
    """Give the bytes that the chain is about: the same with the record's id in front and the signature at the end."""
    return with_id(record, written(row), mac)


def with_id(record: int, content: bytes, mac: bytes) -> bytes:
    """Give the same from what the writer signed: a million of them are to be looked through in seconds."""
    return b'[%d,%d,%b,"%b"]' % (_FORM, record, content[_HEAD:-1], mac.hex().encode())


_COLUMNS: Final = tuple(column.name for column in t.audit.columns if column.name not in {"id", "seq"})
SIGNED: Final = tuple(t.audit.c[name] for name in _COLUMNS if name != "mac")


def signed(row: Any) -> Row:
    """Give the signed fields of a row of the table."""
    return tuple(getattr(row, column.name) for column in SIGNED)
