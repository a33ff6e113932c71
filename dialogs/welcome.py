"""The greeting, the menu and the commands that need no form: where everybody lands and can always return."""

from __future__ import annotations

from datetime import datetime

from dialogs.conversation import Form
from dialogs.draft import Draft
from dialogs.forms import asking, route
from dialogs.wording import Line, ours, theirs


def greet(draft: Draft) -> None:
    """Say who we are and what can be done here."""
    rules = draft.facts.snapshots.rules
    unit = draft.facts.snapshots.units.standing(draft.conversation.unit)
    bot = rules.centre.bot
    if unit:
        draft.say("hello_unit", unit=theirs(unit.full_name), bot=bot)
    else:
        draft.say("hello", centre=theirs(rules.centre.name), bot=bot)
    entries(draft)
    draft.change(greeted=True)


def menu(draft: Draft) -> None:
    """Show what can be done, and where a form rests."""
    draft.say("menu_head")
    entries(draft)
    resting(draft)


def entries(draft: Draft) -> None:
    """The services of the menu, numbered."""
    services = draft.facts.snapshots.services.on_menu()
    for digit, service in enumerate(services, 1):
        draft.say("menu_entry", digit=str(digit), title=ours(service.title))
    draft.say("menu_tail")
    draft.ask("menu", [service.service for service in services])


def resting(draft: Draft) -> None:
    """Put the form to rest, and say that it waits."""
    service, form = draft.service(), draft.form
    if service is None or form is None or form.stage == "consent":
        draft.change(form=None)
        return
    if form.held:
        waits(draft)
        draft.change_form(stage="resting")
    else:
        draft.change(form=None)


def waits(draft: Draft) -> None:
    """Say where the form stands and how to go on with it."""
    service, form = draft.service(), draft.form
    if service is None or form is None:
        return
    step = service.step(form.step)
    n = route.position(service, form, step, draft.facts)[0] if step else 0
    draft.say("menu_resting", service=ours(service.name), n=str(n or max(len(form.held), 1)))


def wake(draft: Draft) -> None:
    """Go on with the resting form where it stood."""
    service, form = draft.service(), draft.form
    assert service is not None
    assert form is not None
    draft.change(question=None, misses=0)
    draft.change_form(stage="asking" if form.step else "confirming")
    asking.ask_again(draft, service)


def ask_resume(draft: Draft) -> None:
    """After a long silence: say where the form stood and ask whether to go on."""
    service, form = draft.service(), draft.form
    assert service is not None
    assert form is not None
    step = service.step(form.step)
    n = route.position(service, form, step, draft.facts)[0] if step else 0
    draft.say(
        "resume_head",
        greeting=draft.line(_part_of_day(draft)),
        service=ours(service.name),
        when=_when(draft, form),
        n=str(n or len(form.held) + 1),
        about=_about(draft, step.name if step else "核对"),
    )
    draft.choose([draft.line("resume_go_on"), draft.line("resume_again"), draft.line("resume_drop")])
    draft.ask("resume", ("go_on", "again", "drop"))
    draft.change_form()


def _about(draft: Draft, name: str) -> Line:
    return Line(name, {"city": draft.facts.snapshots.rules.centre.city})


def _local(draft: Draft, at: datetime) -> datetime:
    return at.astimezone(draft.facts.snapshots.rules.zone)


def _part_of_day(draft: Draft) -> str:
    hour = _local(draft, draft.now).hour
    return "morning" if 5 <= hour < 12 else "afternoon" if 12 <= hour < 18 else "evening"


def _when(draft: Draft, form: Form) -> Line:
    days = (_local(draft, draft.now).date() - _local(draft, form.touched).date()).days
    if days <= 0:
        return draft.line("resume_today")
    if days == 1:
        return draft.line("resume_yesterday")
    day = _local(draft, form.touched)
    return draft.line("resume_day", day=ours(f" {day.month} 月 {day.day} 日"))
