"""Which way through a form: the steps that apply to this person, where they stand, what may end it."""

from __future__ import annotations

from collections.abc import Callable

from dialogs.catalogue import Service, Step
from dialogs.conversation import Conversation, Form, Held
from dialogs.desk.routing import route as routed
from dialogs.facts import Facts, Snapshots, Wants
from dialogs.fields.heard import since


def applies(step: Step, form: Form, facts: Facts) -> bool:
    """Tell whether this step is this person's, as far as is known now. Who sent photos already is asked for none."""
    if step.kind == "photo" and form.media and step.key not in form.held:
        return False
    for key, value in step.when.items():
        if key not in form.held or form.held[key].value != value:
            return False
    return not step.unless or step.key in form.held or not _KNOWN[step.unless](form, facts)


_KNOWN: dict[str, Callable[[Form, Facts], bool]] = {
    "scanned": lambda form, _: bool(form.scanned),
    "since_said": lambda form, _: "matter" in form.held and since(form.held["matter"].value),
    "phone_known": lambda _, facts: bool(facts.profile.phone),
    "name_known": lambda _, facts: bool(facts.profile.name),
}


def next_step(service: Service, form: Form, facts: Facts) -> Step | None:
    """The first step that applies and was not answered yet; None where none is left."""
    held = form.held
    return next((step for step in service.steps if step.key not in held and applies(step, form, facts)), None)


def position(service: Service, form: Form, step: Step, facts: Facts) -> tuple[int, int]:
    """Give n and m of 「第n步/共m步」, counting only the steps that this person is asked; 0 if uncounted.

    What is asked only after a certain answer is not counted: m never grows on the way.
    """
    counted = [
        each.key
        for each in service.steps
        if each.counted
        and not each.when
        and applies(each, form, facts)
        and not (each.key in form.held and form.held[each.key].told)
    ]
    return (counted.index(step.key) + 1 if step.key in counted else 0), len(counted)


def filled(service: Service, form: Form, facts: Facts) -> list[tuple[Step, Held]]:
    """The steps that apply and their answers, in order."""
    held = form.held
    return [(step, held[step.key]) for step in service.steps if step.key in held and applies(step, form, facts)]


def wants(conversation: Conversation, known: Service | None, snapshots: Snapshots) -> Wants | None:
    """Open cases of the same matter nearby are wanted where this answer may end a form that joins them."""
    form = conversation.form
    if form is None or known is None or not known.joined or "category" not in form.held or not _may_end(known, form):
        return None
    place = form.held.get("place.unit")
    spot = snapshots.units.standing(place.value if place else form.scanned or conversation.unit)
    if spot is None:
        return None
    category = form.held["category"].value
    return Wants(category=category, unit=routed(category, spot, snapshots.units, snapshots.rules).unit.id)


def _may_end(service: Service, form: Form) -> bool:
    """Whether the next answer can be the last: no other question is left that everybody is asked."""
    left = (step for step in service.steps if step.key != form.step and step.key not in form.held)
    return form.stage == "confirming" or all(step.when or step.unless for step in left)
