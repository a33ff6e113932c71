"""The audit log at work: what is recorded is linked into its chain within seconds, and its end is printed daily.

Several processes may run this: the store lets one of them link at a time, and any may die at any moment.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

import structlog

from bot.metrics import Metrics
from bot.settings import StoreSettings, keys
from bot.world import World
from dialogs.facts import Snapshots
from dialogs.rules import Records
from storage.audit import Actor, Record
from storage.audit_chain import Anchor, Chain, EndBroken
from storage.engines import Database, Taken, open_database
from storage.staff import Staff

log = structlog.get_logger(__name__)

LINK_EVERY: Final = 2.0  # s
# Whoever dies is followed this soon; two who link at once would only wait for each other.
_LEASE: Final = timedelta(seconds=5)
_AT_ONCE: Final = 500  # records a transaction: a turn waits some milliseconds behind it on SQLite
_SAID_EVERY: Final = timedelta(minutes=10)  # a chain that is broken stays so: the log is told now and then


def at_terminal() -> Actor:
    """Say who works at the command line: the system's own name for them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have none
        name = "?"
    return Actor(name=name, source="terminal")


async def leave(settings: StoreSettings, record: Record) -> None:
    """Record what a command gave out; not while SQLite is being served, when only the service writes."""
    with suppress(Taken):
        async with open_database(settings.database_url, keys(settings)) as database:
            await database.audit.append(record, now=datetime.now(UTC))


def units_audited(staff: Staff, known: Snapshots) -> frozenset[str] | None:
    """Say whose records a person may read, by the units of whoever did it: None is everybody's, also at the machine."""
    posts = known.rules.posts
    kept = [held.unit for held in staff.posts if (post := posts.get(held.post)) and post.keeps == "audit"]
    if known.units.root.id in kept:
        return None
    return frozenset[str]().union(*(known.units.subtree(unit) for unit in kept if known.units.get(unit)))


async def purge_records(database: Database, now: datetime, kept: Records) -> None:
    """Take away what was kept long enough: records of the audit log (their links stay), files of exports."""
    while await database.exports.purge(now):
        pass
    try:
        count = await database.chain.purge(now - kept.audit_kept)
    except EndBroken:  # said by whoever links
        return
    if count:
        done = Record(actor=Actor(name="鸿雁"), act="audit.purge", kind="audit", note=str(count))
        await database.audit.append(done, now=now)


class Linker:
    """Links what was recorded, as one of perhaps several processes."""

    def __init__(self, chain: Chain, world: World, metrics: Metrics, *, today: Callable[[], date]) -> None:
        self._chain, self._world, self._metrics, self._today = chain, world, metrics, today
        self._worker = world.token(6)
        self._told: datetime | None = None
        self._printed = ""

    async def look(self) -> int:
        """Link everything that waits, and give how much that was; 0 while another process links."""
        await self._print_last()
        day, count = self._today().isoformat(), 0
        if not await self._chain.idle(day):
            try:
                count = await self._link(day)
            except EndBroken as broken:
                self._broken(str(broken))
        await self._measure()
        return count

    async def _link(self, day: str) -> int:
        count = 0
        while True:
            done = await self._chain.link(self._worker, self._world.now(), day, lease=_LEASE, limit=_AT_ONCE)
            if done is None:
                return count
            count += done.count
            self._metrics.audit_linked.inc(done.count)
            if done.anchor is not None:
                self._print(done.anchor)
            if done.count < _AT_ONCE:
                return count

    async def _print_last(self) -> None:
        """Print the last anchor at a start: who died between the commit and the log owes it still."""
        if not self._printed and (anchor := await self._chain.last_anchor()) is not None:
            self._print(anchor)

    def _print(self, anchor: Anchor) -> None:
        self._printed = anchor.day
        log.info("audit.anchor", day=anchor.day, anchor=anchor.said)

    def _broken(self, words: str) -> None:
        now = self._world.now()
        self._metrics.audit_broken.set(1)
        if self._told is None or now - self._told >= _SAID_EVERY:
            self._told = now
            log.error("audit.broken", why=words)

    async def _measure(self) -> None:
        standing = await self._chain.standing()
        self._metrics.audit_waiting.set(standing.waiting)
        age = self._world.now() - standing.oldest if standing.oldest else timedelta(0)
        self._metrics.audit_lag.set(max(0.0, age.total_seconds()))
        if standing.broken:
            self._metrics.audit_broken.set(1)
