"""Measures search over a city's season: `python -m tests.bench.finding [DATABASE_URL] [--cases 57000]`.

Fills an empty database with seeded cases, has the index made as the service does, then asks what staff ask.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert

from dialogs.desk.seeking import sought
from dialogs.numbers import case_number
from storage import tables as t
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.migrate import migrate
from storage.moments import to_ms
from storage.sight import Scope

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UNITS = [f"unit-{each}" for each in range(2401)]
SURNAMES, GIVEN = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何罗高林", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英建国学林晓"
WHAT = re.findall(
    r"\w+", "路灯 停水 井盖 噪音 垃圾 停车 漏水 暖气 养老金 医保 低保 户口 公交 树木 宽带 电梯 消防通道 施工 油烟 狗"
)
WHERE = re.findall(
    r"\w+", "新城花园 亭林 北门 柏庐路 人民路 前进 玉山 陆家 花桥 青阳 望山 朝阳里 团结 红星 建设街 景王路"
)
HOW = ("没有人来处理", "请尽快解决", "老人不方便", "打了几次电话")
ASKS = (
    "路灯",
    "停水",
    "消防通道 新城花园",
    "养老金",
    "3号楼",
    "已经三天",
    "王伟",
    "0387",
    "13800001234",
    "没有人来处理",
    "油烟扰民柏庐路",
)


def main() -> None:
    """Run it."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("url", nargs="?", default="")
    told.add_argument("--cases", type=int, default=57_000)
    given = told.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite+aiosqlite:///{folder}/bench.db"
        migrate(url)
        asyncio.run(measure(url, given.cases))


async def measure(url: str, cases: int) -> None:
    """Fill, index, ask."""
    keys = Keys("a secret of the bench, of 32 characters or more")
    async with open_database(url, keys) as database:
        await fill(database, keys, cases)
        began, count, slowest = time.perf_counter(), 0, 0.0
        while behind := await database.case_words.claim("bench", NOW, timedelta(hours=9), 16):
            before = time.perf_counter()
            await database.case_words.bring_up(behind)
            slowest = max(slowest, time.perf_counter() - before)
            count += len(behind.numbers)
        spent = time.perf_counter() - began
        print(f"indexed {count} cases in {spent:.0f} s, slowest batch {slowest * 1000:.0f} ms")
        for name, scope in {
            "a city": Scope(staff="w", whole=frozenset(UNITS)),
            "a district": Scope(staff="w", whole=frozenset(UNITS[:240])),
            "a station": Scope(staff="w", whole=frozenset(UNITS[:1])),
        }.items():
            await ask(database, name, scope)


async def ask(database: Database, name: str, scope: Scope) -> None:
    """Ask everything some times, and tell how long it took."""
    every = list[float]()
    for typed in ASKS:
        took = list[float]()
        for _ in range(20):
            before = time.perf_counter()
            found = await database.finding.find(sought(typed, date(2026, 11, 23)), scope)
            took.append((time.perf_counter() - before) * 1000)
        every += took
        print(f"  {name}: {typed}: {len(found.hits)} hits, {statistics.median(took):.1f} to {max(took):.1f} ms")
    print(f"{name}: p99 {statistics.quantiles(every, n=100)[98]:.1f} ms")


async def fill(database: Database, keys: Keys, cases: int) -> None:
    """Write seeded members, cases and their first events."""
    chance, day = random.Random(7), date(2026, 3, 1)
    engine = database.cases._engine

    def work(conn: Connection, rows: range) -> None:
        members, made, events = [], [], []
        for each in rows:
            name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.randint(1, 2)))
            phone = f"138{chance.randrange(10**8):08d}"
            at = to_ms(datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=6 * each))
            number = case_number(day + timedelta(days=each // 240), each % 240 + 300)
            what, where = chance.choice(WHAT), chance.choice(WHERE)
            when, how, there = "一二三四五六"[each % 6], chance.choice(HOW), chance.choice(WHERE)
            say = f"{where}小区{chance.randint(1, 30)}号楼{what}的问题，已经{when}天了，{how}，{there}那边也一样"
            members.append(
                {
                    "id": f"m{each}",
                    "channel": "wechat",
                    "account": "main",
                    "user_key": f"u{each}",
                    "seen": at,
                    "name": keys.seal("members.name", name),
                    "name_index": keys.index("members.name", name),
                    "phone": keys.seal("members.phone", phone),
                    "phone_index": keys.index("members.phone", phone),
                    "tail_index": keys.index("members.tail", phone[-4:]),
                }
            )
            made.append(
                {
                    "number": number,
                    "member": f"m{each}",
                    "service": "help",
                    "title": f"{where}{what}",
                    "grade": "yellow",
                    "status": "accepted" if each > cases - 3000 else "closed",
                    "unit": UNITS[each % len(UNITS)],
                    "first_unit": UNITS[each % len(UNITS)],
                    "opened": at,
                    "sign_by": at,
                    "answer_by": at,
                    "due": at,
                    "version": 1,
                    "matter": keys.seal("cases.matter", say),
                    "reach": "here",
                    "last_who": "member",
                    "last_at": at,
                    "since": at,
                }
            )
            events.append(
                {"number": number, "at": at, "act": "open", "by": "member", "before": "", "after": "accepted"}
            )
        for table, values in ((t.members, members), (t.cases, made), (t.case_events, events)):
            conn.execute(insert(table), values)

    for start in range(0, cases, 5000):
        rows = range(start, min(start + 5000, cases))
        await engine.write(partial(work, rows=rows))


if __name__ == "__main__":
    main()
