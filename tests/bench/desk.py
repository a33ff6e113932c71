"""The desk's pages at the server: every place of the rail, the counters, the frame, a case; for three people.

    python -m tests.bench.city --database sqlite+aiosqlite:////tmp/city.db [--seasons 18]
    python -m tests.bench.desk --database sqlite+aiosqlite:////tmp/city.db [--rounds 60] [--profile PLACE]

Handler time with the whole HTML, the browser and the network left out: wall p50 and p99, and the processor time of
the whole process. `slow` counts what took longer than the goal. The city is made by tests/bench/city.py.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import func, select

from bot.app import Parts, make_app, open_parts
from bot.city.town import Town, dress, town
from bot.settings import Settings, Wechat
from handlers.desk.frame.guard import COOKIE
from storage import tables as t
from storage.places import PLACES
from storage.staff import Staff
from tests.bench.city import SECRET, SEED, UNTIL

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Taken:
    """What requests took, in milliseconds: on the wall, and of the processor."""

    wall: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def told(self, goal: float) -> str:
        wall = sorted(self.wall)
        p99 = wall[min(len(wall) - 1, int(len(wall) * 0.99))]
        slow = sum(each > goal for each in wall)
        return (
            f"p50 {statistics.median(wall):7.1f}  p99 {p99:7.1f} ms   CPU p50 {statistics.median(self.processor):6.1f}"
            f"  max {max(self.processor):6.1f}   slow {slow:3}/{len(wall)}"
        )


class Clock:
    def now(self):  # type: ignore[no-untyped-def]
        return UNTIL


@asynccontextmanager
async def desk(
    url: str, taken: Callable[[], Taken]
) -> AsyncIterator[tuple[Parts, TestClient[web.Request, web.Application]]]:
    plain = Wechat(app_id="wx1", app_secret=SecretStr("s"), token=SecretStr("token"), aes_key=None, mode="plain")
    settings = Settings.model_construct(
        host="127.0.0.1", port=0, secret_key=SecretStr(SECRET), database_url=url, redis_url=None, services_dir=None,
        media_url=None, log="auto", wechat=plain,
    )  # fmt: skip

    @web.middleware
    async def timed(request: web.Request, handler: Handler) -> web.StreamResponse:
        began, spent = time.perf_counter(), time.process_time()
        try:
            return await handler(request)
        finally:
            into = taken()
            into.wall.append((time.perf_counter() - began) * 1000)
            into.processor.append((time.process_time() - spent) * 1000)

    async with open_parts(settings, Clock()) as parts:
        dress(parts.shelf, parts.shelf().units.all)
        app = make_app(parts)
        app.middlewares.append(timed)
        async with TestClient(TestServer(app)) as client:
            yield parts, client


def people(here: Town) -> dict[str, Staff]:
    def first(post: str, level: str) -> Staff:
        for each in here.people.values():
            unit = here.known.units.get(each.unit)
            if each.post == post and unit is not None and unit.level == level:
                return Staff(name=each.name, post=each.post, unit=each.unit)
        raise SystemExit("nobody")

    return {
        "station head": first("head", "community"),
        "district supervisor": first("supervisor", "district"),
        "city supervisor": first("supervisor", "city"),
    }


async def numbers(parts: Parts, units: frozenset[str], many: int) -> list[str]:
    """Some cases of these units, of any age."""
    c = t.cases.c
    question = (
        select(c.number).where(c.unit.in_(sorted(units)[:300]), c.confidential.is_(False)).order_by(func.random())
    )
    return await parts.database.bulk._engine.read(lambda conn: list(conn.scalars(question.limit(many))))


async def run(url: str, rounds: int, goal: float, profile: str) -> None:
    now: dict[str, Taken] = {"": Taken()}
    async with desk(url, lambda: now[""]) as (parts, client):
        for who, staff in people(town(SEED)).items():
            token = await parts.database.staff.open_session(staff.name, UNTIL)
            cookies = {"Cookie": f"{COOKIE}={token}"}
            some = await numbers(parts, parts.shelf().units.subtree(staff.unit), rounds)
            seen = [place for place in PLACES if place != "sealed"]  # nobody of the city is cleared
            pages: dict[str, list[str]] = {place: [f"/desk/queue/{place}"] * rounds for place in seen}
            pages["case"] = [f"/desk/case/{number}" for number in some] or ["/desk/queue/mine"]
            print(f"\n{who} ({len(parts.shelf().units.subtree(staff.unit))} units)")
            whole = Taken()
            for name, paths in pages.items():
                if profile and profile != name:
                    continue
                now[""] = Taken()
                await _get(client, paths[0], cookies)
                now[""] = Taken()
                profiler = cProfile.Profile()
                if profile:
                    profiler.enable()
                sizes = [await _get(client, path, cookies) for path in paths]
                if profile:
                    profiler.disable()
                    pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
                print(f"  {name:10} {now[''].told(goal)}   {max(sizes) // 1024} kB")
                whole.wall += now[""].wall
                whole.processor += now[""].processor
            print(f"  {'all':10} {whole.told(goal)}")


async def _get(client: TestClient[web.Request, web.Application], path: str, headers: dict[str, str]) -> int:
    async with client.get(path, headers=headers, allow_redirects=False) as got:
        body = await got.read()
        if got.status != 200:
            raise SystemExit(f"{path}: {got.status}")
        return len(body)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--database", required=True)
    asked.add_argument("--rounds", type=int, default=60)
    asked.add_argument("--goal", type=float, default=50, help="milliseconds")
    asked.add_argument("--profile", default="", help="one place (or `case`), with where its time goes")
    told = asked.parse_args()
    random.seed(1)
    asyncio.run(run(told.database, told.rounds, told.goal, told.profile))


if __name__ == "__main__":
    main()
