"""What the commands do that work at every moment (dialogs.understand says which words are one)."""

from __future__ import annotations

from dialogs import matters, people, welcome, whereabouts
from dialogs.catalogue import Service
from dialogs.draft import Draft
from dialogs.effects import KeepConsent, KeepProfile
from dialogs.events import MemberSaid
from dialogs.forms import asking, route, starting
from dialogs.numbers import misread, parse
from dialogs.text import fold
from dialogs.understand import command
from dialogs.wording import ours, theirs


def wish(draft: Draft, event: MemberSaid) -> str | None:
    """The command that these words are, if any; a bare 0 is one only where no form could take it as a number."""
    found = command(event.text, zero=not draft.at_form)
    if found is None and draft.form is not None and event.folded in {"继续", "接着办", "继续办", "接着"}:
        return "resume"
    if found is None and draft.conversation.plain and event.folded in {"普通", "普通版"}:
        return "ordinary"
    return found


def obey(draft: Draft, wish: str, text: str) -> None:
    """Do what a command wishes; `text` is all that was said."""
    service = draft.service()
    at_form = draft.at_form and service is not None
    if wish != "more":
        draft.change(misses=0)
    if wish == "progress" and parse(text) and _takes_back(draft, text):
        wish = "withdraw"  # 「撤回 HY-261121-0387-8」
    match wish:
        case "menu":
            welcome.menu(draft)
        case "help":
            _help(draft)
        case "more":
            _more(draft)
        case "human":
            people.hand_over(draft, "" if at_form else text)
        case "progress":
            _progress(draft, text)
        case "withdraw":
            _withdraw(draft, text)
        case "back" | "cancel" | "restart":
            _in_form_command(draft, wish)
        case "resume":
            if service is not None:
                welcome.wake(draft)
        case "plain" | "ordinary":
            draft.change(plain=wish == "plain")
            draft.do(KeepProfile(plain=wish == "plain"))
            draft.say("plain_on" if wish == "plain" else "plain_off")
            asking.go_on(draft)
        case "where":
            whereabouts.tell(draft)
            asking.go_on(draft)
        case "read":
            draft.say("read_thanks")
        case "unsubscribe":
            draft.do(KeepConsent(name="notices", version="1", given=False))
            draft.say("unsubscribed")
        case "forget":
            draft.say("rights")
            people.hand_over(draft, text, title="个人信息：查看、更正或删除")
        case _:
            welcome.menu(draft)


def _progress(draft: Draft, text: str) -> None:
    if misread(text):
        draft.say("number_unread")
    else:
        matters.progress(draft, parse(text) or "")
    asking.go_on(draft)


def _takes_back(draft: Draft, text: str) -> bool:
    service = draft.facts.snapshots.services.current.get("withdraw")
    return service is not None and fold(text).startswith(tuple(service.words))


def _withdraw(draft: Draft, text: str) -> None:
    """Withdraw a registered matter; what is only being filled in is cancelled, not withdrawn."""
    service = draft.service()
    if misread(text):
        draft.say("number_unread")
        asking.go_on(draft)
    elif not draft.open_cases() and service is not None and draft.at_form:
        draft.say("withdraw_form", service=ours(service.name))
        asking.go_on(draft)
    else:
        people.rest(draft)
        matters.withdraw(draft, parse(text) or "")


def _help(draft: Draft) -> None:
    service = draft.service()
    if draft.at_form and service:
        draft.say("help_form", service=ours(service.name))
        asking.ask_again(draft, service)
    else:
        draft.say("help")


def _more(draft: Draft) -> None:
    if draft.conversation.more:
        for part in draft.conversation.more:
            if part.number:
                draft.ride(part.number, theirs(part.words))
            else:
                draft.put(theirs(part.words))
        draft.change(more=())
    else:
        draft.say("no_more")
        asking.go_on(draft)


def _in_form_command(draft: Draft, wish: str) -> None:
    service, form = draft.service(), draft.form
    if service is None or form is None:
        draft.change(question=None)
        draft.say("nothing_to_cancel" if wish == "cancel" else "nothing_to_go_back")
        welcome.menu(draft)
    elif wish == "cancel" or (wish == "back" and form.stage == "consent"):
        draft.change(form=None, question=None)
        draft.say("consent_declined" if form.stage == "consent" else "cancelled", service=ours(service.name))
        if not draft.conversation.later:
            welcome.entries(draft)
    elif wish == "restart":
        draft.say("restarted")
        starting.begin(draft, draft.facts.snapshots.services.current.get(service.service, service))
    else:
        _back(draft, service)


def _back(draft: Draft, service: Service) -> None:
    """Undo the last answer: its step is asked again."""
    form = draft.form
    assert form is not None
    if form.editing:
        asking.read_back(draft, service)
        return
    current = service.step(form.step)
    before = service.steps[: service.steps.index(current)] if current is not None else service.steps
    answered = [
        each
        for each in before
        if each.key in form.held
        and route.applies(each, form, draft.facts)
        and not (each.kind == "unit" and form.held[each.key].told)  # scanned, never asked for
    ]
    if not answered:
        draft.say("first_step")
        asking.ask_again(draft, service)
        return
    last = answered[-1]
    held = {key: value for key, value in form.held.items() if key != last.key and not key.startswith(f"{last.key}.")}
    draft.change_form(held=held, stage="asking", offered=())
    draft.say("took_back")
    asking.ask(draft, service, last)
