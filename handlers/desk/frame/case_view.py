"""One case in words for its page: head, member, form, time-line, what may be done, and which way words will go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.rights import actors_of
from dialogs.delivery import WindowFacts, choose, compose
from dialogs.desk.cases import OPEN, Act, Status
from dialogs.desk.deadlines import guessed, say_moment
from dialogs.desk.identity import Identity, alias, identity, veil
from dialogs.desk.tags import split
from dialogs.desk.wishes import Actor, may
from dialogs.effects import Filled
from dialogs.facts import Snapshots
from dialogs.masking import mask_phone, mask_text
from dialogs.rules import Rules
from handlers.desk.frame import words
from handlers.desk.frame.grouped import group, may_take, near
from handlers.desk.frame.listing import left, waits, watched
from handlers.desk.frame.offered import more, with_cases
from handlers.desk.frame.shown import Button, CaseView, Earlier, Errand, Item, Line, Member, Mode, More, Person
from handlers.desk.frame.telling import Teller, seen
from storage.calls import Task
from storage.cases import CasePage, CaseRow
from storage.expand import DESK
from storage.persons import OtherCase
from storage.staff import Staff
from storage.timeline import Happened

# How long a number that somebody looked at stays open for them; then it is masked again.
_OPEN_FOR = timedelta(minutes=10)
_SOLVED = {"yes": "已解决", "no": "没解决", "partly": "部分解决"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks at a case, when, and what else the page needs to know."""

    staff: Staff
    snapshots: Snapshots
    windows: WindowFacts
    photos: AbstractSet[int]
    colleagues: Sequence[Staff]
    others: Sequence[OtherCase]
    tasks: Sequence[Task]
    now: datetime
    zone: ZoneInfo
    tags: Sequence[str] = ()
    group: Sequence[CaseRow] = ()
    near: Sequence[CaseRow] = ()

    def actors(self, case: CasePage) -> tuple[Actor, ...]:
        """Who looks, as somebody who may act on this case: once for each post that sees it."""
        return actors_of(self.staff, case.row, self.snapshots)


def view(case: CasePage, look: Look) -> CaseView:
    """Put a case into words."""
    row, rules = case.row, look.snapshots.rules
    tone, said, mark = left(row, look.now)
    member = _member(case, look)
    path = [unit.name for unit in look.snapshots.units.path(row.unit)] or [row.unit]
    first = look.snapshots.units.get(row.first_unit)
    # A number may stand in any answer: whoever has looked sees them all, nobody else sees one.
    shown = str if _looked(case, look) else mask_text
    veiled = _veil(case, look)
    teller = Teller(
        case=case,
        member=member.name,
        unit=first.name if first else row.first_unit,
        photos=look.photos,
        snapshots=look.snapshots,
        now=look.now,
        zone=look.zone,
        veiled=veiled,
    )
    items = teller.tell()
    service = look.snapshots.services.current.get(row.service)
    quotas = rules.quotas
    modes = _modes(case, look)
    actors = look.actors(case)
    unwritten = may(Act.WRITE, row.standing, actors, look.now, look.snapshots)
    close = _near(case, look)
    return CaseView(
        number=row.number,
        title=row.title,
        service=service.title if service else "表单",
        status=words.STATUSES[row.status],
        grade=row.grade.value,
        grade_word=rules.grades[row.grade].title,
        tone=tone,
        left=said,
        left_mark=mark,
        owner=_held(row),
        unit=" › ".join(path[-2:]),
        opened=f"{words.moment(row.opened, look.now, look.zone)} 受理",
        waits=_waits(case, look),
        due=_due(case, look),
        watched=watched(row, look.snapshots.units),
        same=_same(case),
        tags=split(case.row.tags),
        why=_why(case, items),
        main=row.main,
        group=group(look.group, look.now),
        merged=_merged(look),
        near=close,
        helpers="、".join(unit.name for each in row.helpers if (unit := look.snapshots.units.get(each))),
        version=row.version,
        seen=seen(items),
        member=member,
        filled=_filled(case, veiled, shown, look.snapshots.rules),
        photos=tuple(photo for item in items for photo in item.photos),
        items=items,
        buttons=_buttons(case, look),
        modes=modes,
        more=with_cases(_offered(case, look), close),
        may_write=unwritten is None,
        why_not=words.refused(unwritten.reason) if unwritten else "",
        # The sentence ends with the bytes, which the page counts itself while one writes.
        way=_to_all(look)
        + (
            _by_hand(case)
            or compose(choose(look.windows, look.now, quotas), look.now, 0, quotas).rpartition("·")[0].strip()
        ),
        limit=quotas.bytes,
        came=words.CAMES.get(row.came, ""),
        tasks=tuple(map(_errand, look.tasks)),
    )


