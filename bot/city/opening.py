"""How each matter is opened: which service, which limits, what the form held."""

from __future__ import annotations

from random import Random

from bot.city.matter import Matter
from bot.city.script import script
from bot.city.telling import Telling
from bot.city.town import Town
from dialogs.desk.cases import Grade
from dialogs.desk.deadlines import promise, say_moment
from dialogs.effects import Filled, OpenCase
from dialogs.masking import mask_text
from dialogs.rules.limits import Limit, parse_limit

_CHECK_IN = parse_limit("2 working days")


def open_case(case: Telling) -> None:
    """Begin a case as its form would."""
    opened = _opened(case.matter, case.town, case.chance)
    rules = case.town.known.rules
    by = say_moment(opened.answer_by, case.now, rules.calendar)
    receipt = f"受理好了，编号 {opened.number}。\n{case.matter.unit.name}{rules.post(opened.post)}办理，{by}前答复您。"
    case.open(opened, str(script().words["asks"]), receipt)


def _opened(matter: Matter, town: Town, chance: Random) -> OpenCase:
    rules = town.known.rules
    category = rules.categories.get(matter.category)
    grade = category.grade if category else Grade.YELLOW
    calendar, limits = rules.calendar.of_unit(matter.unit.id), rules.limits(grade, matter.category)
    return OpenCase(
        number=matter.number,
        service=matter.service,
        title=category.title if category else "找工作人员" if matter.service == "human" else "流动党员报到",
        grade=grade,
        category=matter.category,
        unit=matter.unit.id,
        post="party_affairs" if matter.service == "check_in" else category.post if category else "livelihood",
        contact_by=promise(limits.contact, matter.at, calendar),
        sign_by=promise(limits.sign, matter.at, calendar),
        answer_by=promise(_limit(matter, limits.answer, rules.centre.talk_answer), matter.at, calendar),
        matter=mask_text(matter.said),
        place=matter.place,
        filled=_filled(matter, chance),
        reach="none" if matter.anonymous else chance.choice(("here", "here", "call")),
        anonymous=matter.anonymous,
        talk=matter.service == "human",
        confidential=matter.confidential,
        same_as=matter.leads,
    )


def _limit(matter: Matter, usual: Limit, talk: Limit) -> Limit:
    return {"check_in": _CHECK_IN, "human": talk}.get(matter.service, usual)


def _filled(matter: Matter, chance: Random) -> tuple[Filled, ...]:
    told = script().words
    if matter.service == "human":
        return ()
    if matter.service == "check_in":
        answers: tuple[tuple[str, str, str, str, bool], ...] = (
            ("name", "姓名", matter.name, matter.name[0] + "*" * (len(matter.name) - 1), True),
            ("home", "原支部", chance.choice(told["homes"]), "", False),
            ("where", "现住社区", matter.unit.id, matter.unit.name, False),
            ("phone", "手机", matter.phone, f"{matter.phone[:3]}****{matter.phone[-4:]}", True),
            ("firm", "单位党组织", chance.choice(told["firms"]), "", False),
        )
    else:
        answers = (
            ("matter", "事情", matter.said, "", False),
            ("place", "地点", matter.place, "", False),
            ("since", "开始时间", chance.choice(told["since"]), "", False),
        )
    return tuple(
        Filled(key=key, label=label, value=value, shown=shown or value, private=private)
        for key, label, value, shown, private in answers
    )
