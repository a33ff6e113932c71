"""Danger words: whom a member must call first. Runs before everything, on typed and on spoken words.

A miss is worse than an alarm too many, but jokes (热死我了), crowds (生意火爆), prevention, films and
what is long settled are none. Words and exceptions are data, in rules/emergency.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import cast

from dialogs import lexicon
from dialogs.lexicon import Lexicon, either
from dialogs.said import said

_PAUSE = re.compile(r"[\s，,。.、;；:：!！?？~～…\"'“”‘’「」()（）【】]+")
_LOOK_BACK = 8


@dataclass(frozen=True, slots=True)
class _Context:
    """Words about the whole message that take the alarm away for some kinds."""

    pattern: re.Pattern[str]
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dangers:
    """The danger words of one list, ready to match."""

    any: re.Pattern[str]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    harmless: re.Pattern[str]
    denied: re.Pattern[str]
    guarded: re.Pattern[str]
    guarded_kinds: frozenset[str]
    asking: re.Pattern[str]
    contexts: tuple[_Context, ...]
    now: re.Pattern[str]
    elsewhere_crisis: re.Pattern[str]
    weak: frozenset[str]
    nuisance: re.Pattern[str]
    part_of: Mapping[str, str]

    def find(self, text: str) -> str | None:
        """Find the gravest danger by the name of its script (see `alarm`); None if there is none."""
        heard = _PAUSE.sub(",", said(text))
        if not self.any.search(heard):
            return None
        plain = self.harmless.sub("_", heard)
        return next((kind for kind, pattern in self.kinds if self._present(kind, pattern, plain)), None)

    def _present(self, kind: str, pattern: re.Pattern[str], plain: str) -> bool:
        hits = [found for found in pattern.finditer(plain) if not self._waved_off(kind, plain, found)]
        return bool(hits) and not self._elsewhere(kind, plain)

    def _waved_off(self, kind: str, plain: str, found: re.Match[str]) -> bool:
        """Tell whether the words just before deny it (没有着火) or guard against it (怕着火)."""
        if found[0] in self.weak and self.nuisance.search(plain):
            return True
        before = plain[max(0, found.start() - _LOOK_BACK) : found.start()].rpartition(",")[2]
        between = found[found.lastindex] if found.lastindex else ""
        return any(self._denies(kind, words) for words in (before, between) if words)

    def _denies(self, kind: str, words: str) -> bool:
        if self.asking.search(words):
            return False
        return bool(self.denied.search(words) or (kind in self.guarded_kinds and self.guarded.search(words)))

    def _elsewhere(self, kind: str, plain: str) -> bool:
        """Tell whether the message speaks of a film, a course, the past, or what is settled."""
        if kind == "crisis":
            return self.elsewhere_crisis.search(plain) is not None
        about = any(kind in context.kinds and context.pattern.search(plain) for context in self.contexts)
        return about and not self.now.search(plain)


def load(words: Lexicon) -> Dangers:
    """Make the matcher from a word list (rules/emergency.yaml). Raises BadWordsError for a missing list."""
    kinds = words.words("order")
    shapes = {kind: "|".join(_shapes(words, kind)) for kind in kinds}
    everywhere = frozenset(kinds) - {"crisis"}
    return Dangers(
        any=re.compile(either(word for kind in kinds for word in _needed(words, kind))),
        kinds=tuple((kind, re.compile(shape)) for kind, shape in shapes.items()),
        harmless=re.compile("|".join([*words.patterns("harmless_shapes"), either(words.words("harmless"))])),
        denied=re.compile(rf"{either(words.words('denial'))}(?:有|再|去|发生|出现|要|想)?\Z"),
        guarded=re.compile(rf"{either(words.words('guard'))}(?:有|再|去|发生|出现|引起|引发|会)?\Z"),
        guarded_kinds=frozenset(words.words("guarded")),
        asking=re.compile(rf"{either(words.words('asking'))}\Z"),
        contexts=(
            _Context(re.compile(either(words.words("elsewhere"))), everywhere),
            *(_context(words, key) for key in ("past", "often", "settled")),
        ),
        now=re.compile(either(words.words("now"))),
        elsewhere_crisis=re.compile(either(words.words("elsewhere_crisis"))),
        weak=frozenset(words.words("weak")),
        nuisance=re.compile(either(words.words("nuisance"))),
        part_of=words.values("part_of"),
    )


def _context(words: Lexicon, key: str) -> _Context:
    return _Context(re.compile(either(words.words(key))), frozenset(words.words(f"{key}_for")))


def _kind(words: Lexicon, kind: str) -> tuple[list[str], list[tuple[str, str]], list[list[str]]]:
    """Give the parts of one kind: its words, its (needed words, shape), its pairs of words."""
    data = cast("Mapping[str, Mapping[str, Iterable[Iterable[object]]]]", words.data["kinds"])[kind]
    shapes = [(str(needed), str(shape)) for needed, shape in data.get("shapes") or ()]
    pairs = [[str(each) for each in pair] for pair in data.get("near") or ()]
    return str(data["words"]).split(), shapes, pairs


def _shapes(words: Lexicon, kind: str) -> Iterator[str]:
    """Give the patterns of one kind. Only the gap of a pair is a group, so that it can be looked at."""
    plain, shapes, pairs = _kind(words, kind)
    yield either(plain)
    yield from (shape for _, shape in shapes)
    for pair in pairs:
        first, second = either(pair[0].split()), either(pair[1].split())
        yield f"{first}(.{{0,{pair[2]}}}?){second}"
        if "both" in pair:
            yield f"{second}(.{{0,{pair[2]}}}?){first}"


def _needed(words: Lexicon, kind: str) -> Iterator[str]:
    """Give words of which any danger of the kind must hold one: a quick look spares most messages the rest."""
    plain, shapes, pairs = _kind(words, kind)
    yield from plain
    for needed, _ in shapes:
        yield from needed.split()
    for pair in pairs:
        yield from pair[1].split()


@cache
def packaged() -> Dangers:
    """The danger words that come with the program."""
    return load(lexicon.packaged("emergency"))


@lru_cache(maxsize=2048)  # pure, and most messages are the same few words
def alarm(text: str) -> str | None:
    """Find what has to be said about the danger in a text, raw or folded: its kind, or `missing` for a lost person."""
    return packaged().find(text)


def danger(text: str) -> str | None:
    """Find the danger in a text, raw or folded: one of the kinds that rules/emergency.yaml puts in order, or None."""
    found = alarm(text)
    return packaged().part_of.get(found, found) if found else None
