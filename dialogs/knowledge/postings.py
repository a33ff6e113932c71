"""Which article holds which feature, and how much that weighs: BM25 (Robertson and Zaragoza, 2009) over two fields.

The wordings of the question and the answer each have their own saturation and length. An article
whose heading is only a citation (「民法典 第十条」) has no wordings: its text alone counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from dialogs.knowledge.article import Article
from dialogs.knowledge.starter import numbers, words
from dialogs.knowledge.words import Features

_CITATION = re.compile(r"第\s*[0-9〇零一二三四五六七八九十百千]+\s*条(之[一二三四五六七八九十]+)?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Postings:
    """`of`: feature → (place of the article, share of the score). `rarity`: feature → its idf; `unseen` for others.

    `asked`: by place, the features of the wordings; `spoken`: those of the whole article.
    """

    of: Mapping[str, Sequence[tuple[int, float]]]
    rarity: Mapping[str, float]
    unseen: float
    asked: Sequence[frozenset[str]]
    spoken: Sequence[frozenset[str]]

    def worth(self, features: Features) -> dict[str, float]:
        """Weigh features by how rare they are among the articles."""
        return {each: weight * self.rarity.get(each, self.unseen) for each, weight in features.items()}


def wordings(article: Article) -> tuple[str, ...]:
    """Give the ways in which an article's question is put; none if its heading is a citation."""
    cited = not article.alternatives and _CITATION.search(article.question)
    return () if cited else (article.question, *article.alternatives)


def build(articles: Sequence[Article]) -> Postings:
    """Count the articles and weigh what they hold."""
    questions = [_question(article) for article in articles]
    answers = [_answer(article) for article in articles]
    spoken = [frozenset(question) | frozenset(answer) for question, answer in zip(questions, answers, strict=True)]
    holders = Counter(each for one in spoken for each in one)
    total = len(articles)
    rarity = {each: log(1 + (total - held + 0.5) / (held + 0.5)) for each, held in holders.items()}
    return Postings(
        of=_shares(questions, answers, rarity, _common(holders, total)),
        rarity=rarity,
        unseen=log(1 + (total + 0.5) / 0.5),
        asked=[frozenset(question) for question in questions],
        spoken=spoken,
    )


def _question(article: Article) -> Features:
    first = numbers("weights")["question"]
    found: dict[str, float] = {}
    for rank, wording in enumerate(wordings(article)):
        for each, weight in words().phrase(wording).items():
            found[each] = found.get(each, 0.0) + weight * (1 if rank else first)
    return found


def _answer(article: Article) -> Features:
    return words().phrase(article.answer) if wordings(article) else words().text(article.answer)


def _common(holders: Mapping[str, int], total: int) -> frozenset[str]:
    # Characters that every fifth text has tell nothing, and are most of the work of a query.
    limit = numbers("weights")["common"] * total
    return frozenset(each for each, held in holders.items() if len(each) == 1 and held > limit)


def _shares(
    questions: Sequence[Features],
    answers: Sequence[Features],
    rarity: Mapping[str, float],
    common: frozenset[str],
) -> dict[str, list[tuple[int, float]]]:
    weights = numbers("weights")
    asked = _saturated(questions, weights["question_saturation"], weights["question_length"])
    told = _saturated(answers, weights["answer_saturation"], weights["answer_length"])
    found: dict[str, list[tuple[int, float]]] = {}
    for place, (ours, text) in enumerate(zip(asked, told, strict=True)):
        part = weights["answer"] if ours else 1.0
        for each in (ours.keys() | text.keys()) - common:
            share = ours.get(each, 0.0) + part * text.get(each, 0.0)
            found.setdefault(each, []).append((place, rarity[each] * share))
    return found


def _saturated(texts: Sequence[Features], k: float, b: float) -> list[dict[str, float]]:
    lengths = [sum(text.values()) for text in texts]
    mean = sum(lengths) / len(lengths) if sum(lengths) else 1.0
    return [
        {each: held * (k + 1) / (held + k * (1 - b + b * length / mean)) for each, held in text.items()}
        for text, length in zip(texts, lengths, strict=True)
    ]
