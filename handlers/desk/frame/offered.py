"""What may be done beside answering, each with its form: 「更多」 of a case's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from dialogs.desk.cases import Act, Grade
from dialogs.desk.wishes import TO_UNIT, WITH_WORDS, Actor, Offer, offers
from dialogs.facts import Snapshots
from dialogs.units import Units
from handlers.desk.frame import words
from handlers.desk.frame.shown import Choice, Member, More
from storage.cases import CasePage
from storage.staff import Staff
from storage.timeline import Happened

# Beyond this a list is no help any more; grids are left out then, and found by their names.
_MANY = 400

# Title, button, key, what it goes to, what its words are for, whether the member hears them.
FORMS = {
    Act.TAKE_BACK: More(title="退单成立，改派", button="改派", hint="a", pick="派给", ask="说明，群众看不到"),
    Act.SEND_BACK: More(title="退单不成立", button="仍由原单位办", ask="为什么还是由他们办"),
    Act.DIRECT: More(title="书面答复上报", button="答复经办单位", hint="e", ask="怎么办，经办单位照此办理"),
    Act.GIVE_TIME: More(title="同意延期", button="同意，并告诉群众新日期", hint="e", ask="原因，会发给群众", told=True),
    Act.KEEP_TIME: More(title="不同意延期", button="不延期", ask="为什么不延"),
    Act.DISPATCH: More(title="派单", button="派过去", hint="a", pick="派给", ask="说明，群众看不到"),
    Act.TRANSFER: More(
        title="转办", button="转过去，并告诉群众", hint="t", pick="转给", ask="为什么转，群众只知道转到哪里"
    ),
    Act.HAND_OVER: More(title="交办", button="交给这位同事", hint="a", pick="交给", ask="说明，群众看不到"),
    Act.RETURN: More(title="退单", button="退单", hint="b", ask="为什么不归本单位，依据是什么"),
    Act.RAISE: More(title="上报", button="上报", hint="e", ask="哪里本级办不了，请上级定什么"),
    Act.ASK_TIME: More(title="申请延期", button="申请", hint="e", pick="延长多久", ask="原因，同意后会发给群众"),
    Act.PAUSE: More(title="等群众补充", button="发给群众，时限停走", ask="请群众补充什么，会发给群众", told=True),
    Act.RESUME: More(title="恢复办理", button="时限接着走", ask="说明，群众看不到"),
    Act.REFER: More(
        title="转外部",
        button="发给群众，请对方评价",
        ask="由哪个单位办、怎么找到他们，会发给群众",
        told=True,
    ),
    Act.MERGE: More(title="并单", button="并过去，一起办", pick="并到哪一件", ask="为什么是同一件事，群众看不到"),
    Act.UNMERGE: More(title="从并单里拆出来", button="拆出来，单独办", ask="说明，群众看不到"),
    Act.URGE: More(title="督办", button="督办", ask="督办什么"),
    Act.OPEN_IDENTITY: More(title="同意看身份", button="同意，限时看"),
    Act.KEEP_IDENTITY: More(title="不同意看身份", button="不同意", ask="为什么不同意"),
    Act.ASK_IDENTITY: More(title="申请看身份", button="申请", ask="为什么一定要知道是谁；会记在经过里"),
    Act.REGRADE: More(title="改级", button="改级", pick="改为", ask="说明，群众看不到"),
    Act.TAG: More(title="标签", button="记下", pick="标签，用空格分开"),
    Act.EXCLUDE: More(title="不计入评比", button="不计入", pick="理由", ask="具体情况，会写在报表后面"),
    Act.INCLUDE: More(title="恢复计入评比", button="恢复计入", ask="为什么恢复"),
}


def more(
    case: CasePage,
    actors: Sequence[Actor],
    colleagues: Sequence[Staff],
    now: datetime,
    known: Snapshots,
    *,
    tags: Sequence[str] = (),
) -> tuple[More, ...]:
    """Give the forms of what this person may do now; a key leads to the first that bears it.

    `tags` are those that are in use and may be used again.
    """
    found = []
    taken = set[str]()
    for offer in offers(case.row.standing, actors, now, known):
        tagged = offer.act is Act.TAG
        used = tuple(Choice(value=each, title=each) for each in tags)
        choices = used if tagged else _choices(case, offer, colleagues, known)
        form = _needs(case, known) if offer.act is Act.PAUSE else FORMS[offer.act]
        free = offer.act in {Act.TAG, Act.MERGE}
        if form.pick and not choices and not free:
            continue
        found.append(
            replace(
                form,
                key=offer.act.value,
                hint="" if form.hint in taken else form.hint,
                typed=free or offer.act in TO_UNIT,
                to=case.row.tags.strip() if tagged else "",
                choices=choices,
                needed=offer.act in WITH_WORDS,
                words=_reason(case) if offer.act is Act.GIVE_TIME else "",
            )
        )
        taken.add(form.hint)
    return tuple(found)


def _needs(case: CasePage, known: Snapshots) -> More:
    """Ask for everything at once; and say before a request too many whom it tells."""
    times = case.row.contacts
    asked = words.NEEDED[2 if times >= known.rules.clocks.contacts else min(times, 1)]
    return replace(FORMS[Act.PAUSE], ask=asked.format(times=times))


def _choices(case: CasePage, offer: Offer, colleagues: Sequence[Staff], known: Snapshots) -> tuple[Choice, ...]:
    rules = known.rules
    match offer.act:
        case Act.HAND_OVER:
            return tuple(person_choice(each, known) for each in colleagues)
        case Act.REGRADE:
            return tuple(Choice(value=key, title=rules.grades[Grade(key)].title) for key in offer.choices)
        case Act.EXCLUDE:
            return tuple(Choice(value=key, title=rules.figures.reasons[key]) for key in offer.choices)
        case Act.ASK_TIME:
            said = words.DAYS[rules.limits(case.row.grade, case.row.category).measure]
            return tuple(Choice(value=days, title=said.format(count=days)) for days in offer.choices)
        case _:
            return _units(offer.choices, known.units)


def with_cases(forms: Sequence[More], near: Sequence[Member]) -> tuple[More, ...]:
    """Give the forms, with what a case could be put under to choose from."""
    return tuple(replace(one, choices=_cases(near)) if one.key == Act.MERGE else one for one in forms)


def _cases(near: Sequence[Member]) -> tuple[Choice, ...]:
    return tuple(Choice(value=each.number, title="，".join(filter(None, (each.what, each.said)))) for each in near)


def person_choice(staff: Staff, known: Snapshots) -> Choice:
    """Offer a colleague by their name, with unit and post."""
    return Choice(value=staff.name, title=_person(staff, known))


def _person(staff: Staff, known: Snapshots) -> str:
    unit = known.units.get(staff.unit)
    return f"{staff.name}（{unit.name if unit else staff.unit}{known.rules.post(staff.post)}）"


def _units(ids: Sequence[str], units: Units) -> tuple[Choice, ...]:
    found = [unit for each in ids if (unit := units.get(each))]
    if len(found) > _MANY:
        found = [unit for unit in found if unit.level != "grid"]
    return tuple(Choice(value=unit.full_name, title=unit.name) for unit in found)


def _reason(case: CasePage) -> str:
    """Why more time was asked: whoever gives it sends this, or their own words."""
    asked = [item for item in case.items if isinstance(item, Happened) and item.act == Act.ASK_TIME]
    return asked[-1].words if asked else ""


def unit_meant(words: str, units: Units) -> str:
    """Give the id of the unit that a person picked or wrote; '' where it is none, or not clear which."""
    standing = [unit for unit in units if not unit.closed]
    for name in map(attrgetter, ("id", "full_name", "name")):
        found = [unit.id for unit in standing if name(unit) == words]
        if len(found) == 1:
            return found[0]
    return ""
