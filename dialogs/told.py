"""What a member hears of what staff do with their case: where it went, until when, what is needed, who else does it."""

from __future__ import annotations

from datetime import datetime

from dialogs import people
from dialogs.desk.cases import Act, Grade
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, Moves
from dialogs.events import StaffActed
from dialogs.facts import KnownCase
from dialogs.matters import answered_by, signed_by
from dialogs.wording import Line, ours, theirs


def staff_acted(draft: Draft, event: StaffActed) -> None:
    """Do what a person decided about a case, and tell its member."""
    case = draft.case(event.number)
    if case is None or event.moves is None:
        return
    draft.urgent = case.grade is Grade.RED
    draft.do(
        ActOnCase(
            number=case.number,
            act=event.act,
            by=event.by,
            words=event.text,
            version=event.version,
            moves=event.moves,
            post=event.post,
            stands_for=event.stands_for,
        )
    )
    draft.asks = ("", case.number)
    match event.act:
        case Act.TRANSFER:
            _sent_on(draft, case, event.moves)
        case Act.GIVE_TIME:
            _later(draft, case, event.moves, event.text)
        case Act.PAUSE:
            _needed(draft, case, event)
        case Act.REFER:
            draft.say("case_referred", about=_about(draft, case), words=theirs(event.text))
            people.settled(draft, case)
        case Act.RESUME:
            draft.say("case_goes_on", about=_about(draft, case))
        case _:
            pass  # the others are between staff
    draft.led_to(event.act.value, case.number)


def _about(draft: Draft, case: KnownCase) -> Line:
    if case.service == "human":
        return draft.line("case_about_talk", number=case.number)
    return draft.line("case_about", title=ours(case.title), number=case.number)


def _sent_on(draft: Draft, case: KnownCase, moves: Moves) -> None:
    answer_by = moves.answer_by or case.answer_by
    draft.say(
        # A time that is over already is no promise any more.
        "case_sent_on" if answer_by > max(draft.now, _sign_by(case, moves)) else "case_sent_on_late",
        about=_about(draft, case),
        unit=theirs(draft.unit(moves.unit or case.unit).name),
        sign=signed_by(draft, _sign_by(case, moves)),
        answer=answered_by(draft, answer_by),
    )


def _sign_by(case: KnownCase, moves: Moves) -> datetime:
    return moves.sign_by or case.sign_by


def _later(draft: Draft, case: KnownCase, moves: Moves, why: str) -> None:
    draft.say(
        "case_later",
        about=_about(draft, case),
        before=answered_by(draft, case.answer_by, apart=True),
        answer=answered_by(draft, moves.answer_by or case.answer_by, apart=True),
    )
    if why:
        draft.say("case_later_why", words=theirs(why))


def _needed(draft: Draft, case: KnownCase, event: StaffActed) -> None:
    draft.say(
        "case_needs",
        unit=theirs(draft.unit(case.unit).name),
        post=ours(draft.facts.snapshots.rules.post(event.post)),
        about=_about(draft, case),
        words=theirs(event.text),
    )
    people.listen(draft, case, acknowledged=False)
