"""The statements of a turn's commit: written in SQLAlchemy Core, compiled once to the driver's own SQL.

A turn becomes lines: the name of a statement here and one row for it. The lines of all turns that
commit together are gathered by name, so that a batch is one statement a table: rows of VALUES on
SQLite (one step of the library, so that its thread gives up the interpreter once), `unnest` of
arrays on PostgreSQL. Updates are rare on a turn's path and run row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    or_,
    select,
)
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement

from storage import tables as t

Row = tuple[Any, ...]  # one row of driver values, in the order of the statement's columns
Name = Literal["sqlite", "postgresql"]

DIALECTS: Final[dict[Name, Dialect]] = {"sqlite": sqlite.dialect(), "postgresql": PGDialect_psycopg()}  # type: ignore[no-untyped-call]
_VALUES = re.compile(r"(?P<head>INSERT INTO .*?\)) VALUES \((?:[^()]|\(\w+\))*\)(?P<tail>.*)", re.DOTALL)
# Up to so many rows a statement on SQLite: each number of rows is a statement of its own in the driver's cache.
MOST_ROWS: Final = 64


def compiled(statement: ClauseElement, name: Name) -> tuple[str, tuple[str, ...]]:
    """Give the driver's SQL and the names of its parameters, in order where the driver counts them."""
    made = statement.compile(dialect=DIALECTS[name])
    return str(made), tuple(getattr(made, "positiontup", None) or ())


def word(value: str) -> ColumnElement[str]:
    """Write one of our own code words into the SQL itself, so that every parameter left is a row's."""
    assert value.isidentifier() or not value, value
    return literal_column(f"'{value}'", Text)


def among(column: ColumnElement[str], status: str, statuses: Sequence[str]) -> ColumnElement[bool]:
    """Ask for one of the statuses that a partial index is about, in its own words: else SQLite reads every row."""
    assert status in statuses, status
    return and_(column.in_([word(each) for each in statuses]), column == word(status))


@dataclass(frozen=True)
class Insert:
    """Rows for one table, all at once. `exact`: every row must count, else somebody was there before."""

    table: Table
    columns: tuple[str, ...]
    on_conflict: str = ""
    index: tuple[str, ...] = ()
    exact: bool = False

    @cache  # noqa: B019  statements live as long as the program
    def _parts(self, name: Name) -> tuple[str, str]:
        maker = sqlite.insert if name == "sqlite" else postgresql.insert
        made = maker(self.table).values({column: bindparam(column) for column in self.columns}).inline()
        if self.on_conflict == "nothing":
            made = made.on_conflict_do_nothing(index_elements=self.index)
        elif self.on_conflict:
            changes, where = _CHANGES[self.on_conflict](made.excluded)
            made = made.on_conflict_do_update(index_elements=self.index, set_=changes, where=where)
        found = _VALUES.fullmatch(compiled(made, name)[0])
        assert found is not None, "the compiler writes INSERT … VALUES"
        return found["head"], found["tail"]

    @cache  # noqa: B019
    def sqlite(self, rows: int) -> str:
        """Give the SQL that inserts so many rows."""
        head, tail = self._parts("sqlite")
        one = "(" + ", ".join("?" * len(self.columns)) + ")"
        return f"{head} VALUES {', '.join([one] * rows)}{tail}"

    def one(self, name: Name) -> str:
        """Give the SQL of a single row."""
        return self.sqlite(1) if name == "sqlite" else self._single

    @cached_property
    def _single(self) -> str:
        head, tail = self._parts("postgresql")
        return f"{head} VALUES ({', '.join(f'%({column})s' for column in self.columns)}){tail}"

    @cached_property
    def postgres(self) -> str:
        """Give the SQL that inserts one array a column."""
        head, tail = self._parts("postgresql")
        kinds = [self.table.c[column].type.compile(DIALECTS["postgresql"]) for column in self.columns]
        arrays = ", ".join(f"%b::{kind}[]" for kind in kinds)
        return f"{head} SELECT * FROM unnest({arrays}){tail}"  # noqa: S608  names of our own columns

    def pieces(self, rows: Sequence[Row]) -> Iterator[tuple[str, list[Any]]]:
        """Cut the rows into statements for SQLite, each with its parameters."""
        for start in range(0, len(rows), MOST_ROWS):
            some = rows[start : start + MOST_ROWS]
            yield self.sqlite(len(some)), list(chain.from_iterable(some))


