"""The core: `wants` says what a decision needs, `step` takes one event and decides.

Order of hearing a member: danger, commands, a person who has taken over, the numbered question
last delivered, the form in work, then everything that can be asked from nothing. Nothing here
raises on anything a member can send; what is not understood is answered with what can be done.
"""

from __future__ import annotations

from typing import assert_never

from dialogs import answered, beside, commands, danger, fresh, in_form, people, questions, sent, told, welcome
from dialogs.conversation import Conversation, Turn
from dialogs.desk.deadlines import add_months
from dialogs.draft import Draft
from dialogs.effects import KeepProfile, Remind
from dialogs.emergency import alarm
from dialogs.events import (
    DeliverySettled,
    Event,
    Followed,
    Left,
    MemberEvent,
    MemberSaid,
    MemberSent,
    MemberTapped,
    Noticed,
    Scanned,
    StaffActed,
    StaffAnswered,
    StaffHeard,
    StaffTook,
    TimerFired,
)
from dialogs.facts import Facts, Snapshots, Wants
from dialogs.forms import asking, registering, route
from dialogs.masking import has_id_number
from dialogs.opening import open_service
from dialogs.text import fold, is_traditional, simplified, traditional
from dialogs.understand import command
from dialogs.wording import theirs


def wants(conversation: Conversation, event: Event, snapshots: Snapshots) -> Wants | None:
    """Say what a decision about this event needs beyond the usual facts."""
    if isinstance(event, StaffTook):
        return registering.wants(event, snapshots)
    form = conversation.form
    if form is None or not isinstance(event, _OF_MEMBERS):
        return None
    return route.wants(conversation, snapshots.services.pinned(form.service, form.version), snapshots)


_OF_MEMBERS = (MemberSaid, MemberSent, MemberTapped, Followed, Scanned)


def step(conversation: Conversation, event: Event, facts: Facts) -> Turn:
    """Take one event and decide what is said and done."""
    draft = Draft(conversation, facts)
    match event:
        case MemberSaid() | MemberSent() | MemberTapped() | Followed() | Scanned():
            _member(draft, event)
        case Noticed(what=what):
            draft.led_to(f"noticed {what}")
        case Left():
            draft.do(KeepProfile(follows=False))
            draft.change(question=None, greeted=False)
        case StaffAnswered():
            people.staff_answered(draft, event)
        case StaffActed():
            told.staff_acted(draft, event)
        case StaffTook():
            registering.staff_took(draft, event)
        case StaffHeard():
            people.rated_by_telephone(draft, event)
        case TimerFired():
            _timer(draft, event)
        case DeliverySettled():
            _settled(draft, event)
        case _:
            assert_never(event)
    return draft.turn()


def sorry(conversation: Conversation, facts: Facts) -> Turn:
    """Give the turn for where deciding failed: the member hears what can be done, and is stuck in nothing."""
    draft = Draft(conversation, facts)
    draft.change(form=None, question=None)
    draft.say("sorry", phone=facts.snapshots.rules.centre.phone)
    draft.led_to("failed")
    return draft.turn()


# -- our own events ------------------------------------------------------------------------
def _settled(draft: Draft, event: DeliverySettled) -> None:
    """Words have arrived: what they asked is now the question that a bare number answers."""
    question = people.asks(event.asks, event.number)
    if event.fate != "sent":
        return
    if question is None:
        if event.number in draft.conversation.talking:
            draft.change(question=None)  # a person asked last: a bare number is for them
        return
    if question.kind == "solved":
        people.speak_of(draft, question.number)
    if draft.at_form:
        draft.change(later=(*draft.conversation.later, question))
    else:
        draft.change(question=question)


def _timer(draft: Draft, event: TimerFired) -> None:
    if event.kind != "contact_due":
        return
    months = int(event.data or "3")
    at = add_months(draft.now, months, draft.facts.snapshots.rules.calendar)
    key = f"contact_due:{event.number}:{at.date().isoformat()}"
    draft.do(Remind(key=key, kind="contact_due", at=at, number=event.number, data=event.data))
    if not draft.facts.profile.follows:
        return  # who comes back is greeted again from then on
    name = draft.facts.profile.name
    draft.say("contact_due", name=draft.line("mr", name=theirs(name)) if name else "")
    draft.asks = ("", event.number)
    if not draft.at_form:
        draft.choose([draft.line("contact_fine"), draft.line("contact_moved"), draft.line("contact_need")])
        draft.asks = ("contact", event.number)
    draft.led_to("contact due", event.number)


