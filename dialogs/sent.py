"""What a member sends instead of words: a recording, a photo, a place on the map."""

from __future__ import annotations

from datetime import timedelta

from dialogs import answered, in_form, people, welcome
from dialogs.desk.cases import Act, Status
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, KeepMedia
from dialogs.events import MemberSent
from dialogs.facts import KnownCase
from dialogs.forms import asking, starting
from dialogs.wording import ours, theirs

JUST_FILED = timedelta(minutes=30)


def hear(draft: Draft, event: MemberSent) -> None:
    """Take what was sent: to a person, to the form in work, or as the beginning of something."""
    service = draft.service()
    at_work = draft.at_form and service is not None
    if not at_work and people.hear(draft, event):
        return
    if event.what in {"voice", "video"}:
        _unheard(draft, event, at_work=at_work)
    elif at_work and event.what in {"photo", "place"}:
        assert service is not None
        in_form.answer(draft, service, event)
    elif event.what == "photo":
        _photo(draft, event)
    elif event.what == "place":
        _place(draft, event)
    else:
        draft.say("unseen_other")
        asking.go_on(draft)


def _unheard(draft: Draft, event: MemberSent, *, at_work: bool) -> None:
    draft.do(KeepMedia(media=event.media, what="voice" if event.what == "voice" else "video"))
    draft.say("voice_kept")
    if at_work:
        draft.say("voice_form")
        asking.go_on(draft)
        return
    draft.choose([draft.line("voice_choice_human"), draft.line("voice_choice_type")])
    draft.ask("voice", ("human", "type"), data=event.media)


def _photo(draft: Draft, event: MemberSent) -> None:
    case = _just_spoken_of(draft)
    if case is not None:
        draft.do(ActOnCase(number=case.number, act=Act.ADD, words=draft.line("sent_photo").template))
        draft.keep_photos(event.media, number=case.number)
        draft.led_to("added", case.number)
        draft.say("photo_to_case", title=ours(case.title), number=case.number)
        return
    help_service = draft.facts.snapshots.services.current.get("help")
    if help_service is None:
        draft.say("unseen_other")
        return
    mark = len(draft.lines)
    starting.begin(draft, help_service)
    del draft.lines[mark:]
    draft.change_form(media=(event.media,))
    draft.keep_photos(event.media)
    draft.say("photo_kept")


def _just_spoken_of(draft: Draft) -> KnownCase | None:
    """The matter that a photo belongs to though nobody asked for it: registered just now, or answered lately."""
    filed = (case for case in draft.open_cases() if case.service == "help")
    newest = max(filed, key=lambda case: case.opened, default=None)
    if newest is not None and draft.now - newest.opened <= JUST_FILED:
        return newest
    case = answered.last(draft)
    return case if case is not None and case.status is Status.ANSWERED and case.solved != "yes" else None


def _place(draft: Draft, event: MemberSent) -> None:
    near = draft.facts.snapshots.units.nearest(event.latitude or 0.0, event.longitude or 0.0, "community")
    if near is None:
        welcome.greet(draft)
        return
    draft.change(unit=near[0].id)
    draft.say("place_seen", unit=theirs(near[0].name))
    welcome.entries(draft)
