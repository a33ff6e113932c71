"""No question that is asked again and again reads a whole table: the service must not slow down as it fills."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, make_url

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase, CancelReminders, KeepMedia, KeepProfile, Remind, Say
from dialogs.facts import Wants
from storage.cases import PLACES
from storage.crypto import Keys
from storage.engines import Database, open_database
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
        raw.driver_connection._conn.set_trace_callback(heard.add)

    event.listen(engine._engine.sync_engine, "connect", connected)
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
