"""Where it is: a unit of the tree, or a place in the member's own words, said or sent from the map."""

from __future__ import annotations

from dialogs import places
from dialogs.catalogue import Service
from dialogs.conversation import Held
from dialogs.draft import Draft
from dialogs.events import MemberEvent, MemberSaid, MemberSent
from dialogs.fields.heard import nothing, unknown
from dialogs.forms.outcomes import Asking, Narrow, Outcome, Took
from dialogs.text import fold
from dialogs.understand import digit
from dialogs.units import Unit
from dialogs.wording import theirs


def read_unit(asking: Asking, event: MemberEvent) -> Outcome:
    """Take a unit's name, the number of one that was offered, or a place on the map."""
    draft, step = asking.draft, asking.step
    units = draft.facts.snapshots.units
    if isinstance(event, MemberSent) and event.what == "place":
        assert event.latitude is not None
        assert event.longitude is not None
        near = units.nearest(event.latitude, event.longitude, step.level)
        return _unit(asking, near[0]) if near else asking.retry("retry_unit_far")
    if not isinstance(event, MemberSaid):
        return asking.retry("retry_text")
    chosen = digit(event.folded, len(asking.form.offered)) if asking.form.offered else None
    if chosen is not None:
        found = units.get(asking.form.offered[chosen])
        return _unit(asking, found) if found else asking.retry("retry_unit", words=event.text)
    matches = units.by_name(event.text, step.level)
    if len(matches) == 1:
        return _unit(asking, matches[0])
    if matches:
        few = matches[:6]
        labels = tuple(theirs(unit.full_name) for unit in few)
        return Narrow(head=draft.line("which_unit"), offered=tuple(unit.id for unit in few), labels=labels)
    return asking.retry("retry_unit", words=event.text.strip()[:20])


def _unit(asking: Asking, unit: Unit) -> Took:
    words = asking.draft.line("took_unit", words=unit.name)
    return Took(held=Held(value=unit.id, shown=unit.name), words=words)


def told(draft: Draft, service: Service, matter: str) -> dict[str, Held]:
    """The place that the words of the matter already say, if they surely do: it is not asked for then."""
    step = next((step for step in service.steps if step.kind == "place"), None)
    snapshots = draft.facts.snapshots
    found = places.named(matter, snapshots.units, snapshots.rules) if step and matter else None
    if step is None or found is None:
        return {}
    place, unit = found
    return {
        step.key: Held(value=place, shown=place, told=True),
        f"{step.key}.unit": Held(value=unit.id, shown=unit.name),
    }


def read_place(asking: Asking, event: MemberEvent) -> Outcome:
    """Take a place as it was said or sent, and note the community that it names."""
    draft = asking.draft
    units = draft.facts.snapshots.units
    if isinstance(event, MemberSent) and event.what == "place" and event.latitude is not None:
        near = units.nearest(event.latitude, event.longitude or 0.0, "community")
        label = event.text.strip() or (near[0].name if near else "")
        held = Held(value=label or f"{event.latitude:.5f},{event.longitude:.5f}", shown=label)
        return Took(held=held, also={"place.unit": Held(value=near[0].id, shown=near[0].name)} if near else {})
    if not isinstance(event, MemberSaid):
        return asking.retry("retry_place")
    chosen = digit(event.folded, len(asking.form.offered)) if asking.form.offered else None
    if chosen is not None:
        unit = units.get(asking.form.offered[chosen])
        said = asking.form.held.get("place.said")
        if unit and said:
            return Took(held=said, also={"place.unit": Held(value=unit.id, shown=unit.name)})
    text = event.text.strip()
    if not fold(text) or fold(text).isdigit() or nothing(text) or unknown(text) or not _says_where(asking, text):
        return asking.retry("retry_place")
    if len(text) > asking.step.max:
        return asking.retry("retry_long", max=str(asking.step.max))
    matches = units.by_name(text, "community")
    also = {"place.unit": Held(value=matches[0].id, shown=matches[0].name)} if len(matches) == 1 else {}
    return Took(held=Held(value=text, shown=text), also=also)


def _says_where(asking: Asking, text: str) -> bool:
    """Whether anything is left of the words besides 「我们小区」, 「那边」."""
    place = places.read_place(text, asking.draft.facts.snapshots.rules.everyday.places)
    return bool(place.name or place.building or place.road_number or place.spots)
