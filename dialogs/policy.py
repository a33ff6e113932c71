"""政策咨询: an article with its source, or a person. What is not certain is not answered."""

from __future__ import annotations

from dialogs import people
from dialogs.draft import Draft
from dialogs.knowledge import Answered, Article, HandOver, Unsure, find
from dialogs.wording import ours


def look_up(draft: Draft, text: str) -> Answered | Unsure | HandOver:
    """Look the words up among the articles as they stand today."""
    today = draft.now.astimezone(draft.facts.snapshots.rules.zone).date()
    return find(draft.facts.snapshots.articles, text, today)


def tell(draft: Draft, article: Article) -> None:
    """Say an article with its source and the day it was last checked."""
    draft.put(ours(article.answer))
    _rest_on(draft, article)


def tell_first(draft: Draft, article: Article) -> None:
    """Say an article though a person will answer as well."""
    draft.say("general_first", answer=ours(article.answer))
    _rest_on(draft, article)


def _rest_on(draft: Draft, article: Article) -> None:
    if article.confidence == "low":
        draft.say("answer_low")
    draft.say("basis", source=ours(article.source), checked=article.checked.isoformat())
    draft.led_to(f"article {article.id}")


def answer(draft: Draft, article: Article, text: str) -> None:
    """Answer a question that stands alone, and ask whether that settles it."""
    tell(draft, article)
    draft.say("solved_ask")
    draft.choose([draft.line("solved_yes"), draft.line("solved_no")])
    draft.ask("article_solved", ("yes", "no"), data=text)
    draft.change(misses=0)


def offer_articles(draft: Draft, articles: tuple[Article, ...], text: str) -> None:
    """Several articles may be meant: let the member choose."""
    draft.say("which_article")
    draft.choose([*(ours(article.question) for article in articles), draft.line("which_article_none")])
    draft.ask("which_article", (*(article.id for article in articles), "none"), data=text)
    draft.change(misses=0)


def hand_over(draft: Draft, found: HandOver, text: str) -> None:
    """Say why this is not for a machine to answer, who can, and offer to pass it on."""
    draft.put(ours(found.why))
    if found.general is not None:
        tell_first(draft, found.general)
    if not found.offer:
        return
    _offer(draft, text)
    draft.led_to(f"hand over {found.route}")


def _offer(draft: Draft, text: str) -> None:
    draft.say("hand_over_ask")
    draft.choose([draft.line("hand_over_yes"), draft.line("hand_over_no")])
    draft.ask("hand_over", ("yes", "no"), data=text)
    draft.change(misses=0)


def chosen(draft: Draft, code: str, text: str) -> None:
    """The member chose one of the offered articles, or none of them."""
    article = draft.facts.snapshots.articles.get(code)
    today = draft.now.astimezone(draft.facts.snapshots.rules.zone).date()
    if article is None:
        people.hand_over(draft, text)
    elif article.stands(today):
        answer(draft, article, text)
    else:
        draft.say("article_gone")
        _offer(draft, text)


def settled(draft: Draft, code: str, text: str) -> None:
    """The member said whether the answer settled it."""
    if code == "yes":
        draft.say("solved_thanks")
        draft.change(question=None)
        draft.led_to("article solved")
    else:
        people.hand_over(draft, text)
