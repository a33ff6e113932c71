"""Everyday words as one table that a text is run through once: which phrases stand in it, the longest first.

A phrase is a word (「路灯」) or several that must all be said (「灯+<坏>」, where `<坏>` is any of a set).
A word within a longer one that was found is not counted: 「电」 in 「电梯」 is no word about electricity. Only
where more must be said besides do two characters speak for themselves: 「老党员」 hides no 「党员+慰问」.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dialogs.text import fold


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """One entry: the first word, what else must be said anywhere in the text, and what it counts for.

    Compared by identity: a table is asked for every message, and hashing the words would cost more than finding them.
    """

    word: str
    others: tuple[tuple[str, ...], ...]
    owner: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class _Word:
    """A first word with all that hangs on it: phrases that need no more, and those that do."""

    word: str
    size: int
    alone: tuple[Phrase, ...]
    joined: tuple[Phrase, ...]


class Phrases:
    """Phrases by the first two characters of their first word (or the only one), longest word first."""

    __slots__ = ("_by_start",)

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        words: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            words.setdefault(phrase.word, []).append(phrase)
        table: dict[str, list[_Word]] = {}
        for word in sorted(words, key=len, reverse=True):
            alone = tuple(each for each in words[word] if not each.others)
            joined = tuple(each for each in words[word] if each.others)
            table.setdefault(word[:2], []).append(_Word(word, len(word), alone, joined))
        self._by_start = {start: tuple(many) for start, many in table.items()}

    def find(self, text: str) -> list[Phrase]:
        """Find every phrase of the text that is not within a longer one, each once; `text` is folded."""
        found: list[Phrase] = []
        seen: set[_Word] = set()
        said: dict[int, bool] = {}  # sets of words are shared, by identity: each is looked for once a text
        reached = 0  # the end of the longest word so far: what ends before it is within that word
        table = self._by_start
        for place in range(len(text)):
            longest = 0
            for start in (text[place : place + 2], text[place]):
                for word in table.get(start, ()):
                    if word in seen or not text.startswith(word.word, place):
                        continue
                    within = place + word.size <= reached or word.size < longest
                    if within and word.size == 1:
                        continue
                    seen.add(word)
                    if word.joined:
                        found += [each for each in word.joined if _all_said(each.others, text, said)]
                    if word.alone and not within:
                        longest = max(longest, word.size)
                        found += word.alone
            reached = max(reached, place + longest)
        return found


def _all_said(others: tuple[tuple[str, ...], ...], text: str, said: dict[int, bool]) -> bool:
    for words in others:
        if len(words) == 1:
            if words[0] not in text:
                return False
            continue
        known = said.get(id(words))
        if known is None:
            known = said[id(words)] = any(word in text for word in words)
        if not known:
            return False
    return True


class Dialect:
    """Everyday and dialect words put into the common ones before matching."""

    __slots__ = ("_common", "_pattern")

    def __init__(self, common: Mapping[str, str]) -> None:
        self._common = {fold(word): fold(meant) for word, meant in common.items()}
        words = sorted(self._common, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, words))) if words else None

    def common(self, text: str) -> str:
        """Give the text folded, in common words; for matching only."""
        folded = fold(text)
        if self._pattern is None:
            return folded
        return self._pattern.sub(lambda found: self._common[found[0]], folded)


def split(words: str) -> list[str]:
    """Give the words of a block, folded; repeated ones once."""
    return list(dict.fromkeys(fold(word) for word in words.split()))


def phrase(written: str, alike: Mapping[str, tuple[str, ...]], owner: int, weight: float) -> Phrase:
    """Read 「灯+<坏>」. A set may not come first unless it is expanded; ValueError names an unknown set."""
    word, *others = written.split("+")
    if not word or not all(others):
        raise ValueError(f"「{written}」的「+」两边都要有词")
    return Phrase(word, tuple(_any_of(part, alike) for part in others), owner, weight)


def expand(written: str, alike: Mapping[str, tuple[str, ...]]) -> list[str]:
    """「<老>+吃饭」 as one phrase for each word of the set; others as they are."""
    word, plus, rest = written.partition("+")
    if not word.startswith("<"):
        return [written]
    return [each + plus + rest for each in _any_of(word, alike)]


def _any_of(part: str, alike: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if not part.startswith("<"):
        return (part,)
    if part[1:-1] not in alike or not part.endswith(">"):
        raise ValueError(f"没有叫「{part}」的一组说法")
    return alike[part[1:-1]]
