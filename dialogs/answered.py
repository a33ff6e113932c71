"""What is said of a matter that has its answer: that it is not solved, that it is, or it may be about it.

A complaint after an answer must reach the person whose answer it was, in whatever words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal

from dialogs import people
from dialogs.classify import propose
from dialogs.desk.cases import Act, Status
from dialogs.draft import Draft
from dialogs.effects import ActOnCase, KeepMedia
from dialogs.events import MemberSaid
from dialogs.facts import KnownCase
from dialogs.lexicon import either, packaged
from dialogs.said import bare, joined, pieces, said
from dialogs.wording import ours

Verdict = Literal["", "yes", "no"]


@dataclass(frozen=True, slots=True)
class _Words:
    within: timedelta
    unsolved: re.Pattern[str]
    unsolved_whole: frozenset[str]
    solved: tuple[str, ...]
    asking: tuple[str, ...]


@cache
def _words() -> _Words:
    words = packaged("answered")
    return _Words(
        within=timedelta(days=words.number("days")),
        unsolved=re.compile(either(words.words("unsolved"))),
        unsolved_whole=frozenset(words.words("unsolved_whole")),
        solved=words.words("solved"),
        asking=words.words("asking"),
    )


def verdict(text: str) -> Verdict:
    """Tell whether words say that something is solved, that it is not, or neither."""
    heard, words = joined(said(text)), _words()
    if words.unsolved.search(heard) or bare(heard) in words.unsolved_whole:
        return "no"
    if heard.endswith(words.asking):
        return ""
    return "yes" if any(bare(piece).endswith(words.solved) for piece in pieces(heard)) else ""


def hear(draft: Draft, event: MemberSaid) -> bool:
    """Take words that say whether the matter answered last is solved. False: they say nothing of it."""
    case, says = last(draft), verdict(event.text)
    if case is None or not says or _another(draft, case, event.text):
        return False
    if _asked_of_another(draft) or (says == "no" and case.solved == "yes"):
        if says == "no":
            ask(draft, case, event.text)
        return says == "no"
    if says == "no":
        not_solved(draft, case, event)
        return True
    if case.solved == "yes":
        return False
    people.rated_solved(draft, "yes", case.number)
    return True


def hear_as_matter(draft: Draft, event: MemberSaid) -> bool:
    """Take a complaint that was begun as a matter of its own though it is of the answer: its form is not needed."""
    case, form = last(draft), draft.form
    if case is None or form is None or verdict(event.text) != "no" or _another(draft, case, event.text):
        return False
    draft.change(form=None)
    draft.keep_photos(*form.media, number=case.number)
    not_solved(draft, case, event)
    return True


def offer(draft: Draft, text: str) -> bool:
    """Ask whether words that nobody else understands are about the matter answered last. False if there is none."""
    case = last(draft)
    if case is None or case.solved == "yes" or _another(draft, case, text):
        return False
    ask(draft, case, text)
    return True


def ask(draft: Draft, case: KnownCase, text: str) -> None:
    """Ask whether words are about an answered matter."""
    draft.say("about_case", title=ours(case.title), number=case.number)
    draft.choose([draft.line("about_case_yes"), draft.line("about_case_no")])
    draft.ask("about_case", ("yes", "no"), number=case.number, data=text)


def told(draft: Draft, number: str, event: MemberSaid) -> None:
    """The member says that their words were about this matter."""
    case = draft.case(number)
    if case is None or case.status not in people.RATED:
        people.hear(draft, event)
    elif case.status is Status.ANSWERED and verdict(event.text) != "no":
        draft.do(ActOnCase(number=number, act=Act.ADD, words=event.text))
        draft.led_to("added", number)
        draft.say("answered_added", number=number)
    else:
        not_solved(draft, case, event)


def forget(draft: Draft) -> None:
    """The member speaks of something else: the answered matter is offered no more."""
    draft.change(answered="", answered_at=None)


def not_solved(draft: Draft, case: KnownCase, event: MemberSaid) -> None:
    """Open the matter again, with what the member says of it."""
    people.reopen(draft, case, words=event.text)
    if event.media:
        draft.do(KeepMedia(media=event.media, what="voice", number=case.number))
    draft.say("reopened_told")


def last(draft: Draft) -> KnownCase | None:
    """The matter answered last, if that is not long ago and no person is talking with the member since."""
    number, at, question = draft.conversation.answered, draft.conversation.answered_at, draft.conversation.question
    case = draft.case(number) if number and at and draft.now - at <= _words().within else None
    if case is None or case.status not in people.RATED:
        return None
    asked = question is not None and question.kind == "solved" and question.number == number
    return case if asked or people.talking(draft) is None else None


_OF_THIS = frozenset({"solved", "satisfied", "menu", "guess"})


def _asked_of_another(draft: Draft) -> bool:
    """Whether a question about something else stands, which the words may mean."""
    question = draft.conversation.question
    return question is not None and question.kind not in _OF_THIS


def _another(draft: Draft, case: KnownCase, text: str) -> bool:
    """Whether the words are surely about another kind of matter. A talk may have been about any."""
    rules = draft.facts.snapshots.rules
    found = propose(text, rules)
    sure = bool(found) and found[0].score >= rules.lexicon.sure
    return sure and not case.talk and all(each.key != case.category for each in found)
