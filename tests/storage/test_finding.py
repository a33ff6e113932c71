"""Search on both engines: what is found, by what, by whom; and what nobody finds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from dialogs.desk.cases import Act
from dialogs.desk.seeking import sought
from dialogs.effects import ActOnCase, Filled, KeepProfile
from dialogs.numbers import case_number
from storage.engines import Database
from storage.finding import Found
from storage.sight import Scope
from tests.storage.making import NOON, lamp, member, turn

HERE, THERE = "yushan-xincheng", "yushan-tinglin"
ALL = Scope(staff="王站长", whole=frozenset({HERE, THERE}))
LAMP, FLAT, FAR = "HY-261121-0387-8", "HY-261121-0412-6", "HY-261121-0500-1"
LEASE = timedelta(minutes=1)


async def opens(database: Database, number: str, who: str, title: str, /, **more: Any) -> None:
    profile = KeepProfile(name=more.pop("name", None), phone=more.pop("phone", None))
    await database.turns.commit(turn(member(who), "k1", lamp(number, title=title, **more), profile))


async def bring_up(database: Database, worker: str = "w", limit: int = 16) -> int:
    count = 0
    while behind := await database.case_words.claim(worker, NOON, LEASE, limit):
        await database.case_words.bring_up(behind)
        count += len(behind.numbers)
    return count


async def find(database: Database, typed: str, scope: Scope = ALL, after: int = 0) -> Found:
    return await database.finding.find(sought(typed, date(2026, 11, 23)), scope, after=after)


def told(found: Found) -> list[str]:
    return [f"{hit.number} {hit.by}" for hit in found.hits]


@pytest.fixture
async def town(database: Database) -> Database:
    where = Filled(key="where", label="哪个小区", value="新城花园", shown="新城花园")
    phone = Filled(key="phone", label="手机号", value="13812345678", shown="138****5678", private=True)
    await opens(
        database,
        LAMP,
        "zhou",
        "道路交通 · 路灯",
        name="周建国",
        phone="13812345678",
        place="柏庐路",
        filled=(where, phone),
    )
    await opens(database, FLAT, "li", "七号楼停水两天了", name="李娟", phone="13900005678", unit=HERE)
    await opens(database, FAR, "wu", "亭林的路灯", name="周建国", phone="18600000387", unit=THERE)
    return database


async def test_number_name_and_phone_are_found_at_once(town: Database) -> None:
    assert told(await find(town, "hy2611210387-8")) == [f"{LAMP} number"]
    assert told(await find(town, "周建国")) == [f"{LAMP} name", f"{FAR} name"]
    assert told(await find(town, "138 1234 5678")) == [f"{LAMP} phone"]
    assert told(await find(town, "5678")) == [f"{LAMP} tail", f"{FLAT} tail"]
    assert told(await find(town, "0387")) == [f"{LAMP} number", f"{FAR} tail"]
    assert told(await find(town, "路灯")) == []  # its words come a moment later


async def test_words_are_found_once_the_index_has_them(town: Database) -> None:
    assert await bring_up(town) == 3
    assert await bring_up(town) == 0
    assert told(await find(town, "路燈")) == [f"{FAR} words", f"{LAMP} words"]
    assert told(await find(town, "新城花园 路灯")) == [f"{LAMP} words"]
    assert told(await find(town, "路灯停水")) == []
    ((kind, parts),) = (await find(town, "停水")).hits[0].lines
    assert (kind, "".join(f"[{part.words}]" if part.hit else part.words for part in parts)) == (
        "title",
        "七号楼[停水]两天了",
    )
    # What was masked for others is in no index.
    assert told(await find(town, "13812345678")) == [f"{LAMP} phone"]


async def test_what_is_said_later_is_found_too_and_only_once(town: Database) -> None:
    await bring_up(town)
    note = ActOnCase(number=LAMP, act=Act.NOTE, by="张敏", words="灯杆编号X-0312")
    for _ in range(2):
        await town.cases.act(note, staff=None, now=NOON)
        assert await bring_up(town) == 1
    ((kind, _),) = (await find(town, "x-0312")).hits[0].lines
    assert kind == "note"
    assert told(await find(town, "路灯")) == [f"{FAR} words", f"{LAMP} words"]


async def test_each_finds_what_exists_for_them(town: Database) -> None:
    await bring_up(town)
    here = Scope(staff="张敏", whole=frozenset({HERE}))
    for typed in ("周建国", "路灯", "0387"):
        assert {hit.number for hit in (await find(town, typed, here)).hits} == {LAMP}
    assert told(await find(town, FAR, here)) == []
    assert told(await find(town, "路灯", Scope(staff="管理员"))) == []


async def test_who_must_not_be_known_is_found_by_nobody(town: Database) -> None:
    cleared = Scope(staff="王站长", whole=ALL.whole, cleared=ALL.whole)
    secret, shy = case_number(date(2026, 11, 22), 1), case_number(date(2026, 11, 22), 2)
    await opens(
        town, secret, "qian", "谈心谈话", name="钱学林", phone="13700001234", confidential=True, matter="路灯下的事"
    )
    await opens(town, shy, "sun", "路灯又坏了", name="孙晓", phone="13700001235", anonymous=True)
    await bring_up(town)
    for typed in ("钱学林", "13700001234", "1234", "谈心", "路灯下"):
        assert told(await find(town, typed, cleared)) == [], typed
    assert told(await find(town, secret, cleared)) == [f"{secret} number"]
    assert told(await find(town, secret)) == []
    for typed in ("孙晓", "13700001235", "1235"):
        assert told(await find(town, typed, cleared)) == [], typed
    assert f"{shy} words" in told(await find(town, "路灯"))


async def test_one_worker_at_a_time_and_another_when_it_has_died(town: Database) -> None:
    assert await town.case_words.claim("a", NOON, LEASE, 16)
    assert await town.case_words.claim("b", NOON, LEASE, 16) is None
    later = await town.case_words.claim("b", NOON + 2 * LEASE, LEASE, 2)
    assert later is not None
    assert len(later.numbers) == 2
    await town.case_words.bring_up(later)
    assert await bring_up(town, "c") == 0
    assert await town.case_words.claim("b", NOON + 2 * LEASE, LEASE, 2)


async def test_many_hits_go_on_where_the_page_ended(town: Database) -> None:
    for serial in range(70):
        await opens(town, f"HY-261122-{serial:04d}-0", f"u{serial}", f"第{serial}盏路灯")
    await bring_up(town)
    first = await find(town, "路灯")
    rest = await find(town, "路灯", after=first.after)
    numbers = [hit.number for hit in (*first.hits, *rest.hits)]
    assert (len(first.hits), len(rest.hits), rest.after) == (50, 22, 0)
    assert len(set(numbers)) == 72


async def test_an_address_tells_nobody_what_was_looked_for(town: Database) -> None:
    sealed = town.finding.seal("周建国", "张敏")
    assert sealed.isascii()
    assert town.finding.unseal(sealed, "张敏") == "周建国"
    assert town.finding.unseal(sealed, "李娟") == ""
    for broken in ("", "x", "☃", sealed[:-4]):
        assert town.finding.unseal(broken, "张敏") == ""
