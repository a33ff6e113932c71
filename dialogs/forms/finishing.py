"""A finished form: the case it opens or joins, what the profile keeps, the receipt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from dialogs.catalogue import RECEIPT_VALUES, Service, Step
from dialogs.conversation import Form
from dialogs.desk.cases import OPEN, Act, Grade
from dialogs.desk.deadlines import add_months, promise, say_moment, say_rest_day
from dialogs.desk.routing import route as routed
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, Came, Filled, KeepProfile, OpenCase, Reach, Remind
from dialogs.facts import KnownCase
from dialogs.forms import route
from dialogs.matters import answered_by, signed_by, status_line
from dialogs.places import place_of, same_place
from dialogs.rules import Rules
from dialogs.units import Unit
from dialogs.wording import Line, ours, theirs

SAME_MATTER = timedelta(days=30)
# Kinds of answers that say who somebody is: of a confidential service they are shown to nobody as a matter of course.
WHO = frozenset({"name", "phone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """What staff know beyond the form where they took it down: see StaffTook."""

    came: Came
    reach: Reach
    anonymous: bool
    grade: Grade | None
    known: bool


def finish(draft: Draft, service: Service, taken: TakenDown | None = None) -> None:
    """Open the case (or join the open one about the same matter) and give the receipt."""
    form = draft.form
    assert form is not None
    assert service.opens is not None
    case = _case(draft, service, form, taken)
    own = _same(draft, case, [c for c in draft.facts.cases if c.status in OPEN])
    draft.change(form=None, question=None, misses=0)
    if taken is None or not taken.known:
        _keep_profile(draft, form, case.spot)
    if own and service.joined:
        _join_own(draft, service, form, own, case)
        return
    nearby = [] if service.confidential else [c for c in draft.facts.nearby if c.status in OPEN]
    neighbour = _same(draft, case, nearby)
    if neighbour and service.joined:
        case = replace(case, same_as=neighbour.same_as or neighbour.number)
    draft.do(case)
    draft.keep_photos(*form.media, number=case.number)
    draft.led_to(f"{service.service}/opened", case.number)
    _receipt(draft, service, case, (neighbour.neighbours + 1) if neighbour else 0)
    if service.reminds:
        months = int(service.reminds.every.split()[0])
        key = f"{service.reminds.say}:{case.number}:1"
        at = add_months(draft.now, months, draft.facts.snapshots.rules.calendar)
        draft.do(Remind(key=key, kind=service.reminds.say, at=at, number=case.number, data=str(months)))


def _case(draft: Draft, service: Service, form: Form, taken: TakenDown | None) -> OpenCase:
    opens = service.opens
    assert opens is not None
    rules = draft.facts.snapshots.rules
    category = form.held["category"].value if "category" in form.held else ""
    found = rules.categories.get(category) if category else None
    grade = Grade(found.grade) if found else opens.grade
    grade = (taken.grade if taken else None) or grade
    limits = rules.limits(grade, category)
    going = routed(category, unit_of(draft, opens.unit, form), draft.facts.snapshots.units, rules)
    unit = going.unit
    calendar = rules.calendar.of_unit(unit.id)
    contact = form.held["contact"].value if "contact" in form.held else "here"
    sign_by = promise(limits.sign, draft.now, calendar)
    # What a law gives stands above what a service promises; where it counts from the signing, that may come last.
    answer = limits.answer if limits.title else opens.promise or limits.answer
    return OpenCase(
        number=draft.facts.number,
        service=service.service,
        title=found.title if found else service.title,
        grade=grade,
        category=category,
        unit=unit.id,
        post=going.post or (found.post if found else opens.post),
        contact_by=promise(limits.contact, draft.now, calendar),
        sign_by=sign_by,
        answer_by=promise(answer, sign_by if limits.from_signing else draft.now, calendar),
        matter=form.held["matter"].value if "matter" in form.held else "",
        place=_place(form, rules),
        filled=tuple(
            Filled(
                key=step.key,
                label=_label(step, rules),
                value=held.value,
                shown=held.shown,
                private=step.private or (service.confidential and step.kind in WHO),
            )
            for step, held in route.filled(service, form, draft.facts)
        ),
        reach=taken.reach if taken else "call" if contact == "call" else "none" if contact == "none" else "here",
        anonymous=taken.anonymous if taken else contact == "none",
        confidential=service.confidential,
        came=taken.came if taken else "",
        spot=going.spot.id,
        why=going.why,
        book=going.version,
        helpers=tuple(each.id for each in going.helpers),
    )


def _label(step: Step, rules: Rules) -> str:
    return step.name.replace("{city}", rules.centre.city)


def _place(form: Form, rules: Rules) -> str:
    """Where it is: the place that was asked for, with the building that the matter named."""
    if "place" not in form.held:
        return ""
    return place_of(form.held["place"].value, form.held["matter"].value if "matter" in form.held else "", rules)


def unit_of(draft: Draft, named: str, form: Form) -> Unit:
    """Give the unit whose case it is: the one that the service names, or the one that the form found out."""
    if not named.startswith("$"):
        return draft.unit(named)
    key = named[1:]
    told = [form.held[each].value for each in (f"{key}.unit", key) if each in form.held]
    return draft.unit(*told, form.scanned)


def _same(draft: Draft, case: OpenCase, others: list[KnownCase]) -> KnownCase | None:
    """An open case about the same matter: same category, same place, within 30 days."""
    rules = draft.facts.snapshots.rules
    category = rules.categories.get(case.category)
    whole = category is not None and category.whole
    return next(
        (
            other
            for other in others
            if case.category
            and other.category == case.category
            and draft.now - other.opened <= SAME_MATTER
            and same_place(other.place, case.place, rules, whole=whole)
        ),
        None,
    )


def _join_own(draft: Draft, service: Service, form: Form, own: KnownCase, case: OpenCase) -> None:
    draft.do(ActOnCase(number=own.number, act=Act.ADD, words=case.matter))
    draft.keep_photos(*form.media, number=own.number)
    draft.led_to(f"{service.service}/joined", own.number)
    draft.put(Line(service.joined, {"number": own.number, "status": status_line(draft, own)}))


def _keep_profile(draft: Draft, form: Form, unit: str) -> None:
    name, phone = form.held.get("name"), form.held.get("phone")
    draft.do(
        KeepProfile(
            name=name.value if name else None,
            phone=phone.value if phone else None,
            unit=unit if form.service == "check_in" or form.scanned else None,
        )
    )


def _receipt(draft: Draft, service: Service, case: OpenCase, neighbours: int) -> None:
    rules = draft.facts.snapshots.rules
    unit = draft.unit(case.unit)
    rest = say_rest_day(draft.now, rules.calendar)
    values: dict[str, str | Line] = {
        "number": case.number,
        "unit": theirs(unit.name),
        "committee": theirs(unit.committee or unit.name),
        "post": ours(rules.post(case.post)),
        "by": ours(say_moment(case.answer_by, draft.now, rules.calendar)),
        "sign": signed_by(draft, case.sign_by),
        "answer": answered_by(draft, case.answer_by),
        "today": draft.line("today_rest", day=ours(rest)) if rest else "",
        "neighbours": draft.line("neighbours", count=str(neighbours)) if neighbours else "",
    }
    assert values.keys() == RECEIPT_VALUES
    draft.put(Line(service.receipt, values))
