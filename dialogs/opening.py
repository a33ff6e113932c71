"""Open a service, whatever kind it is: by its name, its number in the menu, its scene or its words."""

from __future__ import annotations

from typing import assert_never

from dialogs import matters, people, welcome
from dialogs.catalogue import Service
from dialogs.draft import Draft
from dialogs.forms import starting
from dialogs.wording import ours


def open_service(draft: Draft, service: Service, matter: str = "") -> None:
    """Open it; a form in work is left for it."""
    match service.does:
        case "form" if not matter and _rests(draft, service):
            welcome.ask_resume(draft)
        case "form":
            starting.start(draft, service, matter)
        case "answer":
            draft.put(ours(service.intro))
            draft.change(question=None, misses=0)
            if draft.form is not None:
                people.rest(draft)
        case "progress":
            matters.progress(draft)
        case "withdraw":
            matters.withdraw(draft)
        case "rate":
            people.rate(draft)
        case "human":
            people.hand_over(draft)
        case "greet":
            welcome.greet(draft)
        case _:
            assert_never(service.does)


def _rests(draft: Draft, service: Service) -> bool:
    """Whether the form of this very service rests with answers in it: it is gone on with, not begun anew."""
    form = draft.form
    return form is not None and form.stage == "resting" and form.service == service.service and bool(form.held)
