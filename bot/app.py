"""The composition root: builds everything from settings and runs it. Alone of this room it imports handlers."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from aiohttp import web

from bot.auditing import LINK_EVERY, Linker, purge_records
from bot.books import Bookshelf
from bot.bringing import Group
from bot.bulk import Bulk
from bot.channels.wechat import WeChat
from bot.clocks import Winder
from bot.desk import Desk
from bot.duty import HandingOut
from bot.exports import Exporter, Exports
from bot.indexer import Indexer
from bot.media import Fetcher
from bot.metrics import Metrics
from bot.opening import bring_up, stock
from bot.organisation import Organisation
from bot.outbox import Outbox
from bot.people import People
from bot.rosters import Rosters
from bot.settings import Settings, SimulatorSettings, keys
from bot.sign_in import Passwords, SignIn
from bot.snapshots import Shelf
from bot.timers import Timers
from bot.trusting import Trusting
from bot.turn import Turns
from bot.world import Clock, Numbers, SystemClock, World
from dialogs import knowledge
from dialogs.emergency import danger
from dialogs.understand import command
from handlers import desk, health, webhook
from storage.engines import Database, Taken, open_database
from storage.hot import Hot, open_hot

log = structlog.get_logger(__name__)

REPLIES_KEPT = timedelta(days=7)
SWEEP_EVERY, HAND_OUT_EVERY, DUTY_EVERY, PURGE_EVERY = 5.0, 5.0, 15.0, 3600.0
ON_DUTY = timedelta(minutes=10)
# How long a connection may be without a whole head of a request. Above the minute after which nginx lets an idle one
# go: who answers must not be the first to hang up, or a push is lost on its way in.
HEAD_TIMEOUT = 75.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a running service is made of."""

    settings: Settings
    database: Database
    hot: Hot
    world: World
    shelf: Shelf
    metrics: Metrics
    channel: WeChat
    duty: Duty
    turns: Turns
    outbox: Outbox
    timers: Timers
    clocks: Winder
    group: Group
    books: Bookshelf
    rosters: Rosters
    handing_out: HandingOut
    media: Fetcher
    indexer: Indexer
    organisation: Organisation
    linker: Linker
    exports: Exports
    exporter: Exporter


