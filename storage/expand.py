"""One turn to rows: what `TurnWrite` says becomes lines for the statements of statements.py.

Runs on the event loop while the batch before is being written; what needs the database (the acts on
cases) is left for the writer, who holds the rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, assert_never

from dialogs.conversation import Conversation
from dialogs.desk.cases import BROUGHT, Refused
from dialogs.effects import (
    ActOnCase,
    CancelReminders,
    KeepConsent,
    KeepMedia,
    KeepProfile,
    LedTo,
    OpenCase,
    Remind,
    RideAlong,
    Say,
)
from dialogs.events import (
    Event,
    Followed,
    Left,
    MemberSaid,
    MemberSent,
    MemberTapped,
    Scanned,
    StaffActed,
    StaffAnswered,
    StaffTook,
    TimerFired,
)
from dialogs.masking import mask_text
from storage.acts import Applied, CaseState, Stale, apply_act, event_row, group_rows, joined_row, state_row, target
from storage.audit import Actor, Record, known_source, line
from storage.codec import encode_conversation, encode_event, encode_filled
from storage.crypto import Keys
from storage.moments import to_ms
from storage.statements import STATEMENTS, Row
from storage.turns import Conflict, NotAllowed, TurnWrite

# Words that belong to no form count as a case's own when they came at most this long before it.
_BEFORE = 30 * 60 * 1000
# The order in which the outbox takes what is due: danger, what the member waits for, what nobody asked for.
_URGENT, _ASKED_FOR, _OF_OUR_OWN = 0, 3, 5


# Words from before that are about no case are nobody's: not even of the case that is opened next.
_NO_CASE = "-"
# The channel of those who never wrote to the account: staff took down what they said.
DESK = "desk"
# How the keys of turns begin by which something is brought to a group.
BRINGING = "bring/"
# The statements by which a group follows its main case.
GROUP = frozenset({"follow", "orphans", "inherit", "heir"})


class _Words(NamedTuple):
    """Words that were said: the case that they name, the key of the delivery that carries them, whether they rode."""

    words: str
    number: str = ""
    delivery: str = ""
    rode: bool = False


@dataclass(slots=True)
class Entry:
    """A turn as lines (statement, row), and the acts that still need the cases as they stand.

    `moves_others`: once settled, whether cases of other members changed with it.
    """

    write: TurnWrite
    member: str
    at: int
    words: str = ""
    lines: list[tuple[str, Row]] = field(default_factory=list)
    acts: list[ActOnCase] = field(default_factory=list)
    opened: list[CaseState] = field(default_factory=list)
    moves_others: bool = False

    @property
    def turns(self) -> bool:
        """Tell whether it changes the conversation, so that of two read at one version only one can be written."""
        return self.write.answered


def expand(write: TurnWrite, keys: Keys) -> Entry:
    """Turn a TurnWrite into lines."""
    entry = Entry(write, write.member.id, to_ms(write.at))
    if write.answered:
        entry.words = mask_text(_words(write.event))
    entry.lines.append(_member(entry, keys))
    entry.lines.append(_inbound(entry, keys))
    if write.answered:
        for effect in write.effects:
            _effect(effect, entry, keys)
        _transcript(entry, keys)
    return entry


def _member(entry: Entry, keys: Keys) -> tuple[str, Row]:
    write, at = entry.write, entry.at
    who = write.member
    said = tapped = followed = scanned = 0
    match write.event:
        case MemberSaid() | MemberSent():
            said = at
        case MemberTapped():
            tapped = at
        case Followed():
            followed = at
        case Scanned():
            scanned = at
        case _:
            pass
    if write.answered:
        assert write.conversation is not None, "a turn leaves a conversation behind"
        state = keys.seal_bytes("members.state", encode_conversation(write.conversation))
        name, version = "turned", write.version + 1
    else:
        state, name, version = None, "touched", 0
    row = (entry.member, who.channel, who.account, who.user, state, version, at, said, tapped, followed, scanned)
    return name, row


def _inbound(entry: Entry, keys: Keys) -> tuple[str, Row]:
    write = entry.write
    if not write.answered:
        # Until it is turned, an event must be whole: the form may be asking for just that number.
        event = keys.seal_bytes("inbound.event", encode_event(write.event))
        return "inbound", (entry.member, write.key, "received", event, None, entry.at)
    # Once it is turned, the transcript has its words, and nobody asks for the event any more.
    reply = None if write.reply is None else keys.seal_bytes("inbound.reply", write.reply)
    return "inbound", (entry.member, write.key, "answered", None, reply, entry.at)


def _effect(effect: object, entry: Entry, keys: Keys) -> None:
    match effect:
        case Say() | LedTo():
            pass  # the transcript takes them together
        case OpenCase():
            _open(effect, entry, keys)
        case ActOnCase():
            entry.acts.append(effect)
        case KeepProfile():
            entry.lines.append(("profile", _profile(effect, entry.member, keys)))
        case KeepConsent():
            entry.lines.append(("consent", (entry.member, effect.name, effect.version, effect.given, entry.at)))
        case Remind():
            key = f"{entry.member}/{effect.key}"
            timer = (key, entry.member, effect.kind, to_ms(effect.at), effect.number, effect.data, "set")
            entry.lines.append(("timer", timer))
        case CancelReminders():
            entry.lines.append(("cancel", (entry.at, entry.member, effect.number)))
        case KeepMedia():
            photo = (entry.member, effect.media, effect.what, effect.number, "wanted", entry.at, entry.at)
            entry.lines.append(("media", photo))
        case RideAlong():
            entry.lines.extend(("ride", (entry.at, each, entry.member)) for each in effect.deliveries)
        case _:
            raise TypeError(f"no effect: {type(effect).__name__}")


def _profile(effect: KeepProfile, member: str, keys: Keys) -> Row:
    name, phone = effect.name, effect.phone
    return (
        None if name is None else keys.seal("members.name", name) if name else b"",
        None if phone is None else keys.seal("members.phone", phone) if phone else b"",
        None if name is None else keys.index("members.name", name),
        None if phone is None else keys.index("members.phone", phone),
        None if phone is None else keys.index("members.tail", phone[-4:]),
        effect.unit, effect.plain, effect.traditional, effect.follows, member,
    )  # fmt: skip


def _open(effect: OpenCase, entry: Entry, keys: Keys) -> None:
    at, number = entry.at, effect.number
    sign_by, answer_by = to_ms(effect.sign_by), to_ms(effect.answer_by)
    event = entry.write.event
    # What staff took down has words of its own, and none of what its member said elsewhere.
    run = f"took/{at}" if isinstance(event, StaffTook) else _run(entry.write.conversation)
    row = (
        number, entry.member, effect.service, effect.title, "accepted", effect.grade.value, effect.category,
        effect.unit, effect.post, at, sign_by, answer_by, sign_by, None, None, None, "", "", effect.unit,
        "", "", 0, 0, False, None, 1,
        keys.seal("cases.place", effect.place) if effect.place else None,
        keys.seal("cases.matter", effect.matter) if effect.matter else None,
        keys.seal_bytes("cases.filled", encode_filled(effect.filled)) if effect.filled else None,
        effect.reach, effect.anonymous, effect.talk, effect.confidential, effect.same_as, "", 0, "member", at,
        run, at - _BEFORE, effect.spot, effect.why, effect.book, spaced(effect.helpers),
        to_ms(effect.contact_by or effect.answer_by), None, "", at, at, at, "", "", 0, False, None, effect.came,
    )  # fmt: skip
    entry.lines.append(("case", row))
    if not run:
        entry.lines.append(("run", (entry.member, entry.member, number)))
    opened = (number, at, "open", "member", "", "accepted", None)
    opening = (*opened, effect.category, effect.unit, answer_by, "", None, "", "")
    entry.lines.append(("case_event", opening))
    if isinstance(event, StaffTook):
        actor = Actor(name=event.by, post=event.post, unit=event.staff_unit, source=known_source(event.source))
        took = Record(actor=actor, act="case.took", kind="case", subject=number, note=event.came)
        entry.lines.append(("audit", line(keys, at, took)))
    if effect.same_as:
        entry.lines.append(("joined", (1, effect.same_as)))
    entry.opened.append(
        CaseState(
            number=number, status="accepted", grade=effect.grade.value, unit=effect.unit, version=1,
            sign_by=sign_by, answer_by=answer_by, due=sign_by, signed=None, answered=None, closed=None,
            owner="", first_owner="", sent_by="", above="", returns=0, asked=0, extended=False, paused=None,
            solved="", satisfied=0, last_who="member", last_at=at, same_as=effect.same_as,
            contacted=None, excluded="", began=at, fires=at, fired=at,
            stage="", climbed="", contacts=0, alarmed=False, urged=None, tags="", main="", proposed="",
        )
    )  # fmt: skip


def spaced(units: Sequence[str]) -> str:
    """Write ids so that each stands between spaces."""
    return f" {' '.join(units)} " if units else ""


def _run(conversation: Conversation | None) -> str:
    form = conversation.form if conversation else None
    return f"{form.service}/{to_ms(form.began)}" if form else ""


def _transcript(entry: Entry, keys: Keys) -> None:
    write, at, member = entry.write, entry.at, entry.member
    turn, run = write.version + 1, _run(write.conversation)
    number, led = _about(write)
    kind, media = _heard(write.event)
    heard = keys.seal("transcript.heard", entry.words) if entry.words else None
    says = _said(entry, keys)
    own = [(words, about or number, run, led, key) for words, about, key, rode in says if not rode]
    rode = [(words, about or _NO_CASE, "", "", key) for words, about, key, rode in says if rode]
    for part, (words, about, ran, what, key) in enumerate([*(own or [("", number, run, led, "")]), *rode]):
        said = keys.seal("transcript.said", mask_text(words)) if words else None
        who = "" if said is None else "staff" if isinstance(write.event, (StaffAnswered, StaffActed)) else "bot"
        if kind or who:
            row = (member, turn, part, at, kind, heard, media, who, said, about, ran, what, key)
            entry.lines.append(("transcript", row))
        kind, heard, media = "", None, ""


def _said(entry: Entry, keys: Keys) -> list[_Words]:
    """Give what was said, each case's words by themselves."""
    write = entry.write
    says = [each for each in write.effects if isinstance(each, Say)]
    if write.reply is not None:
        if not any(say.rode for say in says):
            words = write.text or "\n".join(say.text for say in says)
            return [_Words(words)] if words else []
        return [_Words(say.text, say.number, "", say.rode) for say in says]
    carried = [(say, f"{entry.member}/{write.key}/{ordinal}") for ordinal, say in enumerate(says)]
    entry.lines.extend(("delivery", _delivery(say, key, entry, keys)) for say, key in carried)
    return [_Words(say.text, say.number, key, say.rode) for say, key in carried]


