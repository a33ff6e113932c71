"""Danger comes before everything: whom to call, then a red case, with no menu and no rating.

The scripts are fixed and wait for nothing. Source: 国办发〔2022〕12号 (12345 与 110 分流); 12356 心理援助热线.
"""

from __future__ import annotations

from datetime import timedelta

from dialogs import people
from dialogs.desk.cases import OPEN, Act, Grade
from dialogs.desk.deadlines import promise
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, OpenCase
from dialogs.facts import KnownCase

SAME_ALARM = timedelta(hours=6)
TITLES = {
    "fire": "火情",
    "police": "人身安全",
    "medical": "急救",
    "gas": "燃气泄漏",
    "trapped": "被困",
    "crisis": "心理危机",
    "quake": "地震",
    "missing": "走失",
    "electric": "漏电",
}
ASKED = {"crisis": "danger_ask_crisis", "missing": "danger_ask_missing"}
"""What is asked in place of 「您现在安全吗？」."""


def alarm(draft: Draft, kind: str, text: str) -> None:
    """Say whom to call, wake the people on duty, and keep listening."""
    before = _same(draft)
    draft.say(f"danger_{kind}")
    draft.say("danger_duty_on" if _watched(draft, before.unit if before else draft.unit().id) else "danger_duty_off")
    draft.say(ASKED.get(kind, "danger_ask"))
    draft.urgent = True
    if before:
        draft.do(ActOnCase(number=before.number, act=Act.ADD, words=text))
        number = before.number
    else:
        number = draft.facts.number
        draft.do(_case(draft, kind, text, number))
    people.rest(draft)
    others = tuple(each for each in draft.conversation.talking if each != number)
    draft.change(question=None, misses=0, talking=(*others, number), acknowledged=False)
    draft.led_to(f"danger {kind}", number)


def _watched(draft: Draft, unit: str) -> bool:
    """Whether anybody is at the desk who can see a case of this unit; who is told of help must not wait for none."""
    return any(above.id in draft.facts.on_duty for above in draft.facts.snapshots.units.path(unit))


def _case(draft: Draft, kind: str, text: str, number: str) -> OpenCase:
    rules = draft.facts.snapshots.rules
    limits = rules.grades[Grade.RED]
    return OpenCase(
        number=number,
        service="danger",
        title=TITLES[kind],
        grade=Grade.RED,
        category="",
        unit=draft.unit().id,
        post="duty",
        contact_by=promise(limits.contact, draft.now, rules.calendar),
        sign_by=promise(limits.sign, draft.now, rules.calendar),
        answer_by=promise(limits.answer, draft.now, rules.calendar),
        matter=text,
        talk=True,
    )


def _same(draft: Draft) -> KnownCase | None:
    return next(
        (
            case
            for case in draft.facts.cases
            if case.service == "danger" and case.status in OPEN and draft.now - case.opened <= SAME_ALARM
        ),
        None,
    )
