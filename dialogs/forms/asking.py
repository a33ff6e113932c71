"""What a form asks: its consent, the next question, the same one again, and everything read back."""

from __future__ import annotations

from dialogs.catalogue import Service, Step
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.forms import categories, finishing, route, steps
from dialogs.forms.outcomes import Narrow
from dialogs.wording import Line, ours, theirs


def ask_consent(draft: Draft, service: Service) -> None:
    """Show the consent text once; agreeing is recorded with the version of the text that was shown."""
    consent = draft.facts.snapshots.rules.consents[service.consent]
    draft.say("consent_head", text=ours(consent.text))
    draft.choose([draft.line("consent_yes"), draft.line("consent_no")])
    draft.change_form(stage="consent", step="", consent=consent.version)


def ask_next(draft: Draft, service: Service) -> None:
    """Ask the next step, or read everything back, or finish."""
    form = draft.form
    assert form is not None
    step = None if form.editing else route.next_step(service, form, draft.facts)
    if step is not None:
        ask(draft, service, step)
    elif service.readback:
        read_back(draft, service)
    else:
        finishing.finish(draft, service)


def ask(draft: Draft, service: Service, step: Step, *, again: bool = False) -> None:
    """Put one question: its place, its words, its numbered choices."""
    draft.change_form(stage="asking", step=step.key, offered=())
    form = draft.form
    assert form is not None
    if step.kind == "category":
        offer(draft, categories.proposal(draft, form))
        return
    n, total = route.position(service, form, step, draft.facts)
    if n and total > 1 and not again and not form.editing:
        draft.say("step", n=str(n), total=str(total))
    draft.put(_question(draft, form, step, again=again))
    draft.choose(steps.choices(draft, step))


def _question(draft: Draft, form: Form, step: Step, *, again: bool) -> Line:
    """The words of the question; what was answered before may stand in them."""
    words = step.again if again and step.again else step.ask
    if "{" not in words:
        return Line(words)
    values: dict[str, str | Line] = {key: _shown(held) for key, held in form.held.items()}
    values["city"] = draft.facts.snapshots.rules.centre.city
    return Line(words, values)


def _shown(held: Held) -> Line:
    return ours(held.shown) if held.ours else theirs(held.shown)


def offer(draft: Draft, narrow: Narrow) -> None:
    """Show several things that fit; the number of the answer chooses."""
    draft.put(narrow.head)
    draft.choose(narrow.labels)
    draft.change_form(offered=narrow.offered)


def ask_again(draft: Draft, service: Service) -> None:
    """Repeat where the form stands, after something else was answered."""
    form = draft.form
    assert form is not None
    if form.stage == "consent":
        ask_consent(draft, service)
    elif form.stage == "confirming":
        read_back(draft, service)
    else:
        step = service.step(form.step) or route.next_step(service, form, draft.facts)
        if step is None:
            ask_next(draft, service)
        else:
            ask(draft, service, step, again=True)


def go_on(draft: Draft) -> None:
    """Put the question again after something else was said, if a form is in work."""
    service = draft.service()
    if draft.at_form and service is not None:
        draft.say("go_on")
        ask_again(draft, service)


def read_back(draft: Draft, service: Service) -> None:
    """Everything that was filled in, masked, with numbers to edit."""
    form = draft.form
    assert form is not None
    draft.change_form(stage="confirming", step="", editing=False, offered=())
    draft.say("check_head")
    for place, (step, held) in enumerate(route.filled(service, form, draft.facts), 1):
        words = _shown(held)
        if held.vague:
            words = Line("{shown}{mark}", {"shown": words, "mark": draft.line("vague_mark")})
        label = Line(step.name, {"city": draft.facts.snapshots.rules.centre.city})
        draft.say("check_line", digit=str(place), label=label, shown=words)
    draft.say("check_tail")