def _delivery(say: Say, key: str, entry: Entry, keys: Keys) -> Row:
    sealed, at = keys.seal("deliveries.text", say.text), entry.at
    priority = _URGENT if say.urgent else _OF_OUR_OWN if isinstance(entry.write.event, TimerFired) else _ASKED_FOR
    # Whom the desk alone knows no channel reaches: somebody rings them up, or writes.
    status = "hand" if entry.write.member.channel == DESK else "ready"
    return (key, entry.member, say.number, at, at, priority, sealed, say.asks, status)


def _about(write: TurnWrite) -> tuple[str, str]:
    """Which case these words are about, and what they led to."""
    number, led = getattr(write.event, "number", ""), []
    for effect in write.effects:
        if isinstance(effect, LedTo):
            led.append(effect.what)
            number = number or effect.number
        elif isinstance(effect, (OpenCase, ActOnCase)):
            number = number or effect.number
    return number, " ".join(led)


def _heard(event: Event) -> tuple[str, str]:
    """Give kind and the platform's media id of what a member did; '' for what is not theirs."""
    match event:
        case MemberSaid():
            return ("voice" if event.voice else "said"), event.media
        case MemberSent():
            return event.what, event.media
        case MemberTapped():
            return "tapped", ""
        case Followed():
            return "followed", ""
        case Scanned():
            return "scanned", ""
        case Left():
            return "left", ""
        case StaffTook():
            return event.came, event.key
        case _:
            return "", ""


