"""Plays a transcript through the pure core alone: no storage, no clock, no network."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

from bot.snapshots import packaged
from dialogs.conversation import Conversation
from dialogs.desk.cases import OPEN, Act, Refused, Status, after
from dialogs.desk.wishes import Actor, Standing, Wish, decide
from dialogs.effects import ActOnCase, Effect, KeepConsent, KeepProfile, Moves, OpenCase, Remind, RideAlong, Say
from dialogs.events import (
    DeliverySettled,
    Event,
    Followed,
    Left,
    MemberSaid,
    MemberSent,
    MemberTapped,
    Scanned,
    Sent,
    StaffActed,
    StaffAnswered,
    TimerFired,
)
from dialogs.facts import Facts, KnownCase, Profile, Snapshots, Waiting
from dialogs.numbers import case_number
from dialogs.step import step, wants
from dialogs.text import clean, fold
from dialogs.units import Unit
from tests.transcript import STIMULI, ZONE, Move, Transcript, matches, passing


@cache
def snapshots() -> Snapshots:
    return packaged()


@dataclass(slots=True)
class Player:
    """One member and everything that the world would remember about them."""

    now: datetime
    serial: int = 1
    conversation: Conversation = field(default_factory=Conversation)
    profile: Profile = field(default_factory=Profile)
    cases: dict[str, KnownCase] = field(default_factory=dict)
    others: list[KnownCase] = field(default_factory=list)
    waiting: tuple[Waiting, ...] = ()
    reminders: dict[str, Remind] = field(default_factory=dict)
    on_duty: bool = True
    effects: deque[Effect] = field(default_factory=deque)
    snapshots: Snapshots = field(default_factory=snapshots)

    def take(self, event: Event) -> str:
        wanted = wants(self.conversation, event, self.snapshots)
        nearby = tuple(
            case for case in self.others if wanted and case.category == wanted.category and case.unit == wanted.unit
        )
        facts = Facts(
            now=self.now.astimezone(UTC),
            number=case_number(self.now.astimezone(ZONE).date(), self.serial),
            snapshots=self.snapshots,
            profile=self.profile,
            cases=tuple(reversed(self.cases.values())),
            nearby=nearby,
            waiting=self.waiting,
            on_duty=frozenset({self.snapshots.units.root.id} if self.on_duty else ()),
        )
        turn = step(self.conversation, event, facts)
        self.conversation = turn.conversation
        self.effects = deque(turn.effects)
        for effect in turn.effects:
            self._apply(effect)
        return "\n".join(effect.text for effect in turn.effects if isinstance(effect, Say))

    def say(self, text: str) -> str:
        return self.take(MemberSaid(text=clean(text), folded=fold(text)))

    def _apply(self, effect: Effect) -> None:
        match effect:
            case OpenCase():
                self.serial += 1
                self.cases[effect.number] = known(effect, self.now)
            case ActOnCase():
                self._act(effect)
            case KeepProfile():
                kept = {key: getattr(effect, key) for key in ("name", "phone", "unit", "follows")}
                self.profile = replace(self.profile, **{k: v for k, v in kept.items() if v is not None})
            case KeepConsent(name=name, version=version, given=True):
                self.profile = replace(self.profile, consents=self.profile.consents | {(name, version)})
            case RideAlong():
                self.waiting = ()
            case Remind():
                self.reminders[effect.key] = effect
            case _:
                pass

    def _act(self, act: ActOnCase) -> None:
        case = self.cases[act.number]
        status = after(case.status, act.act)
        assert not isinstance(status, Refused), f"{act.act} from {case.status}"
        moves = act.moves or Moves()
        self.cases[act.number] = replace(
            case,
            status=status,
            version=case.version + 1,
            unit=moves.unit or case.unit,
            sign_by=moves.sign_by or case.sign_by,
            answer_by=moves.answer_by or case.answer_by,
            solved=act.solved or case.solved,
            satisfied=act.satisfied or case.satisfied,
        )


def known(opened: OpenCase, now: datetime) -> KnownCase:
    return KnownCase(
        number=opened.number,
        service=opened.service,
        title=opened.title,
        status=Status.ACCEPTED,
        grade=opened.grade,
        category=opened.category,
        unit=opened.unit,
        post=opened.post,
        opened=now.astimezone(UTC),
        sign_by=opened.sign_by,
        answer_by=opened.answer_by,
        version=1,
        place=opened.place,
        talk=opened.talk,
        same_as=opened.same_as,
    )


# -- transcripts ---------------------------------------------------------------------------
def play(transcript: Transcript) -> None:
    """Play every move; a difference is an AssertionError that names file and line."""
    player = Player(now=transcript.start, serial=int(transcript.settings.get("serial", "1")))
    settings = transcript.settings
    player.on_duty = settings.get("duty", "on") == "on"
    if "phone" in settings or "name" in settings:
        player.profile = Profile(phone=settings.get("phone", ""), name=settings.get("name", ""))
    if "neighbours" in settings:
        player.others.append(_neighbour(player, *settings["neighbours"].split()))
    said: str | None = None
    for move in transcript.moves:
        where = f"{transcript.name}.txt:{move.line}"
        match move.mark:
            case "<":
                assert said is not None, f"{where}: nothing was said"
                assert matches(move.words, said), f"{where}: wanted\n{move.words}\nbut it said\n{said}"
                said = None
            case "+":
                player.now += passing(move.words)
            case "*" if not move.words.startswith(STIMULI):
                seen = [words for e in player.effects if (words := described(e, player))]
                found = any(matches(move.words, words) for words in seen)
                assert found, f"{where}: wanted the effect {move.words!r}, saw {seen}"
            case _:
                assert not said, f"{where}: nobody expected it to say\n{said}"
                said = _stimulus(player, move)
    assert not said, f"{transcript.name}: it also said\n{said}"


def _stimulus(player: Player, move: Move) -> str:
    if move.mark == ">":
        return player.take(member_event(move.words))
    if move.mark == "@":
        return _staff(player, move.words)
    kind, _, about = move.words.partition("：")
    if kind == "到点":
        reminder = next(r for r in player.reminders.values() if r.kind == about)
        del player.reminders[reminder.key]
        said = player.take(TimerFired(kind=reminder.kind, number=reminder.number, data=reminder.data))
        return _arrived(player, said)
    return player.take(stimulus(kind, about))


def stimulus(kind: str, about: str) -> Event:
    match kind:
        case "扫码":
            return Scanned(scene=station(about).scenes[0])
        case "关注":
            return Followed(scene=station(about).scenes[0] if about else "")
        case "取关":
            return Left()
        case "点菜单":
            return MemberTapped(key=about)
        case _:
            raise ValueError(kind)


def station(name: str) -> Unit:
    return next(unit for unit in snapshots().units if name in {unit.full_name, unit.name} and unit.scenes)


def member_event(words: str) -> Event:
    """`> [照片]`, `> [位置 31.38,120.98 新城花园]`, `> [语音]`, `> [语音 认出的话]`, or plain words."""
    if not (words.startswith("[") and words.endswith("]")):
        return MemberSaid(text=clean(words), folded=fold(words))
    kind, _, about = words[1:-1].partition(" ")
    if kind == "照片":
        return MemberSent(what="photo", media="media-1")
    if kind == "位置":
        spot, _, label = about.partition(" ")
        latitude, longitude = map(float, spot.split(","))
        return MemberSent(what="place", latitude=latitude, longitude=longitude, text=label)
    if kind == "语音" and about:
        return MemberSaid(text=about, folded=fold(about), voice=True, media="media-2")
    return MemberSent(what=SENT[kind], media="media-3")


SENT: dict[str, Sent] = {"语音": "voice", "文件": "file", "链接": "link"}


def _staff(player: Player, words: str) -> str:
    kind, _, text = words.partition(" ")
    case = next(case for case in reversed(player.cases.values()) if case.status in OPEN)
    if case.status is Status.ACCEPTED:
        _claim(player, case)
        case = player.cases[case.number]
    if kind in MOVES:
        return _arrived(player, player.take(_acted(player, case, MOVES[kind], text)))
    event = StaffAnswered(
        number=case.number, text=text, by="li", post="对接协调员", final=kind == "答复", version=case.version
    )
    return _arrived(player, player.take(event))


def wished(act: Act, text: str) -> tuple[str, str]:
    """Give what an act goes to, and its words."""
    if act not in {Act.TRANSFER, Act.GIVE_TIME}:
        return "", text
    to, _, words = text.partition(" ")
    return (snapshots().units.by_name(to)[0].id if act is Act.TRANSFER else to), words


def _acted(player: Player, case: KnownCase, act: Act, text: str) -> StaffActed:
    """An act that was decided as the desk does; `@ 转办 北门社区 …` names the unit first, `@ 延期 3 …` the days."""
    to, words = wished(act, text)
    known, now = player.snapshots, player.now.astimezone(UTC)
    given = {name: getattr(case, name) for name in Standing.__slots__ if hasattr(case, name)}
    asked = int(to) if act is Act.GIVE_TIME else 0
    standing = Standing(**given, owner="li", due=case.answer_by, asked=asked)
    wish = Wish(act=act, version=case.version, words=words, to=to)
    done = decide(wish, standing, Actor(name="li", post="head", unit="kunshan"), now, known)
    assert isinstance(done, ActOnCase), done
    return StaffActed(
        number=case.number, act=act, text=words, by="li", post="head", version=case.version, to=to, moves=done.moves
    )


MOVES = {"转办": Act.TRANSFER, "延期": Act.GIVE_TIME, "挂起": Act.PAUSE, "转外部": Act.REFER}


def _claim(player: Player, case: KnownCase) -> None:
    player._act(ActOnCase(number=case.number, act=Act.CLAIM, by="li"))


def _arrived(player: Player, said: str) -> str:
    """The words arrive on the phone: what they ask is now the question."""
    says = [effect for effect in player.effects if isinstance(effect, Say)]
    effects = player.effects
    for say in says:
        if say.asks:
            player.take(DeliverySettled(delivery=1, fate="sent", asks=say.asks, number=say.number))
    player.effects = effects
    return said


def described(effect: Effect, player: Player) -> str:
    """An effect in the words of a transcript, or "" where transcripts do not speak of it."""
    match effect:
        case OpenCase(service=service, unit=unit, grade=grade):
            rules = player.snapshots.rules
            joined = " 并入" if effect.same_as else ""
            return (
                f"开件 {service} {player.snapshots.units.path(unit)[-1].full_name} {rules.grades[grade].colour}{joined}"
            )
        case ActOnCase(act=act):
            return _ACTS.get(act, "")
        case KeepConsent(given=given):
            return "同意" if given else "不再同意"
        case RideAlong():
            return "捎带"
        case Remind(kind=kind):
            return f"提醒 {kind}"
        case _:
            return ""


_ACTS = {"add": "补充", "rate": "评价", "reopen": "重办", "withdraw": "撤回", "answer": "答复", "write": "回复"} | {
    act.value: words for words, act in MOVES.items()
}


def _neighbour(player: Player, title: str, place: str, count: str) -> KnownCase:
    categories = player.snapshots.rules.categories
    found = next(sub for top in categories.tops for sub in top.subs if title in sub.title)
    unit = player.snapshots.units.by_name(place)[0]
    now = player.now.astimezone(UTC)
    return KnownCase(
        number="HY-261120-0007-6",
        service="help",
        title=found.title,
        status=Status.ACCEPTED,
        grade=found.grade,
        category=found.key,
        unit=unit.id,
        post=found.post,
        opened=now,
        sign_by=now,
        answer_by=now,
        version=1,
        place=place,
        neighbours=int(count) - 1,
    )