class Duty:
    """The units of whose staff somebody is at the desk; looked up now and then, not at every turn."""

    def __init__(self, database: Database, world: World) -> None:
        self._database = database
        self._world = world
        self._units: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Give the units of whose staff somebody was at the desk a moment ago."""
        return self._units

    def put(self, units: frozenset[str]) -> None:
        """Say which they are."""
        self._units = units

    async def look(self) -> None:
        """Look again."""
        self._units = await self._database.staff.on_duty(self._world.now() - ON_DUTY)


@asynccontextmanager
async def open_parts(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Parts]:
    """Open the store, load the material and put everything together; closes it all in the right order."""
    ticking = clock or SystemClock()
    await bring_up(settings.database_url)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            open_database(settings.database_url, keys(settings), media=settings.media_url, clock=ticking.now)
        )
        await database.prove_key(ticking.now())
        hot = open_hot(settings.redis_url)
        stack.push_async_callback(hot.close)
        shelf = await stock(database, settings.services_dir)
        world = World(numbers=Numbers(database.numbers.lease), clock=ticking)
        metrics = Metrics()
        channel = WeChat(settings.wechat.account(), hot, clock=world.now)
        stack.push_async_callback(channel.close)
        duty = Duty(database, world)
        turns = Turns(
            database.turns,
            hot,
            now=world.now,
            numbers=world.numbers,
            snapshots=shelf,
            on_duty=duty,
            limit=channel.limit,
            member_of=database.cases.member_of,
            metrics=metrics,
        )
        stack.push_async_callback(turns.close)
        channels = {(channel.name, channel.account): channel}
        organisation = Organisation(database.units, shelf, hot, now=world.now)
        await organisation.look()
        exports = Exports(database, now=world.now, snapshots=shelf)
        books = Bookshelf(database.books, database.overrides, shelf, hot, now=world.now)
        await books.look()
        rosters = Rosters(database.books, now=world.now, snapshots=shelf)
        yield Parts(
            settings=settings,
            database=database,
            hot=hot,
            world=world,
            shelf=shelf,
            metrics=metrics,
            channel=channel,
            duty=duty,
            turns=turns,
            outbox=Outbox(database, turns, hot, world, metrics, channels=channels, snapshots=shelf),
            timers=Timers(database, turns, hot, world, metrics),
            clocks=Winder(database, turns, hot, world, metrics, snapshots=shelf),
            books=books,
            rosters=rosters,
            handing_out=HandingOut(database, rosters, hot, world, snapshots=shelf),
            group=Group(database, turns, hot, world, metrics),
            media=Fetcher(database, hot, world, metrics, channels=channels),
            indexer=Indexer(database, hot, world, metrics),
            organisation=organisation,
            exports=exports,
            exporter=Exporter(database, exports, hot, world, metrics, snapshots=shelf),
            linker=Linker(database.chain, world, metrics, today=organisation.today),
        )


# -- the web -------------------------------------------------------------------------------
def make_app(parts: Parts) -> web.Application:
    """All doors: the push address, health and metrics, the desk."""
    app = web.Application(client_max_size=webhook.LIMIT)
    webhook.open_door(
        app,
        webhook.Door(
            channels={parts.channel.account: parts.channel},
            turns=parts.turns,
            now=parts.world.now,
            metrics=parts.metrics,
        ),
    )
    app.add_routes(health.routes(parts.metrics, parts.database.ready))
    acts = Desk(
        cases=parts.database.cases,
        calls=parts.database.calls,
        people=parts.database.staff,
        turns=parts.turns,
        told=parts.hot,
        now=parts.world.now,
        snapshots=parts.shelf,
    )
    passwords = Passwords()
    door = desk.DeskDoor(
        database=parts.database,
        acts=acts,
        bulk=Bulk(desk=acts, cases=parts.database.cases, runs=parts.database.bulk_runs, now=parts.world.now),
        sign_in=SignIn(parts.database.staff, passwords, now=parts.world.now),
        hot=parts.hot,
        snapshots=parts.shelf,
        now=parts.world.now,
        organisation=parts.organisation,
        books=parts.books,
        rosters=parts.rosters,
        people=People(
            roster=parts.database.roster,
            staff=parts.database.staff,
            passwords=passwords,
            told=parts.hot,
            now=parts.world.now,
            snapshots=parts.shelf,
        ),
        trusting=Trusting(
            trust=parts.database.trust,
            staff=parts.database.staff,
            now=parts.world.now,
            snapshots=parts.shelf,
        ),
        exports=parts.exports,
        code=parts.channel.code,
    )
    app.add_subapp("/desk", desk.application(door))
    return app


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int, *, shared: bool = False) -> AsyncIterator[int]:
    """Serve an application until the block ends; gives the port."""
    # Not only between two requests: aiohttp also hangs up on whoever has not ended the first head by then.
    runner = web.AppRunner(
        app, access_log=None, handle_signals=False, shutdown_timeout=5.0, keepalive_timeout=HEAD_TIMEOUT
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, reuse_port=shared or None)
        with _taken_told(port):
            await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class PortTaken(OSError):  # noqa: N818  it is told to a person
    """Something else listens on a port that is asked for."""


def look_for_room(host: str, *ports: int) -> None:
    """Raise PortTaken now, before anything is done, for a port that could not be listened on."""
    for port in ports:
        with _taken_told(port):
            socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()


@contextmanager
def _taken_told(port: int) -> Iterator[None]:
    try:
        yield
    except OSError as wrong:
        if wrong.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(f"端口 {port} 已被别的程序占用。\nPort {port} is taken.") from wrong


# -- the background ------------------------------------------------------------------------
@asynccontextmanager
async def background(parts: Parts) -> AsyncIterator[None]:
    """Do the background work until the block ends: send, wake, fetch, index, sweep, purge."""
    loops = [
        asyncio.create_task(parts.outbox.run(), name="outbox"),
        asyncio.create_task(parts.timers.run(), name="timers"),
        asyncio.create_task(parts.media.run(), name="media"),
        asyncio.create_task(parts.indexer.run(), name="indexer"),
        asyncio.create_task(parts.clocks.run(), name="clocks"),
        asyncio.create_task(parts.group.run(), name="bringings"),
        asyncio.create_task(_every(SWEEP_EVERY, parts, "sweep", parts.turns.sweep), name="sweep"),
        asyncio.create_task(parts.exporter.run(), name="exports"),
        asyncio.create_task(_every(HAND_OUT_EVERY, parts, "handing-out", parts.handing_out.once), name="handing-out"),
        asyncio.create_task(_every(LINK_EVERY, parts, "audit", parts.linker.look), name="audit"),
        asyncio.create_task(_every(PURGE_EVERY, parts, "purge", lambda: _purge(parts)), name="purge"),
    ]
    try:
        yield
    finally:
        await _stop(loops)


@asynccontextmanager
async def watching(parts: Parts) -> AsyncIterator[None]:
    """What every web process does beside answering: know who is on duty, and have the answers at hand at once."""
    loops = [
        asyncio.create_task(_every(DUTY_EVERY, parts, "duty", parts.duty.look), name="duty"),
        asyncio.create_task(asyncio.to_thread(_warm, parts), name="warm"),
    ]
    try:
        async with following(parts):
            yield
    finally:
        await _stop(loops)


@asynccontextmanager
async def following(parts: Parts) -> AsyncIterator[None]:
    """Keep the organisation and the dispatch directory at what is made of them, in whichever process."""
    loops = [
        asyncio.create_task(_every(0.0, parts, "units", parts.organisation.follow), name="units"),
        asyncio.create_task(_every(0.0, parts, "books", parts.books.follow), name="books"),
    ]
    try:
        yield
    finally:
        await _stop(loops)


def _warm(parts: Parts) -> None:
    """Load behind the start what the first message would otherwise wait for."""
    parts.channel.warm()
    danger("暖")
    command("暖")
    knowledge.warm(parts.shelf().articles)


async def _stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _every(seconds: float, parts: Parts, name: str, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # the supervisor of a background loop: one bad round is logged, the next one comes
            parts.metrics.crashes.labels(name).inc()
            log.exception("loop_failed", loop=name)
        await asyncio.sleep(seconds)


async def _purge(parts: Parts) -> None:
    await parts.database.partitions.ensure(parts.world.now())
    await parts.database.turns.purge(parts.world.now() - REPLIES_KEPT)
    await purge_records(parts.database, parts.world.now(), parts.shelf().rules.records)
    await parts.database.drafts.purge(parts.world.now() - timedelta(days=parts.shelf().rules.room.drafts))


# -- commands ------------------------------------------------------------------------------
async def serve(settings: Settings, *, web_only: bool = False, processes: int = 1, shared: bool = False) -> int:
    """Serve pushes and the desk, and do the background work, until told to stop. Gives the exit code."""
    if processes > 1:
        return await _several(processes)
    return await _told(_serve(settings, web_only=web_only, shared=shared))


async def _serve(settings: Settings, *, web_only: bool, shared: bool) -> None:
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings))
        if not web_only:
            await stack.enter_async_context(background(parts))
        port = await stack.enter_async_context(listening(make_app(parts), settings.host, settings.port, shared=shared))
        await stack.enter_async_context(watching(parts))
        _settle()
        print(f"鸿雁在 http://{settings.host}:{port} 运行，工作台 http://{settings.host}:{port}/desk/", flush=True)
        await until_stopped()


async def work(settings: Settings) -> int:
    """Do background work only, until told to stop (PostgreSQL)."""
    return await _told(_work(settings))


def _settle() -> None:
    """Take what was loaded at the start out of the collector's rounds: it stays, and it is most of the heap.

    Nearly nothing of it is litter, and a last look through all of it would take a tenth of a second.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 50, 100)