@dataclass(frozen=True)
class Update:
    """A change of rows that are there, row by row. `exact` as above."""

    table: Table
    columns: tuple[str, ...]
    made: str
    exact: bool = False

    @cache  # noqa: B019
    def sql(self, name: Name) -> str:
        """Give the SQL of one row; its parameters are `columns`, in order."""
        text, order = compiled(_UPDATES[self.made](), name)
        if name == "sqlite":
            assert order == self.columns, (order, self.columns)
            return text
        for column in self.columns:
            assert f"%({column})s" in text, column
        return text

    def one(self, name: Name) -> str:
        """Give the SQL of a single row."""
        return self.sql(name)


_WINDOWS = ("said", "tapped", "followed", "scanned")


def _windows(new: Any) -> dict[str, ColumnElement[Any]]:
    """Open the window anew that this event opens; an event that is turned late must not count twice."""
    changes: dict[str, ColumnElement[Any]] = {}
    for name in _WINDOWS:
        newer = new[name] > t.members.c[name]
        changes[name] = case((newer, new[name]), else_=t.members.c[name])
        changes[f"{name}_sent"] = case((newer, literal_column("0")), else_=t.members.c[f"{name}_sent"])
    return changes


def _turned(new: Any) -> tuple[dict[str, Any], ColumnElement[bool]]:
    changes = {"state": new.state, "version": new.version, **_windows(new)}
    return changes, t.members.c.version == new.version - literal_column("1")


def _touched(new: Any) -> tuple[dict[str, Any], None]:
    return dict(_windows(new)), None


def _answered(new: Any) -> tuple[dict[str, Any], ColumnElement[bool]]:
    changes = {"status": new.status, "event": new.event, "reply": new.reply}
    return changes, t.inbound.c.status == word("received")


def _wanted(new: Any) -> tuple[dict[str, Any], ColumnElement[bool]]:
    return {"number": new.number}, t.media.c.number == word("")


_CHANGES: dict[str, Any] = {"turned": _turned, "touched": _touched, "answered": _answered, "wanted": _wanted}


def _keep(table: Table, *columns: str) -> dict[str, Any]:
    return {name: func.coalesce(bindparam(name, type_=table.c[name].type), table.c[name]) for name in columns}


_PROFILE = ("name", "phone", "name_index", "phone_index", "tail_index", "unit", "plain", "traditional", "follows")
# What acts change of a case, in the order of the table's columns.
STATE: Final = (
    "status", "grade", "unit", "sign_by", "answer_by", "due", "signed", "answered", "closed", "owner", "first_owner",
    "sent_by", "above", "returns", "asked", "extended", "paused", "version", "solved", "satisfied", "last_who",
    "last_at", "main", "proposed", "contacted", "excluded", "began", "fires", "fired", "stage", "climbed", "contacts",
    "alarmed", "urged", "tags",
)  # fmt: skip


def _profile() -> Any:
    who = t.members.c.id == bindparam("who")
    return sql_update(t.members).where(who).values(_keep(t.members, *_PROFILE))


def _act() -> Any:
    same = and_(t.cases.c.number == bindparam("case"), t.cases.c.version == bindparam("from_version"))
    return sql_update(t.cases).where(same).values({name: bindparam(name) for name in STATE})


def _joined() -> Any:
    more = t.cases.c.neighbours + bindparam("more", type_=Integer)
    return sql_update(t.cases).where(t.cases.c.number == bindparam("case")).values(neighbours=more)


def _group(main: str) -> ColumnElement[bool]:
    # In the words of the partial index too: else SQLite reads every row.
    some = t.cases.c.main != word("")
    return and_(t.cases.c.main == bindparam(main), some, t.cases.c.status == word("merged"))


