"""Beginning a form: whether it was done before, what is known already, the consent."""

from __future__ import annotations

from dialogs.catalogue import Service
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.facts import KnownCase
from dialogs.forms import asking, route, spots
from dialogs.matters import status_line
from dialogs.units import Unit
from dialogs.wording import Line, ours


def start(draft: Draft, service: Service, matter: str = "") -> None:
    """Begin a service, with the words that already said what it is about, if any."""
    before = _open_once(draft, service)
    if before:
        draft.say("already", service=ours(service.name), number=before.number, status=status_line(draft, before))
        draft.choose([draft.line("already_progress"), draft.line("already_again")])
        draft.ask("already", ("progress", "again"), number=before.number, data=service.service)
        return
    begin(draft, service, matter)


def _open_once(draft: Draft, service: Service) -> KnownCase | None:
    if not service.once:
        return None
    return next((case for case in draft.open_cases() if case.service == service.service), None)


def begin(draft: Draft, service: Service, matter: str = "") -> None:
    """Begin a service without asking whether it was done before."""
    held = {}
    if matter and service.step("matter"):
        held = {"matter": Held(value=matter, shown=matter), **spots.told(draft, service, matter)}
    scanned = draft.conversation.unit
    unit = draft.facts.snapshots.units.standing(scanned) if scanned else None
    if unit and unit.level in {"community", "grid"}:
        held = {**held, **scanned_unit(service, unit)}
    form = Form(
        service=service.service,
        version=service.version,
        stage="asking",
        step="",
        held=held,
        began=draft.now,
        touched=draft.now,
        scanned=unit.id if unit and unit.level in {"community", "grid"} else "",
    )
    draft.change(form=form, question=None, misses=0)
    if service.intro:
        total = route.position(service, form, service.steps[0], draft.facts)[1]
        draft.put(Line(service.intro, {"total": str(total)}))
    if _needs_consent(draft, service):
        asking.ask_consent(draft, service)
    else:
        asking.ask_next(draft, service)


def scanned_unit(service: Service, unit: Unit) -> dict[str, Held]:
    """Give the answer that a scanned code is to the question for the community: read back, and edited like any."""
    step = next((step for step in service.steps if step.kind == "unit" and step.unless == "scanned"), None)
    return {step.key: Held(value=unit.id, shown=unit.name, told=True)} if step else {}


def _needs_consent(draft: Draft, service: Service) -> bool:
    if not service.consent:
        return False
    consent = draft.facts.snapshots.rules.consents[service.consent]
    return (service.consent, consent.version) not in draft.facts.profile.consents
