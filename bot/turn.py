"""One turn: lock, gather, decide, commit, answer. The only writer of conversations.

A push is answered inside five seconds or its event is stored and turned a moment later; nothing
leaves before commit, a repeat changes nothing, and one member's events are taken in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from time import perf_counter

import structlog

from bot.channels import Channel, Push
from bot.desk import TOPIC, Done, Outcome
from bot.metrics import Metrics
from bot.queues import Patience, Queues, wake
from bot.world import Numbers
from dialogs.conversation import Conversation, Turn
from dialogs.desk.cases import BROUGHT, Act, Grade, Refused, Status, after
from dialogs.effects import ActOnCase, Effect, KeepMedia, OpenCase, Remind, Say
from dialogs.events import (
    DeliverySettled,
    Event,
    MemberEvent,
    MemberSaid,
    MemberSent,
    StaffActed,
    StaffAnswered,
    StaffHeard,
    StaffTook,
    TimerFired,
)
from dialogs.facts import Facts, KnownCase, Snapshots
from dialogs.masking import mask_identity
from dialogs.step import sorry, step, wants
from storage.acts import Stale
from storage.hot import Hot
from storage.turns import Conflict, Gather, Gathered, MemberKey, NotAllowed, Received, TurnStore, TurnWrite

log = structlog.get_logger(__name__)

HAND_OVER_AFTER = 4.0  # seconds; then the event alone is stored and `success` goes out
REFUSE_AFTER = 4.5  # seconds; then 503, and the platform pushes again (it cuts at 5)
REPEATED_WITHIN = 6.0  # seconds; the platform tries three times, 5 apart: a reply unfetched by then never will be
ATTEMPTS = 5  # other writers of one conversation are rare; more conflicts than this are a bug


class TooLate(Exception):  # noqa: N818  the door's name for it
    """Nothing could be stored in time: answer 503 and the platform pushes again."""


@dataclass(slots=True)
class _Work:
    """One push in work. `decided` is set in the same breath as the commit is handed in, never after.

    The task is the work's own; who waits has a future in `waiting`, so that giving up leaves the work
    alone. (`wait_for` and `shield` do the same for three times the price.) An answer of None at its
    end: nobody knows what was stored.
    """

    task: asyncio.Task[None] | None = None
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    ended: bool = False
    answer: bytes | None = None
    late: bool = False
    decided: bool = False
    replied: TurnWrite | None = None  # committed, with words that are to travel in the answer
    taken: bool = False  # the words of `replied`, an earlier try's, were fetched from the store for this answer

    async def wait(self, patience: Patience) -> bool:
        """Wait for the end, and no longer than that; give whether it came."""
        if not self.ended:
            mine = patience.future()
            self.waiting.append(mine)
            await mine
        return self.ended

    def result(self) -> bytes:
        """Give the answer, or raise TooLate."""
        if self.answer is None:
            raise TooLate
        return self.answer


@dataclass(frozen=True, slots=True)
class _Item:
    """One event to be turned: the push it came with (None for our own), and whether words may travel back."""

    key: str
    event: Event
    at: datetime
    reply: Callable[[str, datetime], bytes] | None
    failed: bool = False


class Turns:
    """Takes every event of every conversation through the same lock and the same step."""

    def __init__(
        self,
        store: TurnStore,
        hot: Hot,
        *,
        now: Callable[[], datetime],
        numbers: Numbers,
        snapshots: Callable[[], Snapshots],
        on_duty: Callable[[], frozenset[str]],
        member_of: Callable[[str], Awaitable[MemberKey | None]],
        metrics: Metrics,
        limit: int = 2047,
        hand_over_after: float = HAND_OVER_AFTER,
        refuse_after: float = REFUSE_AFTER,
        repeated_within: float = REPEATED_WITHIN,
    ) -> None:
        self._store = store
        self._hot = hot
        self._now = now
        self._numbers = numbers
        self._snapshots = snapshots
        self._on_duty = on_duty
        self._member_of = member_of
        self._limit = limit
        self._metrics = metrics
        # Looked up once: every turn counts, and finding a child by its label costs more than counting.
        self._committed = {way: metrics.turns.labels(way) for way in ("outbox", "passive", "silent")}
        self._soon, self._at_last = Patience(hand_over_after), Patience(refuse_after - hand_over_after)
        self._repeated_within = repeated_within
        # Replies whose waiters were all refused, and when they go out.
        self._unfetched: dict[tuple[str, str], tuple[asyncio.TimerHandle, _Work]] = {}
        self._redirecting: set[asyncio.Task[None]] = set()
        self._queues = Queues()
        self._works: dict[tuple[str, str], _Work] = {}  # by member and key, as the store has them
        self._unswept: dict[str, None] = {}  # members whom the last sweeps failed, who failed last at the end

    # -- the door -------------------------------------------------------------------------
    async def answer(self, push: Push, channel: Channel) -> bytes:
        """Give the stored reply to a push (b"" is silence), or raise TooLate.

        A repeat of a push in work awaits the same result.
        """
        unfetched = self._unfetched.pop((push.member.id, push.key), None)
        work = self._works.get((push.member.id, push.key)) or self._begin(push, channel)
        if unfetched is not None:  # where nobody hears this answer either, it goes out all the same
            timer, before = unfetched
            timer.cancel()
            work.replied, work.taken = before.replied, before.taken
        began = perf_counter()
        try:
            if await work.wait(self._soon):
                return work.result()
            return await self._hand_over(push, work)
        finally:
            self._metrics.turn_seconds.observe(perf_counter() - began)

    def _begin(self, push: Push, channel: Channel) -> _Work:
        work = self._works[push.member.id, push.key] = _Work()
        work.task = asyncio.get_running_loop().create_task(self._work(push, channel, work))
        return work

    async def _hand_over(self, push: Push, work: _Work) -> bytes:
        """Four seconds are over: store the event alone, unless its turn is already on its way to disk."""
        if work.decided:
            await work.wait(self._at_last)
            return work.result()
        work.late = True
        write = TurnWrite(member=push.member, key=push.key, event=_masked(push.event), at=push.at, answered=False)
        try:
            await asyncio.wait_for(self._store.commit(write), self._at_last.seconds)
        except Conflict:
            return b""
        except TimeoutError:
            raise TooLate from None
        return b""

    async def _work(self, push: Push, channel: Channel, work: _Work) -> None:
        item = _Item(push.key, push.event, push.at, partial(channel.render, push))
        try:
            work.answer = await self._take(push.member, item, work)
        except Exception:  # the supervisor of one turn: whoever waits must hear of it, and so must the log
            log.exception("turn.failed", key=push.key)
        finally:
            work.ended = True
            del self._works[push.member.id, push.key]
            waited = [wake(each) for each in work.waiting]
            if work.replied is not None and not any(waited):
                self._unheard(work, work.replied)

    def _unheard(self, work: _Work, write: TurnWrite) -> None:
        """Everybody who waited for this reply was refused. Where no repeat fetches it, it goes out by itself."""
        key, loop = (write.member.id, write.key), asyncio.get_running_loop()

        def give_up() -> None:
            del self._unfetched[key]
            task = loop.create_task(self._redirect(write, taken=work.taken))
            self._redirecting.add(task)
            task.add_done_callback(self._redirecting.discard)

        self._unfetched[key] = loop.call_later(self._repeated_within, give_up), work

    async def _redirect(self, write: TurnWrite, *, taken: bool) -> None:
        try:
            async with self._queues.held(write.member.id):  # a repeat hears either the reply or silence
                if await self._store.redirect(write, taken=taken):
                    await self._hot.wake("outbox")
        except Exception:  # the supervisor of one reply: the log must hear of it
            log.exception("reply.not_redirected", key=write.key)

    # -- our own events -------------------------------------------------------------------
    async def staff_answered(self, event: StaffAnswered) -> Outcome:
        """Take a person's words through the member's conversation and commit them with the case.

        The same words on the same version are one answer: a form sent twice finds its own. Words
        written on a version that has moved on come back as Stale, so that the person keeps them.
        """
        act = Act.ANSWER if event.final else Act.WRITE
        return await self._staff(event, act, f"{event.by}\0{event.final}\0{event.text}", decided=True)

    async def staff_acted(self, event: StaffActed) -> Outcome:
        """Take an act of which the member hears through their conversation, as words of staff.

        Without `moves` it only finds itself, where it was done already; else it comes back as Stale.
        """
        once = f"{event.by}\0{event.act}\0{event.to}\0{event.text}"
        return await self._staff(event, event.act, once, decided=event.moves is not None)

    async def staff_took(self, member: MemberKey, event: StaffTook, *, read_out: bool) -> None:
        """Take down what somebody told a person at the desk, once for each key of a form.

        `read_out`: the receipt is read to them there and then; else it goes the way of all words to the member.
        """

        def spoken(text: str, now: datetime) -> bytes:
            del now
            return text.encode()

        item = _Item(f"took/{event.key}", event, self._now(), spoken if read_out else None)
        async with self._queues.held(member.id):
            for left in reversed(range(ATTEMPTS)):
                await self._caught_up(member, item.key)
                found = await self._gather(member, item)
                if found.already is not None:
                    return
                try:
                    await self._turn(member, item, found, None)
                except Conflict:
                    if not left:
                        raise
                else:
                    return

    async def staff_heard(self, event: StaffHeard, key: str) -> None:
        """Take what a member said of an answer on the telephone, once for each key."""
        member = await self._member_of(event.number)
        if member is not None:
            await self._take(member, _Item(f"heard/{key}", event, self._now(), lambda text, _: text.encode()), None)

    async def _staff(self, event: StaffAnswered | StaffActed, act: Act, once: str, *, decided: bool) -> Outcome:
        member = await self._member_of(event.number)
        if member is None:
            return Refused("no such case")
        digest = sha256(once.encode()).hexdigest()[:16]
        item = _Item(f"staff/{event.number}/{event.version}/{digest}", event, self._now(), None)
        async with self._queues.held(member.id):
            found = await self._caught_up(member, item.key)
            case = next((case for case in found.cases if case.number == event.number), None)
            if case is None:
                return Refused("no such case")
            if found.already is None:
                if case.version != event.version or not decided:
                    return Stale(version=case.version)
                refused = after(case.status, act)
                if isinstance(refused, Refused):
                    return refused
                try:
                    await self._turn(member, item, found, None)
                except Conflict:
                    return Stale(version=case.version + 1)
        return Done(version=event.version + 1)

    async def brought(self, event: StaffAnswered | StaffActed, key: str) -> None:
        """Take what was done to the main case of a group through a member's conversation, once for each key.

        Where their case has left the group meanwhile it is not answered with it (see `_hears`). Raises Conflict where
        others keep changing it.
        """
        member = await self._member_of(event.number)
        if member is None:
            return
        for left in reversed(range(ATTEMPTS)):
            async with self._queues.held(member.id):
                found = await self._caught_up(member, key)
                case = next((case for case in found.cases if case.number == event.number), None)
                if found.already is not None or case is None or not _hears(case, event):
                    return
                item = _Item(key, replace(event, version=case.version), self._now(), None)
                try:
                    await self._turn(member, item, found, None)
                except Conflict:
                    if not left:
                        raise
                else:
                    return

    async def _caught_up(self, member: MemberKey, key: str) -> Gathered:
        """Gather, once the member's words that were stored before have been turned: nothing overtakes them."""
        for _ in range(ATTEMPTS):
            found = await self._store.gather(Gather(member=member.id, key=key))
            if not found.backlog:
                return found
            with suppress(Conflict):  # somebody else turned them: look again
                await self._backlog(member, found)
        raise Conflict

    async def timer_fired(self, member: MemberKey, event: TimerFired, key: str) -> None:
        """Wake a conversation at a moment that it asked for."""
        await self._own(member, event, f"timer/{key}")

    async def settled(self, member: MemberKey, event: DeliverySettled) -> None:
        """Tell a conversation what became of its words."""
        await self._own(member, event, f"delivery/{event.delivery}/{event.fate}")

    async def _own(self, member: MemberKey, event: Event, key: str, *, attempts: int = ATTEMPTS) -> None:
        await self._take(member, _Item(key, event, self._now(), None), None, attempts=attempts)

    async def sweep(self, limit: int = 100) -> int:
        """Turn stored events that nobody turned: after a crash, or a hand-over whose process died.

        Whom it failed before comes after the others, so that they starve nobody. Gives how many it tried.
        """
        found = await self._store.unturned(limit + len(self._unswept))
        turn_of = {member: turn for turn, member in enumerate(self._unswept)}
        tried = sorted((member for member, _ in found), key=lambda member: turn_of.get(member.id, -1))[:limit]
        for member in tried:
            self._unswept.pop(member.id, None)
            try:
                async with self._queues.held(member.id):
                    await self._backlog(member, await self._store.gather(Gather(member=member.id, key="")))
            except Exception:  # one member's trouble must not keep the others waiting
                self._unswept[member.id] = None
                self._metrics.crashes.labels("sweep").inc()
                log.exception("not swept", member=member.id)
        return len(tried)

    async def close(self) -> None:
        """Wait for the turns in work."""
        while tasks := [work.task for work in self._works.values() if work.task and not work.task.done()]:
            await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*self._redirecting)

    # -- one turn -------------------------------------------------------------------------
    async def _take(self, member: MemberKey, item: _Item, work: _Work | None, *, attempts: int = ATTEMPTS) -> bytes:
        async with self._queues.held(member.id):
            for left in reversed(range(attempts)):
                found = await self._gather(member, item)
                if found.already is not None and found.already.status == "answered":
                    return await self._again(member, item, found.already, work)
                try:
                    if found.backlog and found.backlog[0].key != item.key:  # something was stored before this
                        await self._backlog(member, found, until=item.key)
                        continue
                    return await self._turn(member, item, found, work)
                except Conflict as conflict:
                    if not left:
                        raise
                    if left == 1 and isinstance(conflict, NotAllowed):
                        item = replace(item, failed=True)
            raise Conflict

    async def _again(self, member: MemberKey, item: _Item, already: Received, work: _Work | None) -> bytes:
        """A repeat gets the stored reply, unless the process that could not hand it over has sent it meanwhile."""
        if not already.reply:
            return b""
        if await self._store.fetch(member.id, item.key, item.at):
            if work is not None:
                work.taken = True
            return already.reply
        now = (await self._store.gather(Gather(member=member.id, key=item.key))).already
        return (now and now.reply) or b""

    async def _gather(self, member: MemberKey, item: _Item) -> Gathered:
        found = await self._store.gather(Gather(member=member.id, key=item.key))
        more = wants(found.conversation, item.event, self._snapshots())
        if more is None:
            return found
        return await self._store.gather(Gather(member=member.id, key=item.key, wants=more))

    async def _backlog(self, member: MemberKey, found: Gathered, until: str = "") -> None:
        """Turn this member's stored events, oldest first; what they say goes to the outbox."""
        for received in found.backlog:
            if received.key == until:
                break
            try:
                await self._turn_stored(member, _stored(received))
            except NotAllowed:
                await self._turn_stored(member, replace(_stored(received), failed=True))

    async def _turn_stored(self, member: MemberKey, item: _Item) -> None:
        found = await self._gather(member, item)
        if found.already is not None and found.already.status != "answered":
            await self._turn(member, item, found, None)

    async def _turn(self, member: MemberKey, item: _Item, found: Gathered, work: _Work | None) -> bytes:
        now = self._now()
        number = await self._numbers.take(now)
        turn = self._decide(item, found.conversation, self._facts(found, now, number))
        text = "\n".join([effect.text for effect in turn.effects if isinstance(effect, Say)])
        passive = item.reply is not None and not (work is not None and work.late)
        reply = (item.reply(text, now) if text else b"") if passive and item.reply is not None else None
        if work is not None and passive:
            work.decided = True
        write = TurnWrite(
            member=member,
            key=item.key,
            event=_masked(item.event),
            at=item.at,
            conversation=turn.conversation,
            version=found.version,
            effects=turn.effects,
            reply=reply,
            text=text,
        )
        await self._store.commit(write)
        if work is not None and reply:
            work.replied = write
        # After an exception it does not come back: whether a broken commit was stored, nobody knows.
        if not any(isinstance(effect, OpenCase) for effect in turn.effects):
            self._numbers.give_back(number, now)
        self._committed["outbox" if reply is None else "passive" if reply else "silent"].inc()
        await self._announce(turn.effects, outbox=reply is None and bool(text))
        return reply or b""

    def _decide(self, item: _Item, conversation: Conversation, facts: Facts) -> Turn:
        """Decide. A slip of ours must not stop a member: they hear what can be done, and the log why."""
        theirs = isinstance(item.event, MemberEvent)
        if item.failed and theirs:
            log.error("turn not allowed", number=facts.number)
            return sorry(conversation, facts)
        try:
            return step(conversation, item.event, facts)
        except Exception:
            if not theirs:  # staff keep their words, and a timer comes again
                raise
            self._metrics.crashes.labels("step").inc()
            log.exception("step failed")
            return sorry(conversation, facts)

    def _facts(self, found: Gathered, now: datetime, number: str) -> Facts:
        return Facts(
            now=now,
            number=number,
            snapshots=self._snapshots(),
            limit=self._limit,
            profile=found.profile,
            cases=found.cases,
            nearby=found.nearby,
            waiting=found.waiting,
            on_duty=self._on_duty(),
        )

    async def _announce(self, effects: tuple[Effect, ...], *, outbox: bool) -> None:
        """After commit: wake whoever has work now, and tell the desk which cases changed (ids only)."""
        touched, woken = set(), {"outbox"} if outbox else set()
        for effect in effects:
            match effect:
                case OpenCase() | ActOnCase():
                    touched.add(effect.number)
                    if isinstance(effect, OpenCase):
                        self._opened(effect)
                    elif effect.act in BROUGHT:
                        woken.add("bringings")
                case Remind():
                    woken.add("timers")
                case KeepMedia():
                    woken.add("media")
                case _:
                    pass
        for number in sorted(touched):
            await self._hot.publish(TOPIC, number)
        for topic in sorted(woken):
            await self._hot.wake(topic)

    def _opened(self, case: OpenCase) -> None:
        """Count a new case; one of the reddest grade also stands in the log, where a night watch can see it."""
        self._metrics.cases.labels(case.grade.value).inc()
        if case.grade is Grade.RED:
            log.warning("red case opened", number=case.number, service=case.service, unit=case.unit)


def _hears(case: KnownCase, event: StaffAnswered | StaffActed) -> bool:
    """Tell whether a member hears of what was done to the main case of their group.

    Who stands for the group by now, as its main case was withdrawn, had these words written to them as well.
    """
    wrote = isinstance(event, StaffAnswered) and not event.final
    return case.status is Status.MERGED or (wrote and case.status is Status.WORKING)


def _stored(received: Received) -> _Item:
    return _Item(received.key, received.event, received.at, None)


def _masked(event: Event) -> Event:
    """Identity numbers are masked before anything is stored."""
    if isinstance(event, StaffTook):
        return replace(event, text=mask_identity(event.text))
    if not isinstance(event, MemberSaid | MemberSent):
        return event
    masked = mask_identity(event.text)
    if masked == event.text:
        return event
    if isinstance(event, MemberSent):
        return replace(event, text=masked)
    return replace(event, text=masked, folded=mask_identity(event.folded))