def _follow() -> Any:
    """Let a group lie where its main case lies. Its members' first owner is who first answers for them all."""
    shared: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("unit", "sign_by", "answer_by", "due", "owner")
    }
    first = case((t.cases.c.first_owner == word(""), bindparam("new_first", type_=Text)), else_=t.cases.c.first_owner)
    return sql_update(t.cases).where(_group("group")).values({**shared, "first_owner": first})


def _bring() -> Any:
    """Have something brought to every member of a group."""
    given = [
        bindparam("main", type_=Text), t.cases.c.number, bindparam("did", type_=Text), bindparam("who", type_=Text),
        bindparam("post", type_=Text),
        cast(bindparam("words", type_=LargeBinary), LargeBinary), bindparam("at", type_=BigInteger), word("ready"),
    ]  # fmt: skip
    of = select(*given).where(_group("group")).order_by(t.cases.c.number)
    return insert(t.bringings).from_select(("main", "number", "act", "by", "post", "words", "at", "status"), of)


def _followed() -> Any:
    """Put down, for every case of a group whose place or limit changes with its main case, what they were."""
    c, unit, limit = t.cases.c, bindparam("there", type_=Text), bindparam("then", type_=BigInteger)
    given = [
        c.number, bindparam("at", type_=BigInteger), word("follow"), bindparam("who", type_=Text), word("merged"),
        word("merged"), bindparam("target", type_=Text), bindparam("lies", type_=Text),
        bindparam("due", type_=BigInteger), c.unit, c.answer_by, bindparam("post", type_=Text),
    ]  # fmt: skip
    others = or_(c.unit != unit, c.answer_by != limit)
    return _events(*given, of=and_(_group("group"), others))


def _events(*given: Any, of: ColumnElement[bool]) -> Any:
    columns = (
        "number", "at", "act", "by", "before", "after", "target", "unit", "answer_by", "from_unit",
        "from_limit", "post",
    )  # fmt: skip
    return insert(t.case_events).from_select(columns, select(*given).where(of).order_by(t.cases.c.number))


def _heir() -> Any:
    """Give the case that stands for a group whose main case is gone: the first by its number."""
    theirs = t.cases.alias("theirs")
    of = and_(theirs.c.main == bindparam("group"), theirs.c.main != word(""), theirs.c.status == word("merged"))
    return select(func.min(theirs.c.number)).where(of).scalar_subquery()


def _orphans() -> Any:
    """Put down what becomes of each: one stands for all, the others go under it."""
    mine = t.cases.c.number == _heir()
    given = [
        t.cases.c.number, bindparam("at", type_=BigInteger), case((mine, word("unmerge")), else_=word("merge")),
        literal_column("'鸿雁'", Text), word("merged"), case((mine, _HEIR_STATUS), else_=word("merged")),
        case((mine, word("")), else_=_heir()), t.cases.c.unit, t.cases.c.answer_by, t.cases.c.unit,
        t.cases.c.answer_by, word(""),
    ]  # fmt: skip
    return _events(*given, of=_group("group"))


_HEIR_STATUS = case((t.cases.c.owner == word(""), word("accepted")), else_=word("working"))


def _inherit() -> Any:
    return sql_update(t.cases).where(_group("group"), t.cases.c.number != _heir()).values(main=_heir())


def _heir_alone() -> Any:
    changes: dict[str, Any] = {
        "main": word(""),
        "status": _HEIR_STATUS,
        "version": t.cases.c.version + literal_column("1"),
    }
    # Its main case may have waited for somebody else, until another moment than this one has to be answered.
    changes["due"] = case((t.cases.c.owner == word(""), t.cases.c.sign_by), else_=t.cases.c.answer_by)
    changes |= {"fires": bindparam("fires_at"), "fired": bindparam("fired_at")}
    return sql_update(t.cases).where(_group("group")).values(changes)


def _ride() -> Any:
    waits = and_(
        t.deliveries.c.id == bindparam("row"),
        t.deliveries.c.member == bindparam("who"),
        t.deliveries.c.status == word("waiting"),
    )
    return sql_update(t.deliveries).where(waits).values(status=word("rode"), settled=bindparam("settled"))


