"""What a member answers at a form: to the consent, to a question, to what was read back."""

from __future__ import annotations

from dataclasses import replace

from dialogs.catalogue import Service, Step
from dialogs.conversation import Form, Held
from dialogs.draft import Draft
from dialogs.effects import KeepConsent
from dialogs.events import MemberEvent, MemberSaid, MemberSent
from dialogs.fields import READERS, WORDS_ALONE
from dialogs.fields.heard import asks_why, unchanged
from dialogs.forms import asking, categories, finishing, route, spots, steps
from dialogs.forms.outcomes import Asking, Narrow, Pass, Retry, Took
from dialogs.understand import digit
from dialogs.wording import ours, theirs


def answer(draft: Draft, service: Service, event: MemberEvent) -> bool:
    """Take an event as an answer to where the form stands. False: it was no answer (a miss)."""
    form = draft.form
    assert form is not None
    if form.stage == "consent":
        return _answer_consent(draft, service, event)
    if form.stage == "confirming":
        return _answer_check(draft, service, event)
    step = service.step(form.step)
    if step is None:
        asking.ask_next(draft, service)
        return True
    return _answer_step(draft, service, step, event)


def _answer_consent(draft: Draft, service: Service, event: MemberEvent) -> bool:
    form = draft.form
    assert form is not None
    agreed = READERS["confirm"](event.text, WORDS_ALONE) if isinstance(event, MemberSaid) else None
    if agreed is True:
        draft.do(KeepConsent(name=service.consent, version=form.consent))
        draft.change(misses=0)
        asking.ask_next(draft, service)
        return True
    if agreed is False or (isinstance(event, MemberSaid) and event.folded.startswith("先不")):
        draft.change(form=None, misses=0)
        draft.say("consent_declined", service=ours(service.name))
        return True
    asked = isinstance(event, MemberSaid) and asks_why(event.text)
    if asked:
        draft.say("consent_explained", service=ours(service.name))
    else:
        draft.say("consent_again")
    draft.choose([draft.line("consent_yes"), draft.line("consent_no")])
    return asked


def _answer_step(draft: Draft, service: Service, step: Step, event: MemberEvent) -> bool:
    form = draft.form
    assert form is not None
    if form.editing and isinstance(event, MemberSaid) and unchanged(event.text):
        asking.read_back(draft, service)
        return True
    if _place_ahead(draft, service, form, step, event):
        asking.ask_again(draft, service)
        return True
    match steps.take(draft, form, step, event):
        case Took() as took:
            _hold(draft, step, took)
            asking.ask_next(draft, service)
            return True
        case Narrow() as narrow:
            asking.offer(draft, narrow)
            draft.change(misses=0)
            return True
        case Pass() as kept:
            draft.put(kept.words)
            _keep_media(draft, kept.media)
            asking.ask(draft, service, step, again=True)
            return True
        case Retry() as retry:
            draft.put(retry.words)
            chosen_from = categories.standing(draft, form).labels if step.kind == "category" else ()
            draft.choose(chosen_from or steps.choices(draft, step))
            draft.change_form()
            return False


def _place_ahead(draft: Draft, service: Service, form: Form, step: Step, event: MemberEvent) -> bool:
    """Take a place that comes before it is asked for: from the map at any step, or named where a kind is chosen."""
    place = next((each for each in service.steps if each.kind == "place" and each.key not in form.held), None)
    if place is None or step.kind in {"place", "unit"}:
        return False
    held: dict[str, Held] = {}
    if isinstance(event, MemberSent) and event.what == "place":
        took = spots.read_place(Asking(draft, form, place), event)
        held = {place.key: took.held, **took.also} if isinstance(took, Took) and took.held.shown else {}
    elif isinstance(event, MemberSaid) and step.kind == "category":
        told = spots.told(draft, service, event.text)
        held = {key: replace(each, told=False) for key, each in told.items()}
    if not held:
        return False
    draft.change_form(held={**form.held, **held})
    draft.change(misses=0)
    draft.say("took_unit", words=theirs(held[place.key].shown))
    return True


def _hold(draft: Draft, step: Step, took: Took) -> None:
    form = draft.form
    assert form is not None
    held = {**form.held, step.key: took.held, **took.also}
    if form.editing:
        held = {key: value for key, value in held.items() if _still(key, step, form, took.held)}
    draft.change_form(held=held, offered=(), editing=False)
    draft.change(misses=0)
    if took.words:
        draft.put(took.words)
    _keep_media(draft, took.media)


def _still(key: str, step: Step, form: Form, held: Held) -> bool:
    """An edited answer makes what hung on the old one fall away (a new place has a new unit)."""
    return not (key.startswith(f"{step.key}.") and form.held.get(step.key) != held and form.held.get(key) is not None)


def _keep_media(draft: Draft, media: str) -> None:
    form = draft.form
    if media and form is not None:
        draft.change_form(media=(*form.media, media))
        draft.keep_photos(media)


def _answer_check(draft: Draft, service: Service, event: MemberEvent) -> bool:
    form = draft.form
    assert form is not None
    filled = route.filled(service, form, draft.facts)
    if isinstance(event, MemberSaid):
        number = digit(event.folded, len(filled))
        if number is None:
            number = next((n for n, (step, _) in enumerate(filled) if _names(step, event.folded)), None)
        if number is not None:
            step = filled[number][0]
            draft.change_form(editing=True)
            draft.change(misses=0)
            draft.say("editing")
            asking.ask(draft, service, step, again=True)
            return True
        if READERS["confirm"](event.text, WORDS_ALONE) is True:
            draft.change(misses=0)
            missing = route.next_step(service, form, draft.facts)
            if missing is None:
                finishing.finish(draft, service)
            else:
                asking.ask(draft, service, missing)
            return True
    if isinstance(event, MemberSent) and event.what == "photo":
        draft.say("photo_kept_form")
        _keep_media(draft, event.media)
        asking.read_back(draft, service)
        return True
    draft.say("check_again")
    return False


def _names(step: Step, folded: str) -> bool:
    return folded.startswith(("改", "修改", "更改")) and bool(step.label) and step.label in folded
