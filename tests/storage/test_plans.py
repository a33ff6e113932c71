"""No question that is asked again and again reads a whole table: the service must not slow down as it fills."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, event, make_url, text

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase, CancelReminders, KeepMedia, KeepProfile, Remind, Say
from dialogs.facts import Wants
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.moments import to_ms
from storage.places import PLACES, counted, listed_in, reds
from storage.sight import Scope
from storage.turns import Gather
from tests.storage.making import NOON, lamp, look, member, seeing, turn

HERE = ["yushan-xincheng", "elsewhere"]
LEASE = timedelta(minutes=1)
WHOLE = re.compile(r"SCAN (members|inbound|transcript|cases|case_events|deliveries|timers|media|consents|other)\b")
# Parts of a table that say of themselves how small they are: what was not turned yet, what a unit gave back.
SMALL = ("INDEX ix_inbound_received", "INDEX ix_cases_returned")


@contextmanager
def told(database: Database) -> Iterator[set[str]]:
    """Listen to every statement, with its values written in."""
    heard: set[str] = set()
    engine: Any = database.turns._engine
    listened = [engine._writer._raw, engine._gathering._raw]

    def connected(raw: Any, record: object) -> None:
        del record
        raw.set_trace_callback(heard.add)

    event.listen(engine._engine, "connect", connected)
    for raw in listened:
        raw.set_trace_callback(heard.add)
    yield heard
    for raw in listened:
        raw.set_trace_callback(None)


async def everything(database: Database) -> None:
    """A day of the service: turns, cases, the outbox, reminders, photos, the desk."""
    await database.turns.commit(turn(member(), "k1", lamp("HY-1"), KeepProfile(name="周建国")))
    remind = Remind(key="r", kind="contact", at=NOON, number="HY-1")
    effects = (Say(text="好", number="HY-1"), remind, KeepMedia(media="m", what="photo", number="HY-1"))
    await database.turns.commit(turn(member(), "k2", *effects, reply=None, version=1))
    joined = lamp("HY-2", same_as="HY-1")
    await database.turns.commit(turn(member("b"), "k1", joined, CancelReminders(number="HY-2")))
    await database.turns.commit(turn(member("c"), "k1", answered=False))
    await look(database, member(), "k1")
    wants = Wants(category="road.lamp", unit=HERE[0])
    await database.turns.gather(Gather(member=member("d").id, key="k", wants=wants))
    await database.turns.unturned(10)
    await database.turns.purge(NOON)
    (delivery,) = await database.deliveries.claim("w", NOON, LEASE, 10)
    await database.deliveries.begin([delivery.id], NOON)
    await database.deliveries.settle(delivery.id, "waiting", now=NOON)
    await database.deliveries.revive(member().id, NOON)
    await database.deliveries.lapse(NOON)
    await database.deliveries.untold(NOON)
    await database.deliveries.counts(NOON)
    (timer,) = await database.timers.claim("w", NOON, LEASE, 10)
    await database.timers.done(timer.key, NOON)
    await database.timers.next_at()
    (wanted,) = await database.media.claim("w", NOON, LEASE, 10)
    await database.media.keep(wanted.id, b"photo", "image/jpeg")
    await database.media.of_case("HY-1")
    for place in PLACES:
        await database.cases.queue(place, seeing(HERE), NOON)
    await database.cases.counters(seeing(HERE), NOON)
    await database.cases.access_case("HY-1", seeing(HERE))
    await database.cases.act(ActOnCase(number="HY-2", act=Act.WITHDRAW), staff=None, now=NOON)


async def test_no_question_reads_a_whole_table(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as database:
        with told(database) as heard:
            await everything(database)
    asked = [sql for sql in heard if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))]
    assert len(asked) > 40
    with closing(sqlite3.connect(str(make_url(sqlite_url).database))) as reader:
        plans = {sql: [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked}
    whole = {
        sql: [step for step in plan if WHOLE.match(step) and not step.endswith(SMALL)] for sql, plan in plans.items()
    }  # fmt: skip
    assert {sql: steps for sql, steps in whole.items() if steps} == {}


def test_a_whole_table_is_noticed() -> None:
    with closing(sqlite3.connect(":memory:")) as reader:
        reader.execute("CREATE TABLE inbound (id INTEGER PRIMARY KEY, status TEXT)")
        ((*_, step),) = reader.execute("EXPLAIN QUERY PLAN SELECT id FROM inbound WHERE status = 'received'")
    assert WHOLE.match(step)


# -- the desk's lists ----------------------------------------------------------------------
MANY = frozenset(f"unit-{number}" for number in range(200))
SEEN = {
    "few units": Scope(staff="li", whole=frozenset(HERE)),
    "many units": Scope(staff="li", whole=MANY),
    "every unit": Scope(staff="li", whole=MANY, everywhere=True),
    "cleared": Scope(staff="li", whole=MANY, everywhere=True, cleared=MANY),
}


def explained(path: str, question: Any) -> str:
    """How SQLite would answer."""
    engine = create_engine(f"sqlite:///{path}")
    made = question.compile(engine, compile_kwargs={"render_postcompile": True})
    values, read = made.construct_params(), made._bind_processors
    given = [read[name](values[name]) if name in read else values[name] for name in made.positiontup]
    with closing(sqlite3.connect(path)) as reader:
        return " · ".join(row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {made}", given))


@pytest.mark.parametrize("who", SEEN)
@pytest.mark.parametrize("place", PLACES)
def test_a_list_goes_along_an_index(sqlite_url: str, place: str, who: str) -> None:
    """Of few units from unit to unit; of many along all open ones, in the list's own order, and not sorted again."""
    plan = explained(str(make_url(sqlite_url).database), listed_in(place, SEEN[who], to_ms(NOON), limit=51))
    assert not re.search(r"SCAN cases(?! USING)", plan)
    along = {"answered": "ix_cases_answered", "closed": "ix_cases_filed"}.get(place, "ix_cases_open")
    if place == "mine":
        assert "ix_cases_owner" in plan
    elif place == "returned":
        assert "ix_cases_returned" in plan
    elif who == "few units":
        assert ("ix_cases_closed" if place == "closed" else "ix_cases_unit") in plan
    else:
        assert along in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("who", SEEN)
