"""The articles as an index in memory: which of them speak of what was asked, best first, and how well they fit."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from math import fsum, sqrt

from dialogs.knowledge.article import Article
from dialogs.knowledge.postings import Postings, build, wordings
from dialogs.knowledge.starter import numbers, sounds, words
from dialogs.knowledge.words import ASKING, CONCEPT, MARKS, Features, Sounds
from dialogs.text import fold

_PUNCTUATION = re.compile(r"[\W_]+")
_DEEP = 10
_EVEN = 0.5
"""Where nothing is known to be about anything: neither for nor against."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article beside a question. `score` only orders; the rest are shares, 0..1, weighed by rarity.

    `likeness`: what the question and the best wording have in common. `covered`: how much of the
    question the whole article speaks of. `lead`: how far it is ahead of the next article. `theirs`:
    how much of what the question is about, the wordings are about; `ours`: the other way round.
    `kind`: how far the wordings ask in the same way (where, how long, how).
    """

    article: Article
    score: float
    likeness: float
    covered: float
    lead: float
    theirs: float
    ours: float
    kind: float


@dataclass(frozen=True, slots=True)
class _Said:
    """Words with their weights, their worth (weight by rarity), and those of them that say what they are about."""

    weights: Features
    worth: Mapping[str, float]
    whole: float
    about: Mapping[str, float]


class Index:
    """Articles, searchable. Built on first use, so that making one costs nothing."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = tuple(articles)
        self._places = {article.id: place for place, article in enumerate(self.articles)}

    def get(self, identity: str) -> Article | None:
        """Give an article by its id."""
        place = self._places.get(identity)
        return None if place is None else self.articles[place]

    def exact(self, text: str) -> Article | None:
        """Give the article that has these very words as one of its wordings, punctuation and script aside."""
        return self._exact.get(_bare(text))

    def rank(self, query: str, k: int = 10) -> list[tuple[str, float]]:
        """Give the ids and scores of the best `k` articles, best first. Scores are only for ordering."""
        best = [(self.articles[place].id, score) for score, place in self._best(self._heard(query), k)]
        exact = self.exact(query)
        if exact is None:
            return best
        top = best[0][1] if best else 1.0
        return [(exact.id, top), *(each for each in best if each[0] != exact.id)][:k]

    def match(self, query: str, k: int = 3, *, without: str = "") -> list[Match]:
        """Give the best `k` articles with how well each fits; `without` leaves one article out."""
        asked = self._heard(query)
        best = [each for each in self._best(asked, k + 2) if self.articles[each[1]].id != without]
        following = [score for score, _ in best[1:]] + [0.0]
        return [
            self._match(asked, place, score, (score - after) / score)
            for (score, place), after in zip(best[:k], following, strict=False)
        ]

    def _match(self, asked: _Said, place: int, score: float, lead: float) -> Match:
        likeness, ours = self._wording(asked, place)
        kind = {each: worth for each, worth in asked.worth.items() if each[0] == ASKING}
        return Match(
            article=self.articles[place],
            score=score,
            likeness=likeness,
            covered=_held(asked.worth, self._postings.spoken[place]),
            lead=lead,
            theirs=_held(asked.about, self._postings.asked[place]),
            ours=ours,
            kind=_held(kind, self._postings.asked[place]),
        )

    def _heard(self, query: str) -> _Said:
        return self._said(words().mended(query, self._sounds))

    def _said(self, weights: Features) -> _Said:
        worth = self._postings.worth(weights)
        about = {each: share for each, share in worth.items() if each[0] == CONCEPT}
        return _Said(weights, worth, sum(worth.values()), about)

    def _best(self, asked: _Said, k: int) -> list[tuple[float, int]]:
        scores = [0.0] * len(self.articles)
        for feature, weight in asked.weights.items():
            for place, share in self._postings.of.get(feature, ()):
                scores[place] += weight * share
        first = nlargest(max(k, _DEEP), range(len(scores)), key=scores.__getitem__)
        weighed = sorted(((scores[place] * self._fit(asked, place), -place) for place in first), reverse=True)
        return [(score, -place) for score, place in weighed[:k] if score]

    def _fit(self, asked: _Said, place: int) -> float:
        weights = numbers("weights")
        likeness, ours = self._wording(asked, place)
        return 1 + weights["fit_likeness"] * likeness + weights["fit_ours"] * ours

    def _wording(self, asked: _Said, place: int) -> tuple[float, float]:
        """Give the likeness of the best wording, and how far the least special wording is about what was asked."""
        said = self._wordings[place]
        likeness = max((_alike(asked, each) for each in said), default=0.0)
        return likeness, max((_held(each.about, asked.worth) for each in said), default=_EVEN)

    # -- building, each on first use
    @cached_property
    def _postings(self) -> Postings:
        return build(self.articles)

    @cached_property
    def _wordings(self) -> Sequence[Sequence[_Said]]:
        return [[self._said(words().asked(each)) for each in wordings(article)] for article in self.articles]

    @cached_property
    def _exact(self) -> Mapping[str, Article]:
        found: dict[str, Article] = {}
        for article in self.articles:
            for wording in (article.question, *article.alternatives):
                found.setdefault(_bare(wording), article)
        found.pop("", None)
        return found

    @cached_property
    def _sounds(self) -> Sounds:
        rarity = self._postings.rarity
        pairs = (each for each in rarity if len(each) == 2 and each[0] not in MARKS)
        return sounds().among(sorted(pairs, key=lambda each: (rarity[each], each)))


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", fold(text))


def _alike(asked: _Said, wording: _Said) -> float:
    # Forty wordings are laid beside a question. fsum, because a set has no order and the sum must not depend on one.
    both = fsum(map(asked.worth.__getitem__, asked.worth.keys() & wording.worth.keys()))
    whole = asked.whole * wording.whole
    return both / sqrt(whole) if whole else 0.0


def _held(worth: Mapping[str, float], held: Container[str]) -> float:
    whole = sum(worth.values())
    return sum(share for each, share in worth.items() if each in held) / whole if whole else _EVEN
