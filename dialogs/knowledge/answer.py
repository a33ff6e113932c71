"""Answer, offer a choice, or hand over to a person. What is not certain is not answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import exp

from dialogs.knowledge import scope
from dialogs.knowledge.article import Article
from dialogs.knowledge.index import Index, Match
from dialogs.knowledge.scope import Intent
from dialogs.knowledge.starter import numbers, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """This article answers; `score` is how sure that is, 0..1."""

    article: Article
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """One of these articles (at most three, best first) may be meant: let the member choose."""

    candidates: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Not for a machine. `route` names who it is for, `why` is said to the member.

    `offer`: ask whether staff shall have it. `certain`: the words themselves say that it is out of
    scope, where otherwise nothing was found. `general`: the article with the general rule, which may be told first.
    """

    route: str
    why: str
    offer: bool
    certain: bool
    general: Article | None = None


@lru_cache(maxsize=2048)  # pure, and many people ask the same
def find(index: Index, query: str, today: date) -> Answered | Unsure | HandOver:
    """Look a question up as things stand today (a day of the centre's own calendar)."""
    exact = index.exact(query)
    if exact is not None:
        return Answered(article=exact, score=1.0) if exact.stands(today) else _over(scope.packaged().expired)
    matches = index.match(query)
    clear = _clear(query, matches)
    intent = scope.packaged().intent(query)
    # A danger has had its own answer before anyone looks here; what is left may ask about 工伤 or 家暴.
    if intent is not None and not (intent.danger and clear):
        return _over(intent, certain=True, general=_general(intent, matches, today))
    return _settle(matches, clear, today)


def _clear(query: str, matches: list[Match]) -> bool:
    """Tell whether the first article is meant, and none of the others."""
    levels = numbers("confidence")
    sure = [sureness(each) for each in matches]
    if not sure or sure[0] < levels["answer"] or sure[0] - max(sure[1:], default=0.0) < levels["apart"]:
        return False
    return matches[0].lead >= levels["ahead"] or not words().bare_topic(query)


def _settle(matches: list[Match], clear: bool, today: date) -> Answered | Unsure | HandOver:
    sure = sureness(matches[0]) if matches else 0.0
    if sure < numbers("confidence")["suggest"]:
        return _over(scope.packaged().default)
    best = matches[0].article
    if not best.stands(today):
        return _over(scope.packaged().expired)
    if clear:
        return Answered(article=best, score=sure)
    return Unsure(candidates=tuple(each.article for each in matches if each.article.stands(today)))


def warm(index: Index) -> None:
    """Build the index and read the word lists now (half a second), so that the first member need not wait."""
    find(index, "暖", date.min)


def near(index: Index, text: str, today: date | None = None) -> list[Article]:
    """Give at most three articles that the words may be about, best first, for 「我想您是在说…」.

    With `today`, those that stand.
    """
    level = numbers("confidence")["near"]
    found = (each.article for each in index.match(text) if sureness(each) >= level)
    return [article for article in found if today is None or article.stands(today)]


def sureness(match: Match) -> float:
    """Tell how sure it is that this article is the one meant, 0..1."""
    parts = numbers("confidence")
    said = parts["likeness"] * match.likeness + parts["covered"] * match.covered + parts["lead"] * match.lead
    about = parts["theirs"] * match.theirs + parts["ours"] * match.ours + parts["kind"] * match.kind
    return 1 / (1 + exp(-(parts["bias"] + said + about)))


def _general(intent: Intent, matches: list[Match], today: date) -> Article | None:
    if not intent.general or not matches or sureness(matches[0]) < numbers("confidence")["suggest"]:
        return None
    return matches[0].article if matches[0].article.stands(today) else None


def _over(intent: Intent, *, certain: bool = False, general: Article | None = None) -> HandOver:
    return HandOver(route=intent.route, why=intent.why, offer=intent.offer, certain=certain, general=general)
