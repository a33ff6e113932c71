"""What was said, made ready for matching: folded once, marks apart, politeness taken off."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from dialogs.lexicon import packaged
from dialogs.text import fold

# Variation selectors, keycaps, skin tones and direction isolates change the look, never the meaning.
_DRESSING = re.compile("[\u061c\u2066-\u2069\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]")
_CIRCLED = re.compile("[\u2776-\u277e\u2780-\u2788\u278a-\u2792]")
_SPACE = re.compile(r"\s")
_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_EDGES = " \t\n\r\v\f，,。.、;；:：!！?？~～…·\"'“”‘’「」『』（）()【】[]《》<>*_-—|/\\"
_BREAKS = re.compile(r"[\s，,。.、;；:：!！?？~～…\"'“”‘’「」『』（）()【】\[\]《》—|]+")
_CIRCLED_STARTS = (0x2776, 0x2780, 0x278A)


@lru_cache(maxsize=512)
def said(text: str) -> str:
    """Fold for matching (see dialogs.text.fold); keycaps and circled figures become plain ones.

    Kept for the last few hundred texts: commands, danger words and the field read the same words
    one after the other.
    """
    folded = fold(text)
    if folded.isascii():
        return folded
    return _CIRCLED.sub(_plain_digit, _DRESSING.sub("", folded)).strip()


def _plain_digit(found: re.Match[str]) -> str:
    code = ord(found[0])
    return str(code - max(start for start in _CIRCLED_STARTS if start <= code) + 1)


def joined(text: str) -> str:
    """Take out the spaces that stand beside Chinese characters; those between figures and letters stay."""
    return _GAP.sub("", text) if _SPACE.search(text) else text  # most words have no spaces, and looking is cheap


def trimmed(text: str) -> str:
    """Take marks and spaces off both ends."""
    return text.strip(_EDGES)


def pieces(text: str) -> list[str]:
    """Split at marks and spaces into the pieces that were said, none of them empty."""
    return [piece for piece in _BREAKS.split(text) if piece]


def _by_letter(words: Iterable[str], place: int) -> Mapping[str, tuple[str, ...]]:
    """Sort words by their first or last character, longest first: most texts are done after one look."""
    found: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        found.setdefault(word[place], []).append(word)
    return {letter: tuple(each) for letter, each in found.items()}


@dataclass(frozen=True, slots=True)
class Wrapping:
    """Words that may stand before and after what is meant."""

    before: Mapping[str, tuple[str, ...]]
    after: Mapping[str, tuple[str, ...]]

    def starts(self, text: str) -> list[int]:
        """Give every place that is reached from the front by taking off whole words, 0 first."""
        places = [0]
        for here in places:
            for word in self.before.get(text[here : here + 1], ()):
                if here + len(word) not in places and text.startswith(word, here):
                    places.append(here + len(word))
        return places

    def ends(self, text: str) -> list[int]:
        """Give every place that is reached from the back by taking off whole words, the end first."""
        places = [len(text)]
        for here in places:
            for word in self.after.get(text[here - 1 : here], ()) if here else ():
                if here - len(word) not in places and text.endswith(word, 0, here):
                    places.append(here - len(word))
        return places

    def peeled(self, text: str) -> str:
        """Take off the longest word before and after, again and again, as long as something is left."""
        while True:
            start, end = self._front(text), self._back(text)
            less = trimmed(text[start : len(text) - end]) if start + end < len(text) else ""
            if not less or less == text:
                return text
            text = less

    def _front(self, text: str) -> int:
        return next((len(word) for word in self.before.get(text[:1], ()) if text.startswith(word)), 0)

    def _back(self, text: str) -> int:
        return next((len(word) for word in self.after.get(text[-1:], ()) if text.endswith(word)), 0)


def wrapping(before: Iterable[str], after: Iterable[str]) -> Wrapping:
    """Make a wrapping from two lists of words."""
    return Wrapping(_by_letter(before, 0), _by_letter(after, -1))


@cache
def _polite() -> Wrapping:
    words = packaged("answers")
    return wrapping(words.words("polite_before"), words.words("polite_after"))


def bare(text: str) -> str:
    """Take politeness and particles off both ends of a short answer: 「我选第二个吧，谢谢」 → 「第二个」."""
    return _polite().peeled(trimmed(joined(text)))
