"""Members, turns and cases for the tests of storage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from dialogs.conversation import Conversation
from dialogs.desk.cases import Grade
from dialogs.effects import Effect, OpenCase
from dialogs.events import Event, MemberSaid
from storage.engines import Database
from storage.sight import Scope
from storage.turns import Gather, Gathered, MemberKey, TurnWrite

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def member(name: str = "zhou") -> MemberKey:
    return MemberKey("wechat", "main", name)


def said(text: str) -> MemberSaid:
    return MemberSaid(text=text, folded=text)


def turn(who: MemberKey, key: str, *effects: Effect, event: Event | None = None, **more: Any) -> TurnWrite:
    given: dict[str, Any] = {
        "at": NOON,
        "conversation": Conversation(greeted=True),
        "reply": b"<xml>reply</xml>",
        "text": "",
    }
    return TurnWrite(member=who, key=key, event=event or said("您好"), effects=effects, **{**given, **more})


def lamp(number: str, **more: Any) -> OpenCase:
    given: dict[str, Any] = {
        "service": "help",
        "title": "道路交通 · 路灯",
        "grade": Grade.YELLOW,
        "category": "road.lamp",
        "unit": "yushan-xincheng",
        "post": "intake",
        "sign_by": NOON + timedelta(hours=4),
        "answer_by": NOON + timedelta(days=5),
    }
    return OpenCase(number=number, **{**given, **more})


async def look(database: Database, who: MemberKey, key: str = "?") -> Gathered:
    return await database.turns.gather(Gather(member=who.id, key=key))


def seeing(units: Iterable[str], staff: str = "li") -> Scope:
    """What somebody sees who sees every case of these units but the confidential ones."""
    return Scope(staff=staff, whole=frozenset(units))
