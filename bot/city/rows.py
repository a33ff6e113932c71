"""A piece of the city as rows for the tables, each case as it stands in the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from random import Random
from typing import Any

from bot.city.life import live
from bot.city.matter import Matter, matters
from bot.city.opening import open_case
from bot.city.plan import Piece, Plan
from bot.city.telling import Telling
from bot.city.town import Town, town
from dialogs.conversation import Conversation
from storage.codec import encode_conversation
from storage.crypto import Keys
from storage.moments import to_ms
from storage.statements import STATE, STATEMENTS, Insert, Row

_FRESH = encode_conversation(Conversation())
_state = attrgetter(*STATE)
_WAYS = ("customer", "customer", "customer", "customer", "subscribe", "template")


@dataclass(frozen=True, slots=True)
class Rows:
    """What to write together: the columns and the rows of each table. `first` is a case that is there once it was."""

    first: str
    tables: Mapping[str, tuple[tuple[str, ...], Sequence[Row]]]


def make(plan: Plan, piece: Piece, keys: Keys) -> Rows:
    """Make a piece. Pure but for the seals, whose nonces are new each time."""
    made = _Made(keys)
    here = town(plan.seed)
    for matter in matters(plan, piece, here):
        made.add(_told(matter, plan, here, keys))
    return Rows(made.first, made.tables())


def _told(matter: Matter, plan: Plan, here: Town, keys: Keys) -> Telling:
    chance = Random(f"life/{plan.seed}/{matter.number}")  # noqa: S311
    case = Telling(matter, here, keys, plan.until, chance)
    open_case(case)
    live(case)
    return case


class _Made:
    """Gathers rows: a case's last state takes the place of its first, what was sent is settled."""

    def __init__(self, keys: Keys) -> None:
        self._keys, self.first = keys, ""
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._members: dict[str, Row] = {}
        self._joined: Counter[str] = Counter()

    def add(self, case: Telling) -> None:
        self.first = self.first or case.state.number
        for name, row in case.lines:
            match name:
                case "case":
                    self._rows["cases"].append(self._case(row, case))
                case "case_event" | "transcript":
                    self._rows[f"{name}s" if name == "case_event" else name].append(row)
                case "delivery":
                    self._rows["deliveries"].append(_sent(row, case.chance))
                case "joined":
                    more, number = row
                    self._joined[number] += more
                case _:
                    pass  # the conversation and the push: the member's row below says how they ended
        self._members[case.member.id] = self._member(case)

    def tables(self) -> dict[str, tuple[tuple[str, ...], Sequence[Row]]]:
        """Give what was gathered; who joined whom is counted now."""
        place = _CASE.index("number")
        cases = [(*row, self._joined[row[place]]) for row in self._rows["cases"]]
        return {
            "members": (_MEMBER, [self._members[key] for key in sorted(self._members)]),
            "cases": ((*_CASE, "neighbours"), cases),
            "transcript": (_columns("transcript"), self._rows["transcript"]),
            "case_events": (_columns("case_event"), self._rows["case_events"]),
            "deliveries": (_DELIVERY, self._rows["deliveries"]),
        }

    def _case(self, row: Row, case: Telling) -> Row:
        whole = dict(zip(_columns("case"), row, strict=True))
        whole.update(zip(STATE, _state(case.state), strict=True))
        return tuple(whole[name] for name in _CASE)

    def _member(self, case: Telling) -> Row:
        matter, keys, at = case.matter, self._keys, to_ms(case.opened_at)
        known = not matter.anonymous
        name, phone = (matter.name, matter.phone) if known else ("", "")
        who = case.member
        return (
            who.id, who.channel, who.account, who.user, keys.seal_bytes("members.state", _FRESH),
            case.matter.nth * _TURNS + case.turns, at, at,
            keys.seal("members.name", name) if name else b"", keys.seal("members.phone", phone) if phone else b"",
            keys.index("members.name", name), keys.index("members.phone", phone),
            keys.index("members.tail", phone[-4:]), matter.unit.id,
        )  # fmt: skip


def _columns(statement: str) -> tuple[str, ...]:
    found = STATEMENTS[statement]
    assert isinstance(found, Insert)
    return found.columns


_TURNS = 40
# What is written when a case is opened, and what acts may have changed since.
_CASE = tuple(dict.fromkeys((*_columns("case"), *STATE)))
_MEMBER = (
    "id", "channel", "account", "user_key", "state", "version", "seen", "said", "name", "phone", "name_index",
    "phone_index", "tail_index", "unit",
)  # fmt: skip
_DELIVERY = (*_columns("delivery"), "attempts", "began", "way", "settled")


def _sent(row: Row, chance: Random) -> Row:
    """A delivery that went out at once."""
    whole: dict[str, Any] = dict(zip(_columns("delivery"), row, strict=True))
    began = whole["created"] + chance.randint(200, 2000)
    settled = began + timedelta(milliseconds=chance.randint(80, 900)) // timedelta(milliseconds=1)
    return (*{**whole, "status": "sent"}.values(), 1, began, chance.choice(_WAYS), settled)
