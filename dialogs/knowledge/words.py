"""Words as the index counts them: characters, pairs of characters, and what they mean.

No dictionary cuts the text into words: on the statute questions, pairs of characters do better than
a segmenter's words, and cost no memory. Meanings come from a list of ways of saying the same thing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dialogs.lexicon import either
from dialogs.text import fold

CONCEPT, ASKING = "#", "?"
MARKS = CONCEPT + ASKING
"""First letters of features that are no text: a meaning, and a kind of question (where, how long…)."""

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z]+|[0-9]+")

Features = Mapping[str, float]
"""Feature → weight."""


class Words:
    """Turns a text into weighted features. `concepts` and `asking`: meaning → the ways of saying it."""

    def __init__(
        self,
        concepts: Mapping[str, Iterable[str]],
        asking: Mapping[str, Iterable[str]],
        weights: Mapping[str, float],
    ) -> None:
        self._char, self._pair = weights["char"], weights["pair"]
        self._weights = {CONCEPT: weights["concept"], ASKING: weights["asking"]}
        self._questions = {CONCEPT: weights["query_concept"], ASKING: weights["query_asking"]}
        self._longest = int(weights["longest"])
        self._meanings: dict[str, list[str]] = {}
        for mark, table in ((CONCEPT, concepts), (ASKING, asking)):
            for meaning, ways in table.items():
                for way in ways:
                    self._meanings.setdefault(way, []).append(mark + meaning)
        self._ways = re.compile(either(self._meanings))

    def text(self, text: str) -> dict[str, float]:
        """Count the characters and pairs of a text; figures and Latin words count whole."""
        return self._text(fold(text))

    def _text(self, folded: str) -> dict[str, float]:
        found: Counter[str] = Counter()
        for run in _RUN.findall(folded):
            if run[0].isascii():
                found[run] += 1
                continue
            found.update(run)
            found.update(run[place : place + 2] for place in range(len(run) - 1))
        return {each: count * self._weight(each) for each, count in found.items()}

    def _weight(self, feature: str) -> float:
        return self._char if len(feature) == 1 and not feature.isascii() else self._pair

    def meanings(self, folded: str) -> set[str]:
        """Give what a folded text speaks of, the longest way of saying it first."""
        return {meaning for found in self._ways.finditer(folded) for meaning in self._meanings[found[0]]}

    def phrase(self, text: str) -> dict[str, float]:
        """Count a text with what it means: characters, pairs and meanings."""
        folded = fold(text)
        return self._text(folded) | {each: self._weights[each[0]] for each in self.meanings(folded)}

    def bare_topic(self, text: str) -> bool:
        """Tell whether the text only names a thing (「介绍信」) and asks nothing about it."""
        found = self._ways.fullmatch(fold(text[: self._longest]))
        return found is not None and any(each[0] == CONCEPT for each in self._meanings[found[0]])

    def asked(self, text: str) -> dict[str, float]:
        """Weigh a question: each feature once. Only the beginning of a very long text counts."""
        return self._asked(fold(text[: self._longest]))

    def _asked(self, folded: str) -> dict[str, float]:
        plain = {each: self._weight(each) for each in self._text(folded)}
        return plain | {each: self._questions[each[0]] for each in self.meanings(folded)}

    def mended(self, text: str, sounds: Sounds) -> dict[str, float]:
        """Weigh a question, and what it would be with words of the same sound put right (「党废」)."""
        folded = fold(text[: self._longest])
        mended = sounds.mend(folded)
        return self._asked(folded) if mended == folded else self._asked(folded) | self._asked(mended)


class Sounds:
    """Characters that sound alike, one text of them a sound; and the known pairs that a wrong pair may stand for."""

    def __init__(self, groups: Iterable[str], known: Sequence[str] = ()) -> None:
        self._groups = tuple(groups)
        self._sound = {char: group[0] for group in self._groups for char in group}
        self._known = frozenset(known)
        self._pairs: dict[str, str] = {}
        for pair in known:
            sound = self._of(pair)
            if sound:
                self._pairs.setdefault(sound, pair)

    def among(self, known: Sequence[str]) -> Sounds:
        """Give the same table for these known pairs, the likelier first."""
        return Sounds(self._groups, known)

    def mend(self, folded: str) -> str:
        """Write pairs that are not known as known pairs of the same sound."""
        for place in range(len(folded) - 1):
            meant = self._meant(folded, place)
            if meant:
                folded = folded[:place] + meant + folded[place + 2 :]
        return folded

    def _meant(self, folded: str, place: int) -> str | None:
        pair = folded[place : place + 2]
        meant = None if pair in self._known else self._pairs.get(self._of(pair))
        if meant is None:
            return None
        # A character that makes a known word with its other neighbour is no slip: 「是」 in 「力学是什么」.
        changed = [place + each for each in (0, 1) if meant[each] != pair[each]]
        beside = (folded[at - 1 : at + 1] if at == place else folded[at : at + 2] for at in changed)
        return None if any(each in self._known for each in beside) else meant

    def _of(self, pair: str) -> str:
        sounds = [self._sound.get(char, "") for char in pair]
        return "".join(sounds) if len(sounds) == 2 and all(sounds) else ""