def _words(event: Event) -> str:
    """Give the words of what a member did: a menu's key and a station's scene are words too."""
    match event:
        case MemberSaid() | StaffTook():
            return event.text
        case MemberSent():
            spot = "" if event.latitude is None else f"\n{event.latitude}, {event.longitude}"
            return f"{event.text}{spot}".strip()
        case MemberTapped():
            return event.key
        case Followed() | Scanned():
            return event.scene
        case _:
            return ""


def grouped(entries: Sequence[Entry], cases: dict[str, CaseState], keys: Keys) -> dict[str, list[Row]]:
    """Gather the lines of turns that are written together: by statement, in the order of the statements.

    Raises as settle_acts does, where an act of theirs cannot be done.
    """
    lines: defaultdict[str, list[Row]] = defaultdict(list)
    for entry in entries:
        for name, row in entry.lines:
            lines[name].append(row)
        if entry.acts:
            for name, row in settle_acts(entry, cases, keys):
                lines[name].append(row)
    if "joined" in lines:
        lines["joined"] = _summed(lines["joined"])
    return {name: lines[name] for name in STATEMENTS if lines.get(name)}


def _summed(joined: Sequence[Row]) -> list[Row]:
    """Count all who joined one case in one step, the cases in order, so that batches do not wait for each other."""
    more: Counter[str] = Counter()
    for count, number in joined:
        more[number] += count
    return [(count, number) for number, count in sorted(more.items()) if count]


