"""The member's own matters: where they stand, 进度查询 and 撤回."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dialogs.desk.cases import OPEN, UNSETTLED, Act, Status
from dialogs.desk.deadlines import say_day_of, say_moment
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, CancelReminders
from dialogs.facts import KnownCase
from dialogs.wording import Line, ours, theirs

SHOWN = 5


def status_line(draft: Draft, case: KnownCase) -> Line:
    """Where a case stands, who has it and by when, in one sentence."""
    rules = draft.facts.snapshots.rules
    key = f"status_{case.status}"
    late = case.sign_by if case.status == "accepted" else case.answer_by
    if case.status in OPEN and case.status is not Status.PAUSED and late < draft.now:
        key += "_late"
    return draft.line(
        key,
        unit=theirs(draft.unit(case.unit).name),
        post=ours(rules.post(case.post)),
        sign=signed_by(draft, case.sign_by),
        answer=answered_by(draft, case.answer_by),
    )


def signed_by(draft: Draft, at: datetime) -> Line:
    """By when it is taken up; a figure stands apart from the words before: 「民生岗 11 月 23 日」, 「民生岗明天」."""
    return _apart(say_moment(at, draft.now, draft.facts.snapshots.rules.calendar))


def answered_by(draft: Draft, at: datetime, *, apart: bool = False) -> Line:
    """By when it is answered; `apart` where words stand before it."""
    said = say_day_of(at, draft.now, draft.facts.snapshots.rules.calendar)
    return _apart(said) if apart else ours(said)


def _apart(said: str) -> Line:
    return ours(f" {said}" if said[:1].isdigit() else said)


def progress(draft: Draft, number: str = "") -> None:
    """Tell how one matter stands, or all that are not settled."""
    phone = draft.facts.snapshots.rules.centre.phone
    if number:
        case = draft.case(number)
        if case is None:
            draft.say("progress_not_yours", phone=phone)
        else:
            _line(draft, case)
        draft.led_to("progress", number if case else "")
        return
    cases = _newest(draft, UNSETTLED)[:SHOWN]
    draft.led_to("progress")
    if not cases:
        draft.say("progress_none")
        return
    if len(cases) > 1:
        draft.say("progress_head", count=str(len(cases)))
    for case in cases:
        _line(draft, case)


def _newest(draft: Draft, standing: Collection[Status]) -> list[KnownCase]:
    """Give the member's matters that stand so, the newest first."""
    cases = [case for case in draft.facts.cases if case.status in standing]
    return sorted(cases, key=lambda case: (case.opened, case.number), reverse=True)


def _line(draft: Draft, case: KnownCase) -> None:
    status = status_line(draft, case)
    draft.say("progress_line", number=case.number, title=ours(case.title), status=status)


def withdraw(draft: Draft, number: str = "") -> None:
    """Ask which matter to withdraw, and whether to."""
    cases = [case for case in _newest(draft, OPEN) if not number or case.number == number]
    if not cases:
        case = draft.case(number) if number else None
        if case:
            draft.say("withdraw_late", number=number, status=status_line(draft, case))
        else:
            draft.say("withdraw_none")
        return
    if len(cases) > 1:
        draft.say("withdraw_which")
        draft.choose([ours(f"{case.title}（{case.number}）") for case in cases[:SHOWN]])
        draft.ask("withdraw_which", [case.number for case in cases[:SHOWN]])
        return
    ask(draft, cases[0].number)


def ask(draft: Draft, number: str) -> None:
    """Ask once more: a withdrawal cannot be undone by the member."""
    case = draft.case(number)
    if case is None:
        draft.say("withdraw_none")
        return
    draft.say("withdraw_ask", title=ours(case.title), number=number)
    draft.choose([draft.line("withdraw_yes"), draft.line("withdraw_no")])
    draft.ask("withdraw", ("yes", "no"), number=number)


def withdrawn(draft: Draft, code: str, number: str) -> None:
    """Withdraw it, or keep it."""
    draft.change(question=None)
    case = draft.case(number)
    if code == "no":
        draft.say("withdraw_kept")
    elif case is None or case.status not in OPEN:
        draft.say("withdraw_none")
    else:
        draft.do(ActOnCase(number=number, act=Act.WITHDRAW), CancelReminders(number=number))
        draft.change(talking=tuple(each for each in draft.conversation.talking if each != number))
        draft.led_to("withdrawn", number)
        draft.say("withdrawn", number=number)
