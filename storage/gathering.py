"""What a turn reads: the questions, put once for everybody who waits, and how their rows become facts."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.sql import Select

from dialogs.conversation import Conversation
from dialogs.desk.cases import Grade, Status
from dialogs.events import Noticed
from dialogs.facts import KnownCase, Profile, Waiting
from storage import tables as t
from storage.codec import decode_conversation, decode_event
from storage.crypto import Keys, SealBroken
from storage.moments import from_ms
from storage.statements import Name, Row, compiled, word
from storage.turns import Gather, Gathered, Received

log = logging.getLogger(__name__)

Question = Literal["members", "already", "cases", "consents", "waiting", "backlog", "nearby"]
MOST_NEAR: Final = 200  # of the open cases of one category and unit only the newest are looked at
KEPT_CLOSED_MS: Final = 30 * 24 * 3600 * 1000  # a closed case is still the member's to ask about for so long
_encode = msgspec.json.Encoder().encode


def _given(name: Name, what: str) -> Any:
    """Give the rows of a parameter: a JSON array on SQLite, arrays side by side on PostgreSQL."""
    if name == "sqlite":
        return func.json_each(bindparam(what)).table_valued("value")
    first, second = (cast(bindparam(f"{what}{n}"), ARRAY(Text)) for n in (0, 1))
    return func.unnest(first, second).table_valued("a", "b", name="given").render_derived()


def _one_of(name: Name, column: ColumnElement[str]) -> ColumnElement[bool]:
    if name == "sqlite":
        return column.in_(select(_given(name, "members").c.value))
    return column == any_(cast(bindparam("members"), ARRAY(Text)))


def _pair_of(name: Name, what: str, *columns: ColumnElement[str]) -> ColumnElement[bool]:
    given = _given(name, what)
    if name == "sqlite":
        parts = [func.json_extract(given.c.value, literal_column(f"'$[{n}]'")) for n in (0, 1)]
        return tuple_(*columns).in_(select(*parts))
    return tuple_(*columns).in_(select(given.c.a, given.c.b))


_CASE = (
    t.cases.c.number, t.cases.c.service, t.cases.c.title, t.cases.c.status, t.cases.c.grade, t.cases.c.category,
    t.cases.c.unit, t.cases.c.post, t.cases.c.opened, t.cases.c.sign_by, t.cases.c.answer_by, t.cases.c.version,
    t.cases.c.place, t.cases.c.signed, t.cases.c.talk, t.cases.c.same_as, t.cases.c.solved, t.cases.c.satisfied,
    t.cases.c.neighbours,
)  # fmt: skip


def _questions(name: Name) -> dict[Question, Select[Any]]:
    m, i, c, d = t.members.c, t.inbound.c, t.cases.c, t.deliveries.c
    received = (i.member, i.key, i.status, i.event, i.reply, i.at)
    open_or_recent = or_(c.closed.is_(None), c.closed > bindparam("cutoff"))
    still_open = or_(*(c.status == word(status) for status in t.OPEN_STATUSES))
    return {
        "members": select(m.id, m.state, m.version, m.name, m.phone, m.unit, m.follows).where(_one_of(name, m.id)),
        "already": select(*received).where(_pair_of(name, "keys", i.key, i.member)),
        "cases": select(c.member, *_CASE).where(and_(_one_of(name, c.member), open_or_recent)).order_by(c.opened),
        "consents": select(
            t.consents.c.member, t.consents.c.name, t.consents.c.version, t.consents.c.given
        ).where(_one_of(name, t.consents.c.member)).order_by(t.consents.c.id),
        "waiting": select(d.member, d.id, d.text, d.asks, d.number)
        .where(_one_of(name, d.member), d.status == word("waiting")).order_by(d.id),
        "backlog": select(*received).where(_one_of(name, i.member), i.status == word("received")).order_by(i.id),
        "nearby": select(c.category, c.unit, *_CASE)
        .where(c.category == bindparam("category"), c.unit == bindparam("unit"), still_open)
        .where(c.confidential.is_(False), c.same_as == word(""))
        .order_by(c.opened.desc()).limit(literal_column(str(MOST_NEAR))).offset(literal_column("0")),
    }  # fmt: skip


Put = tuple[Question, str, Mapping[str, Any]]


class Questions:
    """The questions of one dialect, compiled."""

    def __init__(self, name: Name) -> None:
        self.name = name
        self.sql: dict[Question, tuple[str, tuple[str, ...]]] = {
            question: compiled(statement, name) for question, statement in _questions(name).items()
        }

    def puts(self, asks: Sequence[Gather], now_ms: int) -> Iterator[Put]:
        """Put everybody's questions: SQL and parameters. One for all, but for what is near: one for each wish."""
        given = self._given(asks, now_ms)
        for question, (sql, _) in self.sql.items():
            if question != "nearby":
                yield question, sql, given
        for category, unit in {(w.category, w.unit) for ask in asks if (w := ask.wants)}:
            if category and unit:
                yield self.near(category, unit)

    def near(self, category: str, unit: str) -> Put:
        """Put the question of what is near."""
        return "nearby", self.sql["nearby"][0], {"category": category, "unit": unit}

    def _given(self, asks: Sequence[Gather], now_ms: int) -> dict[str, Any]:
        members = list({ask.member for ask in asks})
        keys = [(ask.key, ask.member) for ask in asks]
        given: dict[str, Any] = {"cutoff": now_ms - KEPT_CLOSED_MS}
        if self.name == "sqlite":
            return {**given, "members": _encode(members).decode(), "keys": _encode(keys).decode()}
        return {**given, "members": members, "keys0": [key for key, _ in keys], "keys1": [who for _, who in keys]}


