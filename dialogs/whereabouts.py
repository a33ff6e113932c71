"""Where we are, when somebody is there, and whom to call: of the member's own unit, else of the centre."""

from __future__ import annotations

from dialogs.desk.deadlines import say_day
from dialogs.draft import Draft
from dialogs.hours import say_week
from dialogs.rules.calendar import Week
from dialogs.wording import ours, theirs


def tell(draft: Draft) -> None:
    """Say address, telephone and opening hours, and whether somebody is there now."""
    rules, unit = draft.facts.snapshots.rules, draft.unit()
    own = unit is not draft.facts.snapshots.units.root and unit.address and unit.phone
    name, address, phone = (
        (unit.full_name, unit.address, unit.phone)
        if own
        else (rules.centre.name, rules.centre.address, rules.centre.phone)
    )
    calendar = rules.calendar.of_unit(unit.id)
    hours = ours(say_week(_written(calendar.week)))
    draft.say("here", name=theirs(name), address=theirs(address), phone=phone, hours=hours)
    if calendar.open_at(draft.now):
        draft.say("here_open")
    else:
        day = ours(say_day(draft.now, calendar))
        draft.say("here_shut", day=day, phone=rules.centre.duty_phone or rules.centre.phone)


def _written(week: Week) -> list[str]:
    return ["、".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in spans) for spans in week]