# -- a member's event ----------------------------------------------------------------------
def _member(draft: Draft, event: MemberEvent) -> None:
    _prepare(draft, event)
    before = draft.conversation.question
    people.waiting(draft)
    match event:
        case MemberSaid():
            _said(draft, event)
        case MemberSent():
            sent.hear(draft, event)
        case MemberTapped(key=key):
            _tapped(draft, key)
        case Followed(scene=scene) | Scanned(scene=scene):
            _arrived(draft, scene, followed=isinstance(event, Followed))
        case Noticed() | Left():
            pass
    people.rode(draft, before)
    _after(draft)


def _prepare(draft: Draft, event: MemberEvent) -> None:
    if isinstance(event, MemberSaid):
        _note_script(draft, event.text)
    if not draft.facts.profile.follows:
        draft.do(KeepProfile(follows=True))
    in_form.drop_outdated(draft)
    last = draft.conversation.last
    if last is not None and draft.now - last > in_form.SILENCE:
        draft.change(
            acknowledged=False
        )  # who comes back to a person who talks with them hears once more that it arrived
    draft.change(last=draft.now)


def _note_script(draft: Draft, text: str) -> None:
    """Who writes Traditional is answered so, until they write what can only be Simplified."""
    if is_traditional(text):
        draft.change(traditional=True)
    elif draft.conversation.traditional and simplified(text) == text != traditional(text):
        draft.change(traditional=False)


def _after(draft: Draft) -> None:
    """What had to wait for the form to end is asked now, if nothing else was."""
    if draft.conversation.later and not draft.at_form and draft.conversation.question is None:
        people.ask_later(draft)


def _arrived(draft: Draft, scene: str, *, followed: bool) -> None:
    unit = draft.facts.snapshots.units.by_scene(scene) if scene else None
    if unit:
        draft.change(unit=unit.id)
        draft.led_to(f"station {unit.id}")
    elif scene:
        service = draft.facts.snapshots.services.named(fold(scene))
        if service:
            open_service(draft, service)
            return
    service = draft.service()
    if draft.at_form and service is not None:
        if unit and unit.level in {"community", "grid"}:
            draft.change_form(scanned=unit.id)
            in_form.take_scanned(draft, service, unit)
            draft.say("took_unit", words=theirs(unit.name))
        elif unit:
            draft.say("scanned_unit", words=theirs(unit.name))
        asking.go_on(draft)
        return
    if followed and not unit:
        draft.say("followed")
    welcome.greet(draft)


def _tapped(draft: Draft, key: str) -> None:
    service = draft.facts.snapshots.services.named(fold(key))
    wish = command(key)
    if service and wish not in _COMMANDS_FIRST:
        open_service(draft, service)
    elif wish:
        commands.obey(draft, wish, key)
    else:
        welcome.greet(draft)


_COMMANDS_FIRST = frozenset({"human", "progress", "withdraw"})


def _said(draft: Draft, event: MemberSaid) -> None:
    if event.voice:
        draft.say("voice_heard", words=theirs(event.text))
    kind = alarm(event.folded)
    if kind:
        people.keep_waiting(draft)
        danger.alarm(draft, kind, event.text)
        return
    if has_id_number(event.text) and not in_form.asks_for_phone(draft):
        draft.say("id_hidden")
        if not draft.at_form:
            people.hear(draft, event)
        asking.go_on(draft)
        return
    wish = commands.wish(draft, event)
    if wish:
        commands.obey(draft, wish, event.text)
        return
    named = draft.facts.snapshots.services.named(event.folded.rstrip("。.!"))
    if named and named.does != "greet" and not draft.at_form:
        open_service(draft, named)
        return
    if questions.answer(draft, event):
        return
    if not draft.at_form and (answered.hear(draft, event) or beside.hear(draft, event)):
        return
    service = draft.service()
    if draft.at_form and service is not None:
        in_form.hear(draft, service, event, named)
    elif named:
        open_service(draft, named)
    else:
        fresh.hear(draft, event)
