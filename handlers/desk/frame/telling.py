"""A case's time-line in words: the member's left, ours right, notes on yellow paper, moves as thin lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.desk.cases import BY_CLOCK, Act, Grade
from dialogs.desk.deadlines import say_day_of
from dialogs.facts import Snapshots
from handlers.desk.frame import words
from handlers.desk.frame.shown import Item
from storage.cases import CasePage
from storage.moments import from_ms, to_ms
from storage.timeline import Happened, Spoken

# Said already by the words themselves, which stand beside them in the time-line.
_SPOKEN = frozenset({Act.WRITE.value, Act.ANSWER.value, Act.ADD.value})
# Of which the member was told beside; their own words, if any, stand there.
_HEARD = frozenset({Act.TRANSFER.value, Act.GIVE_TIME.value, Act.PAUSE.value, Act.REFER.value, Act.RESUME.value})
_FINAL = frozenset({Act.ANSWER.value, Act.REFER.value})
# Why it was done stands with it.
_WHY = frozenset(
    {
        Act.DISPATCH.value, Act.RETURN.value, Act.TAKE_BACK.value, Act.SEND_BACK.value, Act.HAND_OVER.value,
        Act.TRANSFER.value, Act.RAISE.value, Act.DIRECT.value, Act.ASK_TIME.value, Act.KEEP_TIME.value, Act.URGE.value,
        Act.REGRADE.value, Act.RESUME.value, Act.CALL.value, Act.EXCLUDE.value, Act.INCLUDE.value, Act.MERGE.value,
        Act.PROPOSE.value, Act.ASSIGN.value,
        Act.UNMERGE.value, Act.ASK_IDENTITY.value, Act.KEEP_IDENTITY.value,
    }
)  # fmt: skip
_PRESENCE = {
    "tapped": "{who}点了菜单",
    "followed": "{who}关注了公众号",
    "scanned": "{who}扫了站点码",
    "left": "{who}取消了关注",
}
_SENT = {
    "photo": "［照片还在取］",
    "voice": "［语音，没有识别出文字］",
    "video": "［视频］",
    "file": "［文件］",
    "link": "［链接］",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What the words need to know. `photos` are the ids whose bytes are kept."""

    case: CasePage
    member: str
    unit: str
    photos: AbstractSet[int]
    snapshots: Snapshots
    now: datetime
    zone: ZoneInfo
    veiled: Callable[[str], str] = str

    def tell(self) -> tuple[Item, ...]:
        """Tell the whole time-line, oldest first, with a divider where a day begins."""
        return tuple(self._with_days(self._items()))

    def _items(self) -> Iterator[Item]:
        happened = [item for item in self.case.items if isinstance(item, Happened)]
        writers = {item.at: item for item in happened if item.act in _SPOKEN | _HEARD}
        for item in self.case.items:
            if isinstance(item, Spoken):
                yield self._spoken(item, writers.get(item.at))
            elif item.act == Act.NOTE:
                yield self._note(item)
            elif item.act not in _SPOKEN:
                yield self._move(item)

    def _with_days(self, items: Iterable[Item]) -> Iterator[Item]:
        today, before = self.now.astimezone(self.zone).date(), None
        for item in items:
            day = datetime.fromtimestamp(item.stamp / 1000, self.zone).date()
            yield item if day == before else replace(item, day=words.day(day, today))
            before = day

    def _spoken(self, item: Spoken, act: Happened | None) -> Item:
        if item.kind in _PRESENCE:
            return self._line(f"w{item.id}", item.at, _PRESENCE[item.kind].format(who=self.member))
        sent, tone = words.sent(item.carried) if item.carried else ("", "")
        shown = item.photo is not None and item.photo in self.photos
        said = item.text or ("" if shown else _SENT.get(item.kind, "［发来了内容］"))
        return Item(
            id=f"w{item.id}",
            kind={"member": "theirs", "bot": "bot"}.get(item.who, "ours"),  # type: ignore[arg-type]
            at=self._clock(item.at),
            stamp=to_ms(item.at),
            by=self._speaker(item, act),
            words=self.veiled(said),
            photos=(f"/desk/case/{self.case.row.number}/photo/{item.photo}",) if shown else (),
            sent=sent,
            sent_tone=tone,
            final=item.who == "staff" and act is not None and act.act in _FINAL,
        )

    def _speaker(self, item: Spoken, act: Happened | None) -> str:
        if item.who == "member" and item.kind in words.CAME:
            return f"{self.member}（{words.CAME[item.kind]}，工作人员记）"
        if item.who == "member":
            return f"{self.member}（语音转文字）" if item.kind == "voice" and item.text else self.member
        if item.who == "bot":
            return "鸿雁"
        by = _doer(act) if act else "工作人员"
        return f"{by} · 答复" if act and act.act == Act.ANSWER else by

    def _note(self, item: Happened) -> Item:
        return Item(
            id=f"e{item.id}",
            kind="note",
            at=self._clock(item.at),
            stamp=to_ms(item.at),
            by=_doer(item),
            words=item.words,
        )

    def _move(self, item: Happened) -> Item:
        who = self.member if item.by == "member" else _doer(item)
        template = words.MOVES.get(item.act, "{who}" + item.act)
        to, post = self._told(item) if item.act in BY_CLOCK else (self._target(item), "")
        said = template.format(who=who, unit=self.unit, to=to, post=post)
        why = f"：{self.veiled(item.words)}" if item.words and item.act in _WHY else ""
        return self._line(f"e{item.id}", item.at, said + why)

    def _told(self, item: Happened) -> tuple[str, str]:
        """Say whom the clock told: a person or a unit, and the post there."""
        whom, _, post = item.target.rpartition("/")
        unit = self.snapshots.units.get(whom)
        return unit.name if unit else whom, self.snapshots.rules.post(post) if post else ""

    def _target(self, item: Happened) -> str:
        """Say where it went, to whom, which grade, how many days, until when."""
        unit, rules = self.snapshots.units.get(item.target), self.snapshots.rules
        match item.act:
            case Act.REGRADE:
                return rules.grades[Grade(item.target)].title
            case Act.TAG:
                return tagged(item.target)
            case Act.EXCLUDE:
                return rules.figures.reasons.get(item.target, item.target)
            case Act.ASK_TIME:
                measure = rules.limits(self.case.row.grade, self.case.row.category).measure
                return words.DAYS[measure].format(count=item.target)
            case Act.GIVE_TIME | Act.PAUSE:
                return say_day_of(from_ms(int(item.target)), item.at, rules.calendar)
            case _:
                return unit.name if unit else item.target

    def _line(self, key: str, at: datetime, said: str) -> Item:
        return Item(id=key, kind="move", at=self._clock(at), stamp=to_ms(at), words=said)

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M}"


def tagged(changes: str) -> str:
    """Say what became of the tags: 「加标签 路灯、夜间，去掉 旧」."""
    more = "、".join(each[1:] for each in changes.split() if each[0] == "+")
    fewer = "、".join(each[1:] for each in changes.split() if each[0] == "-")
    return "，".join(filter(None, [more and f"加标签 {more}", fewer and f"去掉标签 {fewer}"]))


def _doer(act: Happened) -> str:
    """Who did it, and for whom where they stood in."""
    return f"{act.by}（代 {act.stood_for}）" if act.stood_for else act.by


def seen(items: Sequence[Item]) -> str:
    """Mark how far a time-line was seen: `12.5`, the last words and the last act by their ids."""
    return ".".join(str(max((int(item.id[1:]) for item in items if item.id[0] == kind), default=0)) for kind in "we")


def since(items: Sequence[Item], mark: str) -> list[Item]:
    """Give what came after a mark of `seen`, in order. Raises ValueError for what is no mark."""
    said, did = (int(part) for part in mark.split("."))
    return [item for item in items if int(item.id[1:]) > (said if item.id[0] == "w" else did)]