Found = Mapping[Question, Sequence[Row]]


def assemble(asks: Sequence[Gather], found: Found, keys: Keys) -> list[Gathered | Exception]:
    """Make each asker's facts out of everybody's rows; an exception where the asker's own rows cannot be read."""
    theirs = {question: _by_member(found[question]) for question in _OF_A_MEMBER}
    near = _near(found["nearby"], keys)
    done: list[Gathered | Exception] = []
    for ask in asks:
        rows = {question: theirs[question].get(ask.member, ()) for question in _OF_A_MEMBER}
        try:
            done.append(_gathered(ask, rows, near, keys))
        except Exception as broken:  # noqa: BLE001  it belongs to who asked, and to nobody who asked beside them
            done.append(broken)
    return done


_OF_A_MEMBER: Final[tuple[Question, ...]] = ("members", "already", "cases", "consents", "waiting", "backlog")


def _by_member(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


Near = Mapping[tuple[str, str], Sequence[KnownCase]]


def _gathered(ask: Gather, rows: Found, near: Near, keys: Keys) -> Gathered:
    row = next(iter(rows["members"]), None)
    already = next((each for each in rows["already"] if each[1] == ask.key), None)
    consents = {(name, version): bool(given) for _, name, version, given in rows["consents"]}
    conversation, version, profile = _conversation(row, keys, consents)
    wants = ask.wants
    return Gathered(
        already=None if already is None else _received(already, keys),
        conversation=conversation,
        version=version,
        profile=profile,
        cases=tuple([known_case(each[1:], keys) for each in rows["cases"]]),
        waiting=tuple([_waiting(each, keys) for each in rows["waiting"]]),
        nearby=tuple(near.get((wants.category, wants.unit), ())) if wants else (),
        backlog=tuple([_received(each, keys) for each in rows["backlog"]]),
    )


_FORGOTTEN = Noticed(what="forgotten")
_NOBODY = Profile()
_FRESH = Conversation()


def _conversation(
    row: Row | None, keys: Keys, consents: Mapping[tuple[str, str], bool]
) -> tuple[Conversation, int, Profile]:
    if row is None:
        return _FRESH, 0, _NOBODY
    member, state, version, name, phone, unit, follows = row
    conversation = decode_conversation(keys.open_bytes("members.state", state), member) if state else _FRESH
    if not (name or phone or unit or consents) and follows:
        return conversation, version, _NOBODY
    profile = Profile(
        name=keys.open("members.name", name),
        phone=keys.open("members.phone", phone),
        unit=unit,
        follows=bool(follows),
        consents=frozenset(text for text, given in consents.items() if given),
    )
    return conversation, version, profile


def _received(row: Row, keys: Keys) -> Received:
    _, key, status, event, reply, at = row
    return Received(
        key=key,
        status=status,
        reply=None if reply is None else keys.open_bytes("inbound.reply", reply),
        event=decode_event(keys.open_bytes("inbound.event", event)) if event else _FORGOTTEN,
        at=from_ms(at),
    )


def _waiting(row: Row, keys: Keys) -> Waiting:
    _, delivery, text, asks, number = row
    return Waiting(delivery=delivery, text=keys.open("deliveries.text", text), asks=asks, number=number)


def _near(rows: Iterable[Row], keys: Keys) -> Near:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(row)
    return {spot: near_cases(some, keys) for spot, some in found.items()}


def near_cases(rows: Iterable[Row], keys: Keys) -> tuple[KnownCase, ...]:
    """Make what is near; somebody else's case that does not open is only not offered."""
    found = []
    for row in rows:
        try:
            found.append(known_case(row[2:], keys))
        except SealBroken as broken:
            log.warning("case %s does not open: %s", row[2], broken)
    return tuple(found)


def known_case(row: Row, keys: Keys) -> KnownCase:
    """Make a case of its row."""
    (
        number, service, title, status, grade, category, unit, post, opened, sign_by, answer_by, version,
        place, signed, talk, same_as, solved, satisfied, neighbours,
    ) = row  # fmt: skip
    return KnownCase(
        number=number, service=service, title=title, status=Status(status), grade=Grade(grade), category=category,
        unit=unit, post=post, opened=from_ms(opened), sign_by=from_ms(sign_by), answer_by=from_ms(answer_by),
        version=version, place=keys.open("cases.place", place), signed=signed is not None, talk=bool(talk),
        same_as=same_as, solved=solved, satisfied=satisfied, neighbours=neighbours,
    )  # fmt: skip