def _held(row: CaseRow) -> str:
    if row.owner:
        return f"经办 {row.owner}"
    proposed = row.proposed and row.status is Status.ACCEPTED
    return words.PROPOSED.format(name=row.proposed) if proposed else "还没有人签收"


def _errand(task: Task) -> Errand:
    letter, asks = task.way == "letter", task.asks == "solved"
    return Errand(id=task.id, tries=task.tries, letter=letter, words=task.words, asks=asks)


def _by_hand(case: CasePage) -> str:
    """Say how words reach somebody who never wrote to the account; '' for everybody else."""
    return words.BY_HAND.get(case.row.reach, words.BY_HAND["none"]) if case.member.channel == DESK else ""


def _waits(case: CasePage, look: Look) -> str:
    if case.row.asked and case.row.status is Status.WORKING:
        measure = look.snapshots.rules.limits(case.row.grade, case.row.category).measure
        return f"申请延期 {words.DAYS[measure].format(count=case.row.asked)}，等裁定"
    return waits(case.row, look.snapshots.units)


def _due(case: CasePage, look: Look) -> str:
    if case.row.status not in OPEN:
        rated = [_SOLVED.get(case.row.solved, ""), f"满意度 {case.row.satisfied} 分" if case.row.satisfied else ""]
        return "，".join(filter(None, rated)) and f"评价：{'，'.join(filter(None, rated))}"
    moment = say_moment(case.row.answer_by, look.now, look.snapshots.rules.calendar)
    # A figure stands off from the character before it; 今天 and 明天 do not.
    moment = f" {moment}" if moment[0].isdigit() else moment
    if case.row.answer_by <= look.now:
        return f"原定{moment}答复"
    calendar = look.snapshots.rules.calendar
    year = calendar.local(case.row.answer_by).year
    unknown = words.GUESSED.format(year=year) if guessed(case.row.answer_by, calendar) else ""
    return f"应在{moment}答复{unknown}"


def _merged(look: Look) -> int:
    return sum(row.status is Status.MERGED for row in look.group)


def _to_all(look: Look) -> str:
    count = _merged(look)
    return f"也会发给并在一起的 {count} 位群众，别写谁的姓名、电话 · " if count else ""


def _near(case: CasePage, look: Look) -> tuple[Member, ...]:
    known = look.snapshots
    able = [row for row in look.near if may_take(row, actors_of(look.staff, row, known), look.now, known)]
    return near(case.row, able, look.now, known)


# By which a case comes to where it is; the last of them says why.
_SENT_HERE = frozenset({Act.DISPATCH.value, Act.TRANSFER.value, Act.TAKE_BACK.value})


def _why(case: CasePage, items: Sequence[Item]) -> str:
    """Say in a line why the case is here: what sent it last, else what the directory said of it."""
    sent = {f"e{each.id}" for each in case.items if isinstance(each, Happened) and each.act in _SENT_HERE}
    moves = [item for item in items if item.id in sent]
    return moves[-1].words if moves else case.row.why


def _same(case: CasePage) -> str:
    if case.row.same_as:
        return f"与 {case.row.same_as} 是同一件事"
    return f"同一件事还有 {case.row.neighbours} 人反映" if case.row.neighbours else ""


def _member(case: CasePage, look: Look) -> Person:
    row = case.row
    reach = words.REACHES.get(row.reach, "")
    if row.confidential:
        return _sealed(case, look)
    if row.anonymous:
        return Person(name="匿名群众", kind="身份不公开", hidden=False, reach=reach)
    phone = case.phone or next((each.value for each in case.filled if each.key == "phone"), "")
    shown = _looked(case, look)
    return Person(
        name=case.name or "没有留姓名",
        kind="群众",
        phone=(phone if shown else mask_phone(phone)) if phone else "",
        hidden=not shown and bool(phone or any(mask_text(each.shown) != each.shown for each in case.filled)),
        reach=reach,
        earlier=tuple(_earlier(each, look) for each in look.others),
    )