def settle_acts(entry: Entry, cases: dict[str, CaseState], keys: Keys) -> list[tuple[str, Row]]:
    """Apply a turn's acts to the cases as they stand (changed in place), and give their lines.

    Raises Conflict where the case moved on, NotAllowed where its state forbids the act.
    """
    for state in entry.opened:
        cases.setdefault(state.number, state)
    lines: list[tuple[str, Row]] = []
    for act in entry.acts:
        made = act_lines(_applied(act, cases, entry.at), act, entry.at, keys, _actor(act, entry.write.event))
        # What was brought to one who stands for the group by now has its own row for each of the others.
        lines += [line for line in made if line[0] != "bring" or not entry.write.key.startswith(BRINGING)]
    entry.moves_others = any(name in GROUP for name, _ in lines)
    return lines


def _applied(act: ActOnCase, cases: dict[str, CaseState], at: int) -> Applied:
    state = cases.get(act.number)
    if state is None:
        raise NotAllowed(f"{act.act} on {act.number}, which is no case")
    result = apply_act(state, act, at)
    match result:
        case Applied():
            cases[act.number] = result.state
            return result
        case Stale():
            raise Conflict(f"case {act.number} is at version {result.version}")
        case Refused():
            raise NotAllowed(f"case {act.number}: {result.reason}")
        case _:
            assert_never(result)


def _actor(act: ActOnCase, event: Event) -> Actor | None:
    """Say who of the staff acts; None where it is the member, or the service by itself."""
    if not isinstance(event, (StaffAnswered, StaffActed)) or act.by != event.by:
        return None
    return Actor(name=event.by, post=event.post, unit=event.unit, source=known_source(event.source))


def _recorded(applied: Applied, act: ActOnCase, actor: Actor) -> Record:
    """Give the record: done by the post that allows it; the note says where to, and for whom somebody stands in."""
    stood = f"for={act.stands_for}" if act.stands_for else ""
    return Record(
        actor=replace(actor, post=act.post or actor.post),
        act=f"case.{act.act.value}",
        kind="case",
        subject=applied.state.number,
        note=f"{target(applied.state, act)} {stood}".strip(),
    )


def act_lines(applied: Applied, act: ActOnCase, at: int, keys: Keys, actor: Actor | None) -> list[tuple[str, Row]]:
    """Give the lines of one applied act: the case as it is now, its event; and for staff the audit log's record."""
    words = mask_text(act.words)
    sealed = keys.seal("case_events.words", words) if words else None
    lines = [("act", state_row(applied)), ("case_event", event_row(applied, act, at, sealed))]
    lines += [("mention", (name, applied.state.number, act.by, at)) for name in act.mentions]
    if actor is not None:
        lines.append(("audit", line(keys, at, _recorded(applied, act, actor))))
    joined = joined_row(applied)
    if joined is not None:
        lines.append(("joined", joined))
    # Who is brought these words hears them as they were written, as the main case's member does.
    whole = keys.seal("bringings.words", act.words) if act.words and act.act in BROUGHT else None
    return [*lines, *group_rows(applied, act, at, whole)]