async def _work(settings: Settings) -> None:
    async with open_parts(settings) as parts, background(parts), following(parts):
        print("鸿雁的后台工作在运行。", flush=True)
        await until_stopped()


async def _told(work: Coroutine[object, object, None], *, ports: str = "HONGYAN_PORT") -> int:
    """Run; what stops a start is told in words. `ports` is how another port is chosen."""
    try:
        await work
    except PortTaken as taken:
        print(f"{taken}\n换一个 / choose another: {ports}", file=sys.stderr)
        return 1
    except Taken as taken:
        print(taken, file=sys.stderr)
        return 1
    except (ValueError, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


async def _several(processes: int) -> int:
    """Run several processes on one port; the first also does the background work."""
    plain = [sys.executable, "-m", "bot", "serve", "--shared-port"]
    children = [
        await asyncio.create_subprocess_exec(*plain, *(["--web-only"] if number else [])) for number in range(processes)
    ]
    stopped = asyncio.create_task(until_stopped())
    ended = [asyncio.create_task(child.wait()) for child in children]
    await asyncio.wait([stopped, *ended], return_when=asyncio.FIRST_COMPLETED)
    failed = not stopped.done()
    for child in children:
        with suppress(ProcessLookupError):
            child.terminate()
    await asyncio.gather(*ended)
    stopped.cancel()
    return 1 if failed else 0


async def until_stopped() -> None:
    """Wait for Ctrl+C or a stop from outside."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows has no such handlers; Ctrl+C raises KeyboardInterrupt there
            break
    await stop.wait()


async def push_menu(settings: Settings) -> int:
    """Publish the menu of the packaged data to the official account. Gives the exit code."""
    from bot.channels.wechat.menu import packaged

    hot = open_hot(settings.redis_url)
    channel = WeChat(settings.wechat.account(), hot)
    try:
        done = await channel.publish_menu(packaged())
    finally:
        await channel.close()
        await hot.close()
    print("菜单已发布，手机上约 5 分钟后看到。" if done is None else f"没有发布成：{done}")
    return 0 if done is None else 1


async def demo(
    *, fresh: bool, host: str, port: int, sim_port: int, services_dir: Path | None = None, city: int | None = None
) -> int:
    """Run the service and the simulator together on this machine, with a centre's own services if it has some.

    `city` is the seed of a whole city to show.
    """
    from bot.demo import run

    work = run(fresh=fresh, host=host, port=port, sim_port=sim_port, services_dir=services_dir, city=city)
    return await _told(work, ports='make run ARGS="--port 8090 --sim-port 8091"')


async def simulator(settings: SimulatorSettings) -> int:
    """Run the platform in a box alone."""
    from bot.demo import run_simulator

    return await _told(run_simulator(settings), ports="HONGYAN_SIM_PORT")