def test_counting_reads_no_case_whole(sqlite_url: str, who: str) -> None:
    plan = explained(str(make_url(sqlite_url).database), counted(SEEN[who], to_ms(NOON)))
    if who == "few units":
        assert "SEARCH cases USING INDEX ix_cases_unit" in plan
    else:
        assert "USING COVERING INDEX ix_cases_open" in plan
    assert not re.search(r"SCAN cases(?! USING)", plan)
    red = explained(str(make_url(sqlite_url).database), reds(SEEN[who], 20))
    assert "SEARCH cases USING INDEX ix_cases_open (<expr><?)" in red


@pytest.mark.parametrize("place", [place for place in PLACES if place not in {"mine", "returned"}])
def test_postgresql_may_go_along_them_too(postgres_url: str, place: str) -> None:
    """An empty table is read whole whatever its indexes; where that is dear, they must be of use."""
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    question = listed_in(place, SEEN["every unit"], to_ms(NOON), limit=51)
    with engine.connect() as conn:
        conn.execute(text("SET enable_seqscan = off"))
        conn.execute(text("SET enable_sort = off"))
        made = question.compile(conn, compile_kwargs={"literal_binds": True})
        plan = " · ".join(conn.scalars(text(f"EXPLAIN {made}".replace(":", r"\:"))))
    along = {"answered": "ix_cases_answered", "closed": "ix_cases_filed"}.get(place, "ix_cases_open")
    assert along in plan
    assert "Sort" not in plan
    engine.dispose()
