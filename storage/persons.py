"""One person's other cases, for whoever may see them: never one whose member is not to be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from dialogs.desk.cases import Status
from storage import tables as t
from storage.crypto import Keys
from storage.engine import Engine
from storage.expand import DESK
from storage.moments import from_ms
from storage.sight import Scope, visible
from storage.turns import MemberKey

_c, _m, _w = t.cases.c, t.members.c, t.transcript.c
_LINE = (_c.number, _c.title, _c.status, _c.unit, _c.opened)
MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCase:
    """Another case of the same person, as far as a line of it goes."""

    number: str
    title: str
    status: Status
    unit: str
    opened: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a telephone number leads to: the one account whose member told it, and their open cases that one sees."""

    account: MemberKey | None
    cases: tuple[OtherCase, ...]


class Persons:
    """Reads the cases of one person."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine, self._keys = engine, keys

    def taken_down(self, phone: str, key: str) -> MemberKey:
        """Name somebody who never wrote to the account: by the telephone they left, else by the form they stand on."""
        return MemberKey(DESK, "main", self._keys.index("members.phone", phone) if phone else f"form/{key}")

    async def known(self, phone: str, scope: Scope) -> Known:
        """Say what is known of a full telephone number, as far as this person may see it."""
        theirs = _m.phone_index == self._keys.index("members.phone", phone)
        named = (_c.anonymous.is_(False), _c.confidential.is_(False))
        any_case = select(_c.number).where(_c.member == _m.id)
        # Who only ever confided or hid their name is not told by their telephone.
        told = or_(any_case.where(*named).exists(), ~any_case.exists())
        who = select(_m.channel, _m.account, _m.user_key).where(theirs, _m.channel != DESK, _m.follows, told).limit(2)
        cases = (
            select(*_LINE)
            .join_from(t.cases, t.members, _m.id == _c.member)
            .where(theirs, visible(scope), *named, _c.status.in_(t.OPEN_STATUSES))
            .order_by(_c.opened.desc(), _c.number)
            .limit(MOST)
        )
        found = await self._engine.read(lambda conn: (conn.execute(who).all(), conn.execute(cases).all()))
        accounts, rows = found
        # Two accounts may have told the same number: nobody knows then whose it is.
        account = MemberKey(*accounts[0]) if phone and len(accounts) == 1 else None
        return Known(account=account, cases=tuple(map(_line, rows)) if phone else ())

    async def took(self, member: MemberKey, key: str) -> str:
        """Give the case that a form of this key was taken down in; '' if none was."""
        theirs = (_w.member == member.id, _w.media == key, _w.kind.in_(("phone", "letter", "visit")))
        return await self._engine.read(lambda conn: conn.scalar(select(_w.number).where(*theirs))) or ""

    async def others(self, member: str, scope: Scope, *, but: str = "") -> list[OtherCase]:
        """List those of a member's cases that one sees, but one, newest first; none that hides who they are."""
        named = (_c.anonymous.is_(False), _c.confidential.is_(False))
        question = (
            select(*_LINE)
            .where(_c.member == member, _c.number != but, visible(scope), *named)
            .order_by(_c.opened.desc(), _c.number)
            .limit(MOST)
        )
        rows = await self._engine.read(lambda conn: conn.execute(question).all())
        return list(map(_line, rows))


def _line(row: Any) -> OtherCase:
    number, title, status, unit, opened = row
    return OtherCase(number=number, title=title, status=Status(status), unit=unit, opened=from_ms(opened))
