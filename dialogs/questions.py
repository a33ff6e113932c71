"""Numbered questions outside a form: which option an answer chooses, and what follows."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs import answered, fresh, matters, opening, people, policy, welcome
from dialogs.conversation import Question
from dialogs.draft import Draft
from dialogs.effects import KeepMedia
from dialogs.events import MemberSaid
from dialogs.fields import READERS, WORDS_ALONE, Asked
from dialogs.forms import starting
from dialogs.text import fold
from dialogs.understand import digit
from dialogs.wording import ours


def answer(draft: Draft, event: MemberSaid) -> bool:
    """Take words as the answer to the question that was last put. False: they are none."""
    question = draft.conversation.question
    if question is None or (draft.at_form and question.kind != "resume"):
        return False
    code = _code(draft, question, event)
    if code is None:
        return False
    draft.change(question=None, misses=0)
    _follow(draft, question, code)
    return True


def _code(draft: Draft, question: Question, event: MemberSaid) -> str | None:
    """The code word of the option that the member chose, by number or by its words."""
    place = digit(event.folded, len(question.options))
    if place is None:
        place = _by_words(draft, question, event)
    return question.options[place] if place is not None and place < len(question.options) else None


_LABELS: dict[str, tuple[str, ...]] = {
    "resume": ("resume_go_on", "resume_again", "resume_drop"),
    "solved": ("rate_yes", "rate_no", "rate_partly"),
    "article_solved": ("solved_yes", "solved_no"),
    "hand_over": ("hand_over_yes", "hand_over_no"),
    "withdraw": ("withdraw_yes", "withdraw_no"),
    "about_case": ("about_case_yes", "about_case_no"),
    "already": ("already_progress", "already_again"),
    "voice": ("voice_choice_human", "voice_choice_type"),
    "contact": ("contact_fine", "contact_moved", "contact_need"),
    "satisfied": ("rate_5", "rate_4", "rate_3", "rate_2", "rate_1"),
}
_SHORT = 20  # longer words are a story of their own, not a choice
_YES_NO = frozenset({"article_solved", "hand_over", "withdraw", "solved", "about_case"})


def _by_words(draft: Draft, question: Question, event: MemberSaid) -> int | None:
    labels = tuple(draft.line(key).template for key in _LABELS.get(question.kind, ()))
    if question.kind == "satisfied":
        grade = READERS["rating"](event.text, WORDS_ALONE)
        return 5 - grade if isinstance(grade, int) else None
    if question.kind == "withdraw_which":
        return _titled(draft, question.options, event.folded)
    if question.options[-1:] == ("none",):
        labels = tuple(_called(draft, code) for code in question.options)
    if not labels:
        return None
    exact = next((place for place, label in enumerate(labels) if fold(label) == event.folded.rstrip("。.!了")), None)
    if exact is not None:
        return exact
    if question.kind in _YES_NO:
        if question.kind == "article_solved" and event.folded.startswith(("没解决", "没有解决", "还没", "没有")):
            return 1
        said = READERS["confirm"](event.text, WORDS_ALONE)
        return None if said is None else 0 if said else 1
    chosen = READERS["choice"](event.text, Asked(options=labels))
    return chosen if isinstance(chosen, int) else None


def _titled(draft: Draft, numbers: Sequence[str], folded: str) -> int | None:
    """The one case whose title the member says: 「停电那个」."""
    named = [n for n, number in enumerate(numbers) if (case := draft.case(number)) and fold(case.title) in folded]
    return named[0] if len(named) == 1 and len(folded) <= _SHORT else None


def _called(draft: Draft, code: str) -> str:
    """What an offered article or service is called, for a member who says it instead of its number."""
    article, service = draft.facts.snapshots.articles.get(code), draft.facts.snapshots.services.current.get(code)
    return article.question if article else service.title if service else draft.line("category_other").template


def _follow(draft: Draft, question: Question, code: str) -> None:
    services = draft.facts.snapshots.services
    match question.kind:
        case "menu":
            service = services.current.get(code)
            if service:
                opening.open_service(draft, service)
            else:
                welcome.greet(draft)
        case "resume":
            _resumed(draft, code)
        case "already":
            _already(draft, code, question)
        case "article_solved":
            policy.settled(draft, code, question.data)
        case "which_article":
            policy.chosen(draft, code, question.data)
        case "guess":
            _guessed(draft, code, question.data)
        case "hand_over":
            if code == "yes":
                people.hand_over(draft, question.data)
            else:
                draft.say("hand_over_declined")
        case "voice":
            _passed_on(draft, code, question.data)
        case "withdraw_which":
            matters.ask(draft, code)
        case "withdraw":
            matters.withdrawn(draft, code, question.number)
            welcome.resting(draft)
        case "solved":
            people.rated_solved(draft, code, question.number)
        case "satisfied":
            people.rated_satisfied(draft, int(code) if code.isdigit() else 3, question.number)
        case "contact":
            _contacted(draft, code)
        case "about_case":
            _about_case(draft, code, question)
        case _:
            welcome.greet(draft)


def _passed_on(draft: Draft, code: str, media: str) -> None:
    """A recording that nobody could read goes to a person with the case, or the member types."""
    if code != "human":
        draft.say("retry_text")
        return
    people.hand_over(draft)
    if media and draft.conversation.talking:
        draft.do(KeepMedia(media=media, what="voice", number=draft.conversation.talking[-1]))


def _resumed(draft: Draft, code: str) -> None:
    service = draft.service()
    if service is None or code == "drop":
        name = service.name if service else ""
        draft.change(form=None)
        draft.say("cancelled", service=ours(name))
    elif code == "again":
        starting.begin(draft, draft.facts.snapshots.services.current.get(service.service, service))
    else:
        welcome.wake(draft)


def _already(draft: Draft, code: str, question: Question) -> None:
    service = draft.facts.snapshots.services.current.get(question.data)
    if code == "again" and service:
        starting.begin(draft, service)
    else:
        matters.progress(draft, question.number)


def _guessed(draft: Draft, code: str, text: str) -> None:
    service = draft.facts.snapshots.services.current.get(code)
    if service:
        opening.open_service(draft, service)
    else:
        policy.chosen(draft, code, text)


def _about_case(draft: Draft, code: str, question: Question) -> None:
    """What was said is about the answered matter, or is heard as if that were not there."""
    event = MemberSaid(text=question.data, folded=fold(question.data))
    if code == "yes":
        answered.told(draft, question.number, event)
    else:
        answered.forget(draft)
        fresh.hear(draft, event)


def _contacted(draft: Draft, code: str) -> None:
    service = draft.facts.snapshots.services.current.get("check_in")
    if code == "moved" and service:
        starting.begin(draft, service)
    elif code == "need":
        welcome.menu(draft)
    else:
        draft.say("contact_thanks", months="3")
