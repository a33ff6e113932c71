"""Opening, migrating, locking and sealing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Engine, event, inspect, make_url

from dialogs.conversation import Conversation, Form, Held
from dialogs.effects import KeepProfile, LedTo, Say
from storage import sqlite_writer
from storage.crypto import Keys, SealBroken
from storage.engines import Database, Taken, open_database
from storage.grams import beside
from storage.migrate import HEAD, config, connected, migrate, pending, state
from storage.partitions import is_partition
from storage.proof import WrongKey
from storage.tables import metadata
from tests.conftest import SECRET
from tests.storage.making import NOON, lamp, look, member, said, seeing, turn

OTHER = """
import asyncio, sys
from storage.crypto import Keys
from storage.engines import Taken, open_database

async def go():
    try:
        async with open_database(sys.argv[1], Keys(sys.argv[2])):
            print("opened")
    except Taken as taken:
        print(taken)

asyncio.run(go())
"""
NAME, PHONE, PLACE = "欧阳修远", "13812345678", "新城花园三号楼"


def test_the_head_that_is_written_down_is_that_of_the_scripts() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_tables_are_what_the_migrations_make(empty_url: str) -> None:
    assert state(empty_url) == "empty"
    assert pending(empty_url)
    migrate(empty_url)
    migrate(empty_url)
    assert not pending(empty_url)
    with connected(empty_url) as conn:
        options = {
            "compare_type": True,
            "target_metadata": metadata,
            "include_name": lambda name, kind, _: kind != "table" or not (is_partition(name) or beside(name)),
            # An index on an expression cannot be read back; test_start compares how it was made.
            "include_object": lambda made, _name, kind, *_: (
                kind != "index" or all(isinstance(each, Column) for each in made.expressions)
            ),
        }
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []


class Died(BaseException):
    """The process died here."""


@pytest.fixture
def dies_after() -> Iterator[Callable[[str, int], None]]:
    """Let the process die after the n-th statement that begins so."""
    told: list[tuple[str, int]] = []

    def look(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        if told and statement.lstrip().startswith(told[0][0]):
            words, left = told.pop()
            if left == 1:
                raise Died(words)
            told.append((words, left - 1))

    event.listen(Engine, "after_cursor_execute", look)
    yield lambda words, n: told.append((words, n))
    event.remove(Engine, "after_cursor_execute", look)


Dies = Callable[[str, int], None]


@pytest.mark.parametrize("n", [1, 7])
def test_a_first_start_that_dies_leaves_nothing_half_made(empty_url: str, dies_after: Dies, n: int) -> None:
    dies_after("CREATE TABLE", n)
    with pytest.raises(Died):
        migrate(empty_url)
    with connected(empty_url) as conn:
        assert inspect(conn).get_table_names() == []
    migrate(empty_url)
    assert state(empty_url) == "current"


def test_an_upgrade_that_dies_is_begun_anew(empty_url: str, dies_after: Dies) -> None:
    with connected(empty_url) as conn:
        command.upgrade(config(conn), "0001")
    dies_after("CREATE TABLE unit_changes", 1)
    with pytest.raises(Died):
        migrate(empty_url)
    assert state(empty_url) == "older"
    migrate(empty_url)
    assert state(empty_url) == "current"


async def test_a_database_without_tables_is_not_ready(empty_url: str, keys: Keys) -> None:
    async with open_database(empty_url, keys) as opened:
        assert not await opened.ready()
    migrate(empty_url)
    async with open_database(empty_url, keys) as opened:
        assert await opened.ready()


async def test_an_unreachable_server_is_not_ready(keys: Keys) -> None:
    async with open_database("postgresql+psycopg://nobody@127.0.0.1:1/none", keys) as opened:
        assert not await opened.ready()


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite://", "mysql://x/y"])
def test_another_kind_of_address_is_refused_in_words(url: str, keys: Keys) -> None:
    with pytest.raises(ValueError, match="HONGYAN_DATABASE_URL"):
        open_database(url, keys)


async def test_one_process_writes_and_another_is_told_why_it_may_not(sqlite_url: str, keys: Keys) -> None:
    def run() -> str:
        root = Path(__file__).parent.parent.parent
        other = [sys.executable, "-c", OTHER, sqlite_url, SECRET]
        return subprocess.run(other, capture_output=True, text=True, check=True, cwd=root, timeout=60).stdout

    async with open_database(sqlite_url, keys) as opened:
        await opened.turns.commit(turn(member(), "k1"))
        assert "另一个进程" in run()
        with pytest.raises(Taken):
            migrate(sqlite_url)
        async with open_database(sqlite_url, keys, read_only=True) as reader:
            assert (await look(reader, member(), "k1")).already is not None
            with pytest.raises(RuntimeError, match="reading only"):
                await reader.numbers.lease("261121", 1)
    assert run() == "opened\n"


async def test_what_was_committed_is_there_after_closing(database_url: str, keys: Keys) -> None:
    async with open_database(database_url, keys) as opened:
        await opened.turns.commit(turn(member(), "k1"))
    async with open_database(database_url, keys) as opened:
        assert (await look(opened, member(), "k1")).already is not None


async def tell_all(database: Database) -> None:
    form = Form(
        service="help", version=1, stage="asking", step="where", began=NOON, touched=NOON,
        held={"name": Held(value=NAME, shown=NAME)},
    )  # fmt: skip
    effects = (
        KeepProfile(name=NAME, phone=PHONE), lamp("HY-1", place=PLACE, matter=PLACE),
        Say(text=f"{NAME}，收到：{PHONE}"), LedTo(what="help/where"),
    )  # fmt: skip
    event = said(f"我是{NAME}，电话{PHONE}，住{PLACE}")
    passive = turn(member(), "k1", *effects, event=event, conversation=Conversation(form=form), reply=NAME.encode())
    await database.turns.commit(passive)
    await database.turns.commit(turn(member(), "k2", Say(text=f"{NAME} {PHONE}"), event=event, reply=None, version=1))
    await database.turns.commit(turn(member(), "k3", event=event, answered=False))


async def test_no_name_phone_or_place_is_readable_in_the_file(sqlite_url: str, keys: Keys) -> None:
    async with open_database(sqlite_url, keys) as opened:
        await tell_all(opened)
        assert (await look(opened, member())).profile.phone == PHONE
        path = Path(str(make_url(sqlite_url).database))
        raw = b"".join(file.read_bytes() for file in path.parent.glob("hongyan.db*"))
    assert b"help/where" in raw
    assert [secret for secret in (NAME, PHONE, PLACE, "电话") if secret.encode() in raw] == []


async def test_a_phone_in_free_words_is_masked_at_the_desk(database: Database) -> None:
    await tell_all(database)
    page = await database.cases.access_case("HY-1", seeing(["yushan-xincheng"]))
    assert page is not None
    words = " ".join(item.text for item in page.items if hasattr(item, "text"))
    assert PHONE not in words
    assert "138****5678" in words
    assert page.phone == PHONE


async def test_with_another_key_nothing_opens(database_url: str, keys: Keys) -> None:
    async with open_database(database_url, keys) as opened:
        await tell_all(opened)
    async with open_database(database_url, Keys("another secret of 32 characters or more")) as opened:
        with pytest.raises(SealBroken):
            await look(opened, member())


async def test_a_start_with_another_key_is_refused_in_words(database_url: str, keys: Keys) -> None:
    another = "another secret of 32 characters or more"
    for _ in range(2):
        async with open_database(database_url, keys) as opened:
            await opened.prove_key(NOON)
    async with open_database(database_url, Keys(another)) as opened:
        with pytest.raises(WrongKey, match="HONGYAN_SECRET_KEY") as refused:
            await opened.prove_key(NOON)
    assert another not in str(refused.value)
    async with open_database(database_url, keys) as opened:
        await opened.prove_key(NOON)
        assert await opened.overrides.all("article") == []


@given(st.text())
def test_what_is_sealed_opens_only_where_it_belongs(words: str) -> None:
    keys = Keys(SECRET)
    sealed = keys.seal("members.name", words)
    assert keys.open("members.name", sealed) == words
    assert sealed != keys.seal("members.name", words)
    for broken in (sealed[:-1], b"\x02" + sealed[1:], sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:], b"\x01"):
        with pytest.raises(SealBroken):
            keys.open("members.name", broken)
    with pytest.raises(SealBroken):
        keys.open("members.phone", sealed)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_never_uses_its_parents_nonces() -> None:
    keys = Keys(SECRET)
    keys.seal("members.name", NAME)  # more are drawn than are used
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, keys.seal("members.name", NAME))
        os._exit(0)
    os.waitpid(child, 0)
    theirs, ours = os.read(reading, 1000), keys.seal("members.name", NAME)
    os.close(reading)
    os.close(writing)
    assert keys.open("members.name", theirs) == keys.open("members.name", ours) == NAME
    assert theirs[:13] != ours[:13]


def test_blind_indexes_find_equal_values_of_one_column_and_tell_nothing_else() -> None:
    keys = Keys(SECRET)
    assert keys.index("members.phone", PHONE) == keys.index("members.phone", PHONE)
    assert keys.index("members.phone", PHONE) != keys.index("members.tail", PHONE)
    assert keys.index("members.phone", PHONE) != Keys(SECRET + "x").index("members.phone", PHONE)
    assert keys.index("members.phone", "") == ""


def test_a_short_secret_is_refused_by_its_setting_s_name() -> None:
    with pytest.raises(ValueError, match="HONGYAN_SECRET_KEY"):
        Keys("too short")


async def test_the_log_is_copied_into_the_file_once_enough_was_written(
    sqlite_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied() -> int:
        """Look past the log: at the file alone, as if nobody wrote to it."""
        with closing(sqlite3.connect(f"file:{make_url(sqlite_url).database}?immutable=1", uri=True)) as file:
            return int(file.execute("SELECT count(*) FROM inbound").fetchone()[0])

    monkeypatch.setattr(sqlite_writer, "_BETWEEN", 0.01)
    monkeypatch.setattr(sqlite_writer, "_MANY_ROWS", 30)
    monkeypatch.setattr(sqlite_writer, "_REST", 1_000_000)
    async with open_database(sqlite_url, keys) as opened:
        for number in range(20):
            await opened.turns.commit(turn(member(f"m{number}"), "k1"))
        for _ in range(3000):
            if copied():
                return
            await asyncio.sleep(0.01)
    raise AssertionError("nothing was copied")
