"""Words that answer nothing that was asked: a case number, thanks, a trouble, a service, a question; or a miss."""

from __future__ import annotations

from dialogs import answered, guessing, matters, people, policy, welcome
from dialogs.catalogue import Service
from dialogs.classify import is_trouble, propose
from dialogs.draft import Draft
from dialogs.events import MemberSaid
from dialogs.fields.heard import farewell, how, thanks
from dialogs.knowledge import Answered, HandOver, Unsure, is_question
from dialogs.numbers import parse
from dialogs.opening import open_service
from dialogs.wording import ours


def hear(draft: Draft, event: MemberSaid) -> None:
    """Find out what is wanted, from what is surest to what is likely."""
    services = draft.facts.snapshots.services
    number = parse(event.text)
    if number:
        matters.progress(draft, number)
        return
    if thanks(event.text) or farewell(event.text):
        draft.say("welcome_back" if thanks(event.text) else "farewell")
        return
    trouble, asking = is_trouble(event.text, draft.facts.snapshots.rules), is_question(event.text)
    help_service = services.current.get("help")
    if trouble and not asking and help_service:
        _report(draft, help_service, event.text)
        return
    heard = services.heard(event.folded)
    if heard and not asking:
        open_service(draft, heard)
        return
    found = policy.look_up(draft, event.text)
    if heard and how(event.text) and isinstance(found, HandOver) and not found.certain:
        open_service(draft, heard)  # 「怎么报到」
        return
    match found:
        case Answered(article=article):
            policy.answer(draft, article, event.text)
        case HandOver() if asking or found.certain:
            policy.hand_over(draft, found, event.text)
        case _ if trouble and help_service:
            _report(draft, help_service, event.text)
        case Unsure(candidates=candidates) if asking:
            policy.offer_articles(draft, candidates, event.text)
        case Unsure(candidates=candidates) if _topic(draft, event.text):
            policy.offer_articles(draft, candidates, event.text)
        case _ if help_service and not asking and _sure_matter(draft, event.text):
            _report(draft, help_service, event.text)
        case _:
            _missed(draft, event)


def _report(draft: Draft, help_service: Service, text: str) -> None:
    """Begin to register a trouble, unless it may be about the matter that was answered last."""
    if not answered.offer(draft, text):
        open_service(draft, help_service, text)


def _topic(draft: Draft, text: str) -> bool:
    """Whether the words only name something of which articles speak, and that is no trouble by nature (「党费」)."""
    rules = draft.facts.snapshots.rules
    found = propose(text, rules) if len(text) < rules.everyday.short and _sure_matter(draft, text) else []
    top = rules.categories.top_of(found[0].key) if found else None
    return top is not None and not top.trouble


def _sure_matter(draft: Draft, text: str) -> bool:
    """Whether the words name a kind of matter beyond doubt, though they complain of nothing (「想申请廉租房」)."""
    rules = draft.facts.snapshots.rules
    found = propose(text, rules)
    return bool(found) and found[0].score >= rules.lexicon.sure


def _missed(draft: Draft, event: MemberSaid) -> None:
    """Not understood: what it might be, then what can be done, then a person."""
    if answered.offer(draft, event.text):
        return
    if people.one_too_many(draft):
        people.hand_over(draft, event.text, opening="miss_human")
        return
    if guessing.again(draft) if draft.conversation.misses > 1 else guessing.guess(draft, event.text):
        return
    if not draft.conversation.greeted:
        welcome.greet(draft)
        return
    draft.say("miss_one", example=ours("我要报到"))
    welcome.entries(draft)
