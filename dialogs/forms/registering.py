"""What staff take down by telephone, from a letter or at the counter: the same form, filled in one go."""

from __future__ import annotations

from dialogs import places
from dialogs.catalogue import Service
from dialogs.conversation import Form, Held
from dialogs.desk.routing import route
from dialogs.draft import Draft
from dialogs.events import StaffTook
from dialogs.facts import Snapshots, Wants
from dialogs.forms.finishing import TakenDown, finish
from dialogs.masking import mask_phone
from dialogs.units import Unit

SERVICE = "help"
"""What is taken down is a matter as members report them: same categories, receipt and clocks."""


def service_of(known: Snapshots) -> Service | None:
    """Give the service that takes matters down; None where a centre has taken it away."""
    return known.services.current.get(SERVICE)


def unit_of(event: StaffTook, known: Snapshots) -> Unit:
    """Give the unit in whose area it is: the one that was picked, the one that the place names, else the clerk's."""
    picked = known.units.standing(event.unit) if event.unit else None
    return (
        picked or spot_of(event.place, event.text, known) or known.units.standing(event.staff_unit) or known.units.root
    )


def spot_of(place: str, text: str, known: Snapshots) -> Unit | None:
    """Give the unit that these words surely name; None where none or several fit."""
    found = known.units.by_name(place, "community") if place else []
    if len(found) == 1:
        return found[0]
    named = places.named(text, known.units, known.rules) if text and not place else None
    return named[1] if named else None


def wants(event: StaffTook, known: Snapshots) -> Wants:
    """Open cases of the same matter nearby, which this one may join."""
    spot = unit_of(event, known)
    return Wants(category=event.category, unit=route(event.category, spot, known.units, known.rules).unit.id)


def staff_took(draft: Draft, event: StaffTook) -> None:
    """Open the case as the member's own form would; whatever they are in the middle of stays as it is."""
    known, before = draft.facts.snapshots, draft.conversation
    service = service_of(known)
    assert service is not None, "the desk offers the page only where the service is"
    draft.change(form=_form(event, service, draft), question=None)
    taken = TakenDown(
        came=event.came, reach=event.reach, anonymous=event.anonymous, grade=event.grade, known=event.known
    )
    finish(draft, service, taken)
    draft.change(form=before.form, question=before.question, misses=before.misses)


def _form(event: StaffTook, service: Service, draft: Draft) -> Form:
    known = draft.facts.snapshots
    unit, category = unit_of(event, known), known.rules.categories.get(event.category)
    told = {
        "matter": (event.text, event.text),
        "category": (event.category, category.title if category else ""),
        "place": (event.place, event.place),
        "place.unit": (unit.id, unit.name),
        "since": (event.since, event.since),
        "name": ("", "") if event.known else (event.name, event.name),
        "phone": ("", "") if event.known else (event.phone, mask_phone(event.phone)),
    }
    held = {key: Held(value=value, shown=shown) for key, (value, shown) in told.items() if value}
    return Form(
        service=service.service,
        version=service.version,
        stage="asking",
        step="matter",
        held=held,
        began=draft.now,
        touched=draft.now,
    )
