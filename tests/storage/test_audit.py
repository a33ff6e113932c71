"""The audit log and its chain: written with the act, linked soon, by one at a time, and every tampering named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dialogs.desk.cases import Act
from dialogs.effects import ActOnCase
from dialogs.events import StaffAnswered
from storage.audit import Actor, Record, canonical
from storage.audit_chain import Anchor, EndBroken
from storage.audit_log import Wanted
from storage.audit_proof import Broken, Checked
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.staff import Staff
from tests.storage.making import NOON, lamp, member, turn

DAY = "2026-11-21"
LEASE = timedelta(seconds=15)
LI = Staff(name="li", post="coordinator", unit="yushan-xincheng", source="inside")
Spoil = Callable[[Database], Awaitable[None]]


def did(act: str = "units.export", subject: str = "", name: str = "li") -> Record:
    return Record(actor=Actor(name=name, post="admin", unit="kunshan", source="here"), act=act, subject=subject)


async def record(database: Database, count: int, *, minutes: int = 0) -> None:
    await database.audit.append(*(did(subject=f"s{n}") for n in range(count)), now=NOON + timedelta(minutes=minutes))


async def link(database: Database, worker: str = "w", *, day: str = DAY, minutes: int = 0, limit: int = 500) -> int:
    done = await database.chain.link(worker, NOON + timedelta(minutes=minutes), day, lease=LEASE, limit=limit)
    return -1 if done is None else done.count


async def checked(database: Database, **wish: Any) -> Checked:
    *_, last = [step async for step in database.proof.check(page=4, **wish)]
    assert isinstance(last, Checked)
    return last


async def run(database: Database, *statements: str) -> None:
    def work(conn: Any) -> None:
        for statement in statements:
            conn.execute(text(statement))

    await database._engine.write(work, apart=True)


async def one(database: Database, question: str) -> Any:
    return await database._engine.read(lambda conn: conn.execute(text(question)).first())


# -- what is written ----------------------------------------------------------------------
async def test_an_act_of_staff_is_recorded_in_its_own_transaction(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    await database.cases.act(ActOnCase(number="HY-1", act=Act.CLAIM, version=1), staff=LI, now=NOON)
    await database.cases.act(ActOnCase(number="HY-1", act=Act.ANSWER, version=1, words="x"), staff=LI, now=NOON)
    (found,) = await database.audit.records(Wanted())
    assert found.record == Record(actor=LI.actor, act="case.claim", kind="case", subject="HY-1")
    assert (found.at, found.seq) == (NOON, None), "the late one left no trace, and nothing is linked yet"


async def test_words_to_a_member_are_recorded_with_the_turn_and_without_the_words(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    await database.cases.act(ActOnCase(number="HY-1", act=Act.CLAIM), staff=LI, now=NOON)
    wrote = StaffAnswered(
        number="HY-1", text="灯泡换好了", by="li", post="head", final=True, version=2, unit="yushan", source="outside"
    )
    answer = ActOnCase(number="HY-1", act=Act.ANSWER, by="li", words="灯泡换好了", version=2)
    await database.turns.commit(turn(member(), "k2", answer, event=wrote, version=1, reply=None))
    answered, _ = await database.audit.records(Wanted())
    assert answered.record.act == "case.answer"
    assert answered.record.actor == Actor(name="li", post="head", unit="yushan", source="outside")
    assert "灯泡" not in repr(answered)


async def test_what_members_do_is_no_act_of_staff(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", lamp("HY-1")))
    withdrawn = ActOnCase(number="HY-1", act=Act.WITHDRAW)
    await database.turns.commit(turn(member(), "k2", withdrawn, version=1))
    assert await database.audit.records(Wanted()) == []


async def test_what_is_rolled_back_is_not_recorded(database: Database) -> None:
    def fails(conn: Any) -> None:
        from storage.audit import append

        append(conn, database._engine.keys, 1, did())
        raise RuntimeError("a full disk")

    with pytest.raises(RuntimeError):
        await database._engine.write(fails)
    assert await database.audit.records(Wanted()) == []


async def test_the_log_is_read_by_person_act_case_and_days(database: Database) -> None:
    await database.audit.append(did("sign_in"), did("case.claim", "HY-1", "wang"), now=NOON)
    failed = Record(actor=Actor(name=""), act="sign_in.failed", kind="staff", subject="li")
    await database.audit.append(failed, now=NOON + timedelta(days=1))

    async def acts(**wish: Any) -> list[str]:
        return [each.record.act for each in await database.audit.records(Wanted(**wish))]

    assert await acts() == ["sign_in.failed", "case.claim", "sign_in"]
    assert await acts(by="li") == ["sign_in.failed", "sign_in"]
    assert await acts(subject="HY-1") == ["case.claim"]
    assert await acts(acts=("sign_",)) == ["sign_in.failed", "sign_in"]
    assert await acts(before=NOON + timedelta(hours=1)) == ["case.claim", "sign_in"]
    assert await acts(since=NOON + timedelta(hours=1)) == ["sign_in.failed"]
    first = (await database.audit.records(Wanted(), limit=1))[0]
    assert [each.record.act for each in await database.audit.records(Wanted(), after=first.cursor)] == [
        "case.claim", "sign_in",
    ]  # fmt: skip


async def test_a_page_that_looks_again_by_itself_is_one_look(database: Database) -> None:
    for minutes in (0, 5, 40):
        now = NOON + timedelta(minutes=minutes)
        await database.audit.append_once(did("case.read", "HY-1"), now=now, within=timedelta(minutes=30))
    assert [each.at for each in await database.audit.records(Wanted())] == [NOON + timedelta(minutes=40), NOON]


# -- linking ------------------------------------------------------------------------------
async def test_everything_recorded_is_linked_once_and_the_check_finds_it_whole(database: Database) -> None:
    await record(database, 7)
    assert [await link(database, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    found = await checked(database)
    assert (found.links, found.records, found.waiting, found.broken) == (7, 7, 0, None)
    await record(database, 2, minutes=1)
    assert (await checked(database)).waiting == 2
    standing = await database.chain.standing()
    assert (standing.seq, standing.waiting, standing.oldest) == (7, 2, NOON + timedelta(minutes=1))


async def test_the_chain_can_be_recomputed_by_anybody_from_the_rows(database: Database) -> None:
    await record(database, 3)
    await link(database)
    fields = "at, by, post, unit, act, kind, subject, note, source, key".replace("by", '"by"')
    rows = await database._engine.read(
        lambda conn: conn.execute(text(f"SELECT id, {fields}, mac FROM audit ORDER BY seq")).all()
    )
    chain = sha256(b"hongyan audit chain 1").digest()
    for number, *row, mac in rows:
        written = json.dumps([1, number, *row, mac.hex()], ensure_ascii=False, separators=(",", ":"))
        chain = sha256(chain + sha256(written.encode()).digest()).digest()
    assert (await one(database, "SELECT chain FROM audit_head")).chain == chain


@given(words=st.lists(st.text(), min_size=9, max_size=9), at=st.integers(0, 2**53))
def test_no_two_records_have_the_same_bytes(words: list[str], at: int) -> None:
    try:
        expected = json.dumps([1, 5, at, *words, "ab"], ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # no text that a database takes
        return
    assert json.loads(canonical(5, (at, *words), b"\xab")) == json.loads(expected)


async def test_two_linkers_at_once_make_one_chain(database: Database) -> None:
    await record(database, 12)
    done = await asyncio.gather(*(link(database, f"w{n % 3}", limit=2) for n in range(12)))
    assert sum(count for count in done if count > 0) == max(done.count(2), 1) * 2, "the first one holds the lease"
    while await link(database, "w9", minutes=5, limit=5) > 0:
        pass
    found = await checked(database)
    assert (found.links, found.broken) == (12, None)


async def test_another_linker_takes_over_when_the_lease_is_over(database: Database) -> None:
    await record(database, 2)
    assert await link(database, "dead", limit=1) == 1
    assert await link(database, "alive") == -1
    assert await link(database, "alive", minutes=1) == 1


async def test_writers_and_linkers_side_by_side_lose_nothing(database: Database) -> None:
    over = asyncio.Event()

    async def linking(worker: str) -> None:
        while not over.is_set():
            await database.chain.link(worker, NOON, DAY, lease=timedelta(0), limit=3)
            await asyncio.sleep(0)

    async def writing(name: str) -> None:
        for n in range(15):
            await database.audit.append(did(subject=f"{name}{n}"), did(subject=f"{name}{n}b"), now=NOON)

    linkers = [asyncio.create_task(linking(worker)) for worker in ("a", "b")]
    await asyncio.gather(*(writing(name) for name in "uvwx"))
    over.set()
    await asyncio.gather(*linkers)
    while await link(database, minutes=9):
        pass
    found = await checked(database)
    assert (found.links, found.records, found.waiting, found.broken) == (120, 120, 0, None)


async def test_a_record_committed_late_with_a_lower_id_is_not_skipped(postgres_url: str, keys: Keys) -> None:
    import psycopg

    async with open_database(postgres_url, keys) as database:
        plain = postgres_url.replace("postgresql+psycopg", "postgresql")
        late = await psycopg.AsyncConnection.connect(plain)
        await late.execute("INSERT INTO audit (at, by, act, key, mac) VALUES (1, 'late', 'x', 'k', '')")
        await record(database, 3)
        assert await link(database) == 3, "what is not committed is not seen"
        await late.commit()
        await late.close()
        assert await link(database) == 1
        rows = await database._engine.read(
            lambda conn: conn.execute(text("SELECT id, seq FROM audit ORDER BY seq")).all()
        )
        assert rows[-1].id < rows[0].id, "it has the lowest id and the last place"


async def test_who_dies_in_the_middle_leaves_the_chain_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(database, 4)
    await link(database, limit=2)
    with monkeypatch.context() as patch:

        def dies(*_: object, **__: object) -> None:
            raise SystemError("the process is killed")

        patch.setattr(database.chain, "_keep", dies)
        with pytest.raises(SystemError):
            await link(database)
    assert (await checked(database)).links == 2
    assert await link(database) == 2
    assert (await checked(database)).broken is None


async def test_each_day_leaves_one_anchor(database: Database) -> None:
    await record(database, 2)
    first = await database.chain.link("w", NOON, DAY, lease=LEASE)
    again = await database.chain.link("w", NOON, DAY, lease=LEASE)
    assert first is not None
    assert first.anchor is not None
    assert again is not None
    assert (first.anchor.day, first.anchor.seq, again.anchor) == (DAY, 2, None)
    assert await database.chain.idle(DAY)
    assert not await database.chain.idle("2026-11-22"), "a new day wants its anchor"
    assert await database.chain.last_anchor() == first.anchor


async def test_records_are_purged_and_the_chain_still_holds(database: Database) -> None:
    await record(database, 5)
    await record(database, 3, minutes=60)
    await link(database)
    assert await database.chain.purge(NOON + timedelta(minutes=30)) == 5
    assert await database.chain.purge(NOON + timedelta(minutes=30)) == 0
    found = await checked(database)
    assert (found.links, found.records, found.purged, found.broken) == (8, 3, 5, None)
    await run(database, "DELETE FROM audit WHERE seq = 6")
    assert (await checked(database)).broken == Broken(kind="missing", seq=6, row=(await row_of(database, 6)))


async def row_of(database: Database, seq: int) -> int:
    return int((await one(database, f'SELECT "row" FROM audit_chain WHERE seq = {seq}'))[0])


# -- tampering ----------------------------------------------------------------------------
COPIED = 'at, "by", post, unit, act, kind, subject, note, source'
SLIPPED = f"INSERT INTO audit ({COPIED}, key, mac, seq) SELECT {COPIED}, 'k', mac, {{seq}} FROM audit WHERE seq = 4"
SPOILS = {
    **{
        f"changed {column}": (f"UPDATE audit SET {column} = 'x' WHERE seq = 5", "changed", 5)
        for column in ('"by"', "post", "unit", "act", "kind", "subject", "note", "source", "key")
    },
    "changed moment": ("UPDATE audit SET at = at + 1 WHERE seq = 5", "changed", 5),
    "changed place": ("UPDATE audit SET seq = 99 WHERE seq = 5", "changed", 5),
    "taken out of the chain's sight": ("UPDATE audit SET seq = NULL WHERE seq = 5", "changed", 5),
    "deleted record": ("DELETE FROM audit WHERE seq = 5", "missing", 5),
    "deleted link": ("DELETE FROM audit_chain WHERE seq = 5", "link", 5),
    "deleted both": ("DELETE FROM audit WHERE seq = 5; DELETE FROM audit_chain WHERE seq = 5", "link", 5),
    "slipped in": (SLIPPED.format(seq="4"), "inserted", 4),
    "cut links": ("DELETE FROM audit_chain WHERE seq > 6", "cut", 7),
    "cut both": ("DELETE FROM audit_chain WHERE seq > 6; DELETE FROM audit WHERE seq > 6", "cut", 7),
    "swapped records": (
        "UPDATE audit SET subject = CASE seq WHEN 4 THEN 's4' ELSE 's3' END WHERE seq IN (4, 5)", "changed", 4,
    ),
    "end set back": ("UPDATE audit_head SET seq = 6", "link", 7),
    "end gone": ("DELETE FROM audit_head", "link", 1),
    "anchor changed": ("UPDATE audit_anchors SET seq = 3", "anchor", 3),
    "everything gone but the end": ("DELETE FROM audit; DELETE FROM audit_chain", "cut", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILS)
async def test_tampering_is_named_by_its_place(database: Database, name: str) -> None:
    statements, kind, seq = SPOILS[name]
    await record(database, 9)
    await link(database)
    await run(database, *statements.split("; "))
    broken = (await checked(database)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == (kind, seq)


@pytest.mark.parametrize("column", ["hash", "chain"])
async def test_a_byte_of_a_link_is_named(database: Database, column: str) -> None:
    await record(database, 9)
    await link(database)
    other = (await one(database, f"SELECT {column} FROM audit_chain WHERE seq = 5"))[0]
    spoilt = bytes([other[0] ^ 1]) + other[1:]

    def work(conn: Any) -> None:
        conn.execute(text(f"UPDATE audit_chain SET {column} = :it WHERE seq = 5"), {"it": spoilt})

    await database._engine.write(work, apart=True)
    broken = (await checked(database)).broken
    assert broken is not None
    assert broken.seq == 5


async def test_swapped_links_are_named(database: Database) -> None:
    await record(database, 9)
    await link(database)
    await run(
        database,
        "UPDATE audit_chain SET seq = 99 WHERE seq = 4",
        "UPDATE audit_chain SET seq = 4 WHERE seq = 5",
        "UPDATE audit_chain SET seq = 5 WHERE seq = 99",
    )
    broken = (await checked(database)).broken
    assert broken is not None
    assert broken.seq == 4


async def test_a_record_that_the_service_never_wrote_is_known_even_once_it_is_linked(database: Database) -> None:
    await record(database, 4)
    await link(database)
    await run(database, SLIPPED.format(seq="NULL"))
    assert (await checked(database)).broken is not None, "while it waits"
    await link(database)
    broken = (await checked(database)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == ("inserted", 5)


async def test_a_copy_of_a_record_cannot_be_slipped_in(database: Database) -> None:
    await record(database, 4)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await run(database, f"INSERT INTO audit ({COPIED}, key, mac) SELECT {COPIED}, key, mac FROM audit")


async def test_a_whole_chain_written_anew_is_known_by_its_end_or_its_anchor(database: Database, keys: Keys) -> None:
    await record(database, 6)
    await link(database, limit=3)
    await link(database)
    await run(database, "UPDATE audit SET subject = 'x' WHERE seq = 5")
    forger = Keys("another secret of 32 characters or more")
    rows = await database._engine.read(
        lambda conn: conn.execute(text(f"SELECT id, {COPIED}, key FROM audit ORDER BY seq")).all()
    )

    def work(conn: Any) -> None:
        chain = sha256(b"hongyan audit chain 1").digest()
        for seq, (number, *fields) in enumerate(rows, 1):
            mac = forger.sign(json.dumps([1, *fields]).encode())
            hashed = sha256(canonical(number, tuple(fields), mac)).digest()
            chain = sha256(chain + hashed).digest()
            given = {"seq": seq, "mac": mac, "hash": hashed, "chain": chain}
            conn.execute(text("UPDATE audit SET mac = :mac WHERE seq = :seq"), given)
            conn.execute(text("UPDATE audit_chain SET hash = :hash, chain = :chain WHERE seq = :seq"), given)
        conn.execute(text("UPDATE audit_head SET chain = :chain"), {"chain": chain})

    await database._engine.write(work, apart=True)
    assert (await checked(database)).broken is not None


async def test_an_anchor_of_the_log_knows_a_database_that_was_set_back(database: Database) -> None:
    await record(database, 3)
    await link(database)
    kept = await one(database, "SELECT seq, chain, at, purged, mac FROM audit_head")
    await record(database, 3, minutes=1)
    await link(database, day="2026-11-22")
    printed = await database.chain.last_anchor()
    assert isinstance(printed, Anchor)
    assert (await checked(database, anchor=printed.said)).broken is None

    def work(conn: Any) -> None:
        for table, where in (("audit", "seq > 3"), ("audit_chain", "seq > 3"), ("audit_anchors", "seq > 3")):
            conn.execute(text(f"DELETE FROM {table} WHERE {where}"))
        set_back = "UPDATE audit_head SET seq = :seq, chain = :chain, at = :at, purged = :purged, mac = :mac"
        conn.execute(text(set_back), dict(kept._mapping))

    await database._engine.write(work, apart=True)
    assert (await checked(database)).broken is None, "an old database whole is an old database"
    broken = (await checked(database, anchor=printed.said)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == ("cut", 4)


async def test_a_cut_chain_is_not_covered_up_by_what_is_linked_later(database: Database) -> None:
    await record(database, 6)
    await link(database)
    await run(database, "DELETE FROM audit_chain WHERE seq > 4", "DELETE FROM audit WHERE seq > 4")
    await record(database, 2, minutes=1)
    assert await link(database) == 2
    broken = (await checked(database)).broken
    assert broken is not None
    assert (broken.kind, broken.seq) == ("link", 5)


@pytest.mark.parametrize("spoilt", ["UPDATE audit_head SET seq = 1", "DELETE FROM audit_head"])
async def test_nothing_is_linked_behind_an_end_that_is_not_ours(database: Database, spoilt: str) -> None:
    await record(database, 3)
    await link(database)
    await run(database, spoilt)
    await record(database, 1)
    with pytest.raises(EndBroken):
        await link(database)


async def test_a_later_check_begins_at_an_anchor(database: Database) -> None:
    await record(database, 4)
    await link(database)
    await record(database, 3, minutes=24 * 60)
    await link(database, day="2026-11-22", minutes=24 * 60)
    assert (await checked(database, since=NOON + timedelta(hours=1))).links == 3
    await run(database, "UPDATE audit SET note = 'x' WHERE seq = 2")
    assert (await checked(database, since=NOON + timedelta(hours=1))).broken is None
    assert (await checked(database)).broken is not None
