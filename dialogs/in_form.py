"""A member at a form: after a long silence, with a question aside, with an answer, or with none."""

from __future__ import annotations

from datetime import timedelta

from dialogs import answered, opening, people, policy, welcome
from dialogs.catalogue import Service
from dialogs.conversation import Form
from dialogs.draft import Draft
from dialogs.events import MemberEvent, MemberSaid
from dialogs.fields.heard import wonders
from dialogs.forms import answering, asking, starting
from dialogs.knowledge import Answered, Unsure, is_question
from dialogs.units import Unit

SILENCE = timedelta(hours=4)
KEPT = timedelta(days=30)
STRICT = frozenset({"phone", "month", "date", "datetime", "choice", "integer", "rating", "confirm"})

FREE = frozenset({"text", "place"})


def drop_outdated(draft: Draft) -> None:
    """Drop a form that nobody came back to, and one whose service or step is no longer known."""
    form = draft.form
    if form is not None and draft.now - form.touched > KEPT:
        draft.change(form=None)
    elif form is not None and _lost(draft):
        draft.change(form=None, question=None)
        draft.say("form_gone")


def _lost(draft: Draft) -> bool:
    """The form's service or step is no longer known: a stored state from another age."""
    service, form = draft.service(), draft.form
    assert form is not None
    if service is None:
        return True
    if form.stage == "consent":
        return not form.consent or service.consent not in draft.facts.snapshots.rules.consents
    return form.stage == "asking" and service.step(form.step) is None


def take_scanned(draft: Draft, service: Service, unit: Unit) -> None:
    """Let a code scanned in the middle of a form answer which community it is, unless the member said it."""
    form = draft.form
    assert form is not None
    found = {key: each for key, each in starting.scanned_unit(service, unit).items() if _open(form, key)}
    draft.change_form(held={**form.held, **found})


def _open(form: Form, key: str) -> bool:
    return key not in form.held or form.held[key].told


def asks_for_phone(draft: Draft) -> bool:
    """Whether the form stands at a telephone number."""
    asked = draft.asked()
    return asked is not None and asked.kind == "phone"


def hear(draft: Draft, service: Service, event: MemberSaid, named: Service | None) -> None:
    """Take words said at a form. `named` is the service that they name, if they name one."""
    if _silent_for_long(draft) and not _surely_answers(draft, service, event):
        welcome.ask_resume(draft)
    elif named and named.does == "greet":
        asking.go_on(draft)
    elif named and named.service != service.service:
        people.rest(draft)
        opening.open_service(draft, named)
    elif not _of_an_answer(draft, event) and not _aside(draft, service, event):
        answer(draft, service, event)


def _silent_for_long(draft: Draft) -> bool:
    return draft.form is not None and draft.now - draft.form.touched > SILENCE


def _surely_answers(draft: Draft, service: Service, event: MemberSaid) -> bool:
    """Whether the form would take these words, and takes no others; tried on another draft, so nothing changes."""
    asked = draft.asked()
    return (
        asked is not None
        and asked.kind in STRICT
        and answering.answer(Draft(draft.conversation, draft.facts), service, event)
    )


def _of_an_answer(draft: Draft, event: MemberSaid) -> bool:
    """Whether what is said in place of a matter is that an answered one is not solved."""
    asked = draft.asked()
    return asked is not None and asked.kind == "matter" and answered.hear_as_matter(draft, event)


def _aside(draft: Draft, service: Service, event: MemberSaid) -> bool:
    """A policy question in the middle of a form is answered, and the form goes on where it was.

    Where any words would do for an answer, a question is none, though nothing sure can be said to it.
    """
    asked = draft.asked()
    if (asked is not None and asked.kind == "matter") or not (is_question(event.text) or wonders(event.text)):
        return False
    found = policy.look_up(draft, event.text)
    if isinstance(found, Answered):
        policy.tell(draft, found.article)
        draft.change(misses=0)
    elif not _takes_any_words(draft):
        return False
    elif people.one_too_many(draft):
        people.hand_over(draft, event.text, opening="miss_human")
        return True
    else:
        draft.say("aside_unsure")
    draft.say("go_on")
    asking.ask_again(draft, service)
    return True


def _takes_any_words(draft: Draft) -> bool:
    """Whether the form stands where it would take a question for an answer."""
    form, asked = draft.form, draft.asked()
    if form is None or asked is None or form.stage != "asking":
        return False
    return asked.kind in FREE or (asked.kind == "category" and form.offered[:1] == ("propose",))


def answer(draft: Draft, service: Service, event: MemberEvent) -> None:
    """Take an answer to where the form stands; after too many that were none, a person takes over."""
    mark = len(draft.lines)
    if answering.answer(draft, service, event):
        return
    if people.one_too_many(draft):
        del draft.lines[mark:]
        people.hand_over(draft, event.text if isinstance(event, MemberSaid) else "", opening="miss_human")
    elif isinstance(event, MemberSaid) and _asks_about_something(draft, event.text):
        del draft.lines[mark:]
        draft.say("aside_unsure")
        asking.go_on(draft)


def _asks_about_something(draft: Draft, text: str) -> bool:
    """Whether the words that were no answer are a question of policy, though not surely which."""
    return is_question(text) and isinstance(policy.look_up(draft, text), Unsure)