def _cancel() -> Any:
    set_ = and_(
        t.timers.c.member == bindparam("who"),
        t.timers.c.number == bindparam("case"),
        or_(t.timers.c.status == word("set"), t.timers.c.status == word("claimed")),
    )
    return sql_update(t.timers).where(set_).values(status=word("cancelled"), settled=bindparam("settled"))


def _run() -> Any:
    """Give a case that ends a form the run of the words before it (it has no number in them yet)."""
    words, before = t.transcript, t.transcript.alias("before")
    last = select(func.max(before.c.turn)).where(before.c.member == bindparam("who")).scalar_subquery()
    said = and_(words.c.member == bindparam("same"), words.c.turn == last)
    run = func.coalesce(select(func.max(words.c.run)).where(said).scalar_subquery(), word(""))
    return sql_update(t.cases).where(t.cases.c.number == bindparam("case")).values(run=run)


_UPDATES: dict[str, Any] = {
    "run": _run,
    "profile": _profile,
    "act": _act,
    "joined": _joined,
    "follow": _follow,
    "followed": _followed,
    "bring": _bring,
    "orphans": _orphans,
    "inherit": _inherit,
    "heir": _heir_alone,
    "ride": _ride,
    "cancel": _cancel,
}


def _all(table: Table, *without: str) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if column.name not in without)


# SQLite counts its parameters: one that stands five times is given five times.
_FIVE = ("group",) * 5
_WHO = ("id", "channel", "account", "user_key", "state", "version", "seen", *_WINDOWS)

# In the order in which a batch runs them: members first, sorted, so that batches cannot deadlock.
STATEMENTS: Final[dict[str, Insert | Update]] = {
    "turned": Insert(t.members, _WHO, "turned", ("id",), exact=True),
    "touched": Insert(t.members, _WHO, "touched", ("id",)),
    "inbound": Insert(t.inbound, _all(t.inbound, "id", "fetched"), "answered", ("key", "member"), exact=True),
    "profile": Update(t.members, (*_PROFILE, "who"), "profile"),
    "case": Insert(t.cases, _all(t.cases, "neighbours", "main", "proposed", "tags")),
    "run": Update(t.cases, ("same", "who", "case"), "run"),
    "transcript": Insert(t.transcript, _all(t.transcript)),
    "act": Update(t.cases, (*STATE, "case", "from_version"), "act", exact=True),
    "joined": Update(t.cases, ("more", "case"), "joined"),
    "followed": Update(
        t.case_events, ("at", "who", "target", "lies", "due", "post", "group", "there", "then"), "followed"
    ),
    "follow": Update(
        t.cases, ("new_unit", "new_sign_by", "new_answer_by", "new_due", "new_owner", "new_first", "group"), "follow"
    ),
    "bring": Update(t.bringings, ("main", "did", "who", "post", "words", "at", "group"), "bring"),
    "orphans": Update(t.case_events, ("at", *_FIVE), "orphans"),
    "inherit": Update(t.cases, ("group", "group", "group"), "inherit"),
    "heir": Update(t.cases, ("fires_at", "fired_at", "group"), "heir"),
    "case_event": Insert(t.case_events, _all(t.case_events, "id")),
    "audit": Insert(t.audit, _all(t.audit, "id", "seq")),
    "mention": Insert(t.mentions, ("staff", "number", "by", "at")),
    "delivery": Insert(
        t.deliveries, ("key", "member", "number", "created", "due", "priority", "text", "asks", "status")
    ),
    "ride": Update(t.deliveries, ("settled", "row", "who"), "ride", exact=True),
    "cancel": Update(t.timers, ("settled", "who", "case"), "cancel"),
    "timer": Insert(t.timers, ("key", "member", "kind", "at", "number", "data", "status"), "nothing", ("key",)),
    "consent": Insert(t.consents, _all(t.consents, "id")),
    "media": Insert(
        t.media, ("member", "media", "what", "number", "status", "created", "due"), "wanted", ("member", "media")
    ),
}