def _sealed(case: CasePage, look: Look) -> Person:
    """The card of somebody who must not be known: what they are called, or for a while who they are."""
    known, name = _identity(case, look), look.staff.name
    reach = words.REACHES.get(case.row.reach, "")
    if known.looks(name, look.now):
        phone = case.phone or next((each.value for each in case.filled if each.key == "phone"), "")
        told = case.name or next((each.value for each in case.filled if each.key == "name"), "没有留姓名")
        return Person(name=told, kind="保密，限时看", phone=phone, hidden=False, reach=reach)
    called = alias(case.row.number, look.snapshots.rules.secrecy.alias)
    may_look = known.may_look(name, look.now) and _can(Act.SEE_IDENTITY, case, look)
    return Person(name=called, kind="保密，只有代称", hidden=False, reach=reach, sealed=True, look=may_look)


def _identity(case: CasePage, look: Look) -> Identity:
    return identity((each for each in case.items if isinstance(each, Happened)), look.snapshots.rules.secrecy)


def _veil(case: CasePage, look: Look) -> Callable[[str], str]:
    """What of a confidential case's words is shown: nothing by which its member could be known."""
    if not case.row.confidential or _identity(case, look).looks(look.staff.name, look.now):
        return str
    known = [case.name, case.phone, *(each.value for each in case.filled if each.private)]
    called = alias(case.row.number, look.snapshots.rules.secrecy.alias)
    return lambda said: veil(said, known, called)


def _filled(
    case: CasePage, veiled: Callable[[str], str], shown: Callable[[str], str], rules: Rules
) -> tuple[Line, ...]:
    sealed = case.row.confidential and veiled is not str
    return tuple(
        Line(label=each.label, shown="已隐去" if sealed and each.private else veiled(shown(_called(each, rules))))
        for each in case.filled
    )


def _called(filled: Filled, rules: Rules) -> str:
    """Give what a member filled in; a category by the name that it has now."""
    found = rules.categories.get(filled.value) if filled.key == "category" else None
    return found.shown if found else filled.shown


def _offered(case: CasePage, look: Look) -> tuple[More, ...]:
    """What may be done beside answering; of a confidential case only what its acts so far allow."""
    found = more(case, look.actors(case), look.colleagues, look.now, look.snapshots, tags=look.tags)
    if not case.row.confidential:
        return found
    known = _identity(case, look)
    return tuple(one for one in found if not known.against(Act(one.key), look.staff.name, look.now))


def _earlier(case: OtherCase, look: Look) -> Earlier:
    day = words.day(case.opened.astimezone(look.zone).date(), look.now.astimezone(look.zone).date()).partition(" 星期")[
        0
    ]
    return Earlier(number=case.number, title=case.title, stands=f"{day} · {words.STATUSES[case.status]}")


def _looked(case: CasePage, look: Look) -> bool:
    return any(
        isinstance(item, Happened)
        and item.act == Act.REVEAL
        and item.by == look.staff.name
        and look.now - item.at < _OPEN_FOR
        for item in case.items
    )


def _buttons(case: CasePage, look: Look) -> tuple[Button, ...]:
    wanted = (
        (Act.CLAIM, Button(key="claim", title="签收", hint="c", main=True)),
        (Act.CLOSE, Button(key="close", title="办结归档", hint="Shift c", main=True)),
    )
    return tuple(button for act, button in wanted if _can(act, case, look))


def _modes(case: CasePage, look: Look) -> tuple[Mode, ...]:
    note = Mode(key="note", title="备注", hint="n")
    if not _can(Act.WRITE, case, look):
        return (Mode(key="write", title="给群众", hint="r"), note)
    answer = (Mode(key="answer", title="答复", hint="d"),) if _can(Act.ANSWER, case, look) else ()
    return (Mode(key="write", title="回复", hint="r"), *answer, note)


def _can(act: Act, case: CasePage, look: Look) -> bool:
    return may(act, case.row.standing, look.actors(case), look.now, look.snapshots) is None
