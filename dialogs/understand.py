"""Commands that work at every moment, and bare option numbers.

A command is the whole of what was said, politeness aside. The same word inside a longer sentence
is part of a story (「我取消了预约怎么办」) and is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from dialogs.lexicon import Lexicon, either, packaged
from dialogs.numerals import whole
from dialogs.said import Wrapping, bare, joined, pieces, said, trimmed, wrapping

STANDARD = frozenset({"menu", "back", "cancel", "help", "human", "progress", "restart", "unsubscribe"})
"""The commands of every service desk; the others (withdraw, more, read, plain, forget) are this one's own."""

_LONGEST = 32
_ZERO = frozenset({"0", "零", "〇", "00", "0号"})


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of a word list, ready to match."""

    words: Mapping[str, str]
    polite: Wrapping
    asking: re.Pattern[str]
    dropped: re.Pattern[str]
    patterns: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...]
    reaching: re.Pattern[str]

    def find(self, text: str) -> str | None:
        """Find the command that this text is, if it is one. `text` may be raw or folded."""
        heard = said(text)
        if not heard or len(heard) > _LONGEST:
            return None
        exact = self.words.get(heard)
        if exact:
            return exact
        parts = [heard] if heard.isalnum() else pieces(heard)
        return self._plain("".join(parts)) or (self._reaching(parts) if len(parts) > 1 else None)

    def _plain(self, text: str) -> str | None:
        plain = self.dropped.sub("", text)
        question = self.asking.match(plain)
        return self._peeled(plain) or (self._peeled(question[1]) if question else None) or self._shaped(plain)

    def _reaching(self, parts: Iterable[str]) -> str | None:
        """「转人工，这个太难了」: one piece that plainly asks for a person is enough."""
        asked = any(self.reaching.search(part) and self._plain(part) == "human" for part in parts)
        return "human" if asked else None

    def _peeled(self, plain: str) -> str | None:
        """Look for a command word with politeness before and after it."""
        if plain in self.words:
            return self.words[plain]
        starts, ends = self.polite.starts(plain), self.polite.ends(plain)
        if len(starts) == len(ends) == 1:
            return None
        cores = (plain[start:end] for start in starts for end in ends)
        return next((self.words[core] for core in cores if core in self.words), None)

    def _shaped(self, plain: str) -> str | None:
        hinted = [(name, pattern) for name, hint, pattern in self.patterns if hint.search(plain)]
        starts = self.polite.starts(plain) if hinted else ()
        shaped = (name for name, pattern in hinted for start in starts if pattern.fullmatch(plain, start))
        return next(shaped, None)


def load(words: Lexicon) -> Commands:
    """Make the matcher from a word list (rules/commands.yaml). Raises KeyError for an unknown part."""
    parts = {name: f"(?:{pattern})" for name, pattern in words.values("parts").items()}
    return Commands(
        words={word: name for name, each in words.table("commands").items() for word in each},
        polite=wrapping(words.words("before"), words.words("after")),
        asking=re.compile(rf"\A({either(words.words('asking'))}.*?){either(words.words('asking_after'))}\Z"),
        dropped=re.compile(either(words.words("dropped"))),
        patterns=tuple(_patterns(words, parts)),
        reaching=re.compile(either(words.words("reaching"))),
    )


def _patterns(words: Lexicon, parts: Mapping[str, str]) -> Iterable[tuple[str, re.Pattern[str], re.Pattern[str]]]:
    hints, named = words.table("hints"), re.compile(r"\{([a-z]+)\}")
    for name, shapes in words.lists("patterns").items():
        whole_shape = "|".join(named.sub(lambda found: parts[found[1]], shape) for shape in shapes)
        yield name, re.compile(either(hints[name])), re.compile(f"(?:{whole_shape})[吧啊呀哦呢]?")


@cache
def _packaged() -> Commands:
    return load(packaged("commands"))


@lru_cache(maxsize=2048)  # pure, and most messages are the same few words
def command(text: str, *, zero: bool = True) -> str | None:
    """Find the command that this text is: one of STANDARD, or withdraw, more, read, plain, forget.

    `zero`: 「0」 asks for a person. Off where a number is being asked for.
    """
    heard = said(text)
    if trimmed(heard) in _ZERO:
        return "human" if zero else None
    return _packaged().find(heard)


# -- option numbers --------------------------------------------------------------------------
# Every ordinal has one of these; most answers have none and are done at once.
_ORDINAL = re.compile("[0-9零〇一二两三四五六七八九十壹贰叁肆伍陆柒捌玖拾幺廿最头首末尾倒中前上下后当开]")
_MINUS = re.compile(r"[-−—负]\s*[0-9一二三四五六七八九]")


@dataclass(frozen=True, slots=True)
class _Ordinals:
    shape: re.Pattern[str]
    places: Mapping[str, Callable[[int], int | None]]


@cache
def _ordinals() -> _Ordinals:
    words = packaged("answers")
    places: dict[str, Callable[[int], int | None]] = {}
    for key, place in _PLACES.items():
        places.update(dict.fromkeys(words.words(key), place))
    before, after = either(words.words("digit_before")), either(words.words("digit_after"))
    return _Ordinals(re.compile(rf"{before}?(倒数)?(第)?([0-9]+|[^0-9]+?)({after})?"), places)


_PLACES: Mapping[str, Callable[[int], int | None]] = {
    "digit_first": lambda _: 0,
    "digit_last": lambda count: count - 1,
    "digit_middle": lambda count: count // 2 if count % 2 else None,
    "digit_former": lambda count: 0 if count == 2 else None,
    "digit_latter": lambda count: 1 if count == 2 else None,
}


def digit(text: str, count: int) -> int | None:
    """Read a bare option number: 1, １, 一, ①, 第二个, 2。, 选 2, 最后一个, 倒数第二个.

    Gives the option's index from 0 (so 「1」 is 0), or None if it is no number or there is no such option.
    """
    heard = said(text)
    if len(heard) > 16 or count < 1 or _MINUS.match(heard) or not _ORDINAL.search(heard):
        return None
    plain = trimmed(joined(heard))
    number = whole(plain)
    return _placed(plain, count) if number is None else _within(number, count)


def _placed(plain: str, count: int) -> int | None:
    ordinals = _ordinals()
    for words in (plain, bare(plain)):
        place = ordinals.places.get(words)
        if place:
            return place(count)
        found = ordinals.shape.fullmatch(words)
        if not found:
            continue
        back, nth, figure, unit = found.groups()
        value = whole(figure)
        if value is None or (unit and unit not in "号项条" and not nth):
            continue
        return _within(count + 1 - value if back else value, count)
    return None


def _within(number: int | None, count: int) -> int | None:
    return number - 1 if number is not None and 1 <= number <= count else None
