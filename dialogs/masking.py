"""Masking: what is sensitive never reaches storage, logs or a second pair of eyes.

Identity numbers and bank cards disappear whole, telephone numbers keep their ends. Figures may be
full-width, circled or Chinese, and may have spaces, dashes or invisible characters between them.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from dialogs.identity import plausible, plausible_old
from dialogs.numbers import CASE_NUMBER, parse
from dialogs.numerals import SPOKEN

ID_MARK = "［证件号已隐去］"
CARD_MARK = "［卡号已隐去］"

# Between the parts of a number; these stand in prices, times and lists as well, so more is asked of what they join.
_LIST_SIGNS = "/:~;|*"
# Four asterisks are a mask of our own, and join nothing.
_GAP = rf"(?:[\s\-_.·,、()\[\]'{_LIST_SIGNS[:-1]}]|\*(?!\*\*\*))+"
_RUN = re.compile(rf"\+?[0-9]+(?:{_GAP}[0-9]+)*(?:{_GAP})?x?")
_TOKEN = re.compile(r"\+?[0-9]+|x")
# What was masked before is left alone, or its ends would join with other figures the second time.
_MASKED = re.compile(r"\+?[0-9]{0,7}\*{4}[0-9]{4}(?![0-9])")
_MOBILE = re.compile(r"(\+?(?:0086|86)|0)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"0(?:10|2[0-9])[1-9][0-9]{7}|0[3-9][0-9]{2}[1-9][0-9]{6,7}")
_ABROAD = re.compile(r"\+[0-9]{8,15}")
_CARD = re.compile(r"[0-9]{16,19}")
_FEW_TOKENS = 8  # what people part a card's number into, unless they spell it figure by figure
_FIGURES = f"0-9{''.join(SPOKEN)}"
# What may stand between two: all that is in _GAP, and what is written like it in full width.
_BLANKS = r"\s\-_.·,，、()（）\[\]［］'＇/／:：~～;；|｜*＊－．＿\u3008-\u3011\u3014-\u301f"
# What may stand for a figure: figures, spoken ones, and whatever is neither ASCII nor common Chinese. No character is
# in both, so that there is one way only to read a text, and a look takes no longer than the text is long.
_NONE = rf"{_FIGURES}\x00-\x7f\s·\u3000-\u3006\u3008-\u3020\u4e00-\u9fff\uff01-\uff0f\uff1a-\uff5e"
_FIGURE = rf"(?:[{_FIGURES}]|[^{_NONE}])"
_BETWEEN = rf"[{_BLANKS}]*"
# Every word stored comes by here, and hardly any holds so many figures in a row: a look is cheaper than a reading.
_MANY_FIGURES = re.compile(rf"{_FIGURE}(?:{_BETWEEN}{_FIGURE}){{7}}")  # the shortest masked: a telephone number abroad
_MOST_FIGURES = re.compile(rf"{_FIGURE}(?:{_BETWEEN}{_FIGURE}){{14}}")  # an identity number, a bank card
# What is not seen, or seen as a space, a dash or a dot; and brackets, which people put around the parts of a number.
_INVISIBLE = frozenset({"Cf", "Mn", "Me", "Zs", "Zl", "Zp", "Pd", "Ps", "Pe", "Pi", "Pf"})
_FILLERS = frozenset("\u115f\u1160\u2800−ー・•‧∙⋅")
_FEWEST, _LONGEST = 8, 19  # figures: a telephone number abroad, a bank card
_MOST_SHADOWS = 50_000


def mask_phone(phone: str) -> str:
    """Keep the ends of a number given as digits: 138****5678, 0512****3456. Short ones keep nothing."""
    if len(phone) < 8:
        return "*" * len(phone)
    area = re.match(r"0(?:10|2[0-9])|0[0-9]{3}", phone)
    return f"{phone[: area.end() if area else 3]}****{phone[-4:]}"


def mask_text(text: str) -> str:
    """Mask identity numbers, bank cards and telephone numbers in free words. Case numbers stay whole."""
    return _masked(text, _found(text)) if _MANY_FIGURES.search(text) else text


def mask_identity(text: str) -> str:
    """Mask identity numbers and bank cards, which nobody asked for; telephone numbers are answers and stay."""
    if not _MOST_FIGURES.search(text):
        return text
    return _masked(text, (each for each in _found(text) if each[2] in {ID_MARK, CARD_MARK}))


def _masked(text: str, found: Iterable[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, end, mark in found:
        parts += [text[at:start], mark]
        at = end
    return "".join([*parts, text[at:]]) if parts else text


def has_id_number(text: str) -> bool:
    """Tell whether the words hold what looks like an identity number."""
    if ID_MARK in text:
        return True
    return _MOST_FIGURES.search(text) is not None and any(mark == ID_MARK for _, _, mark in _found(text))


def _found(text: str) -> Iterator[tuple[int, int, str]]:
    """Give the places to mask, in order and apart from each other."""
    shadow = CASE_NUMBER.sub(_blank_case, _shadow(text))
    if "****" in shadow:
        shadow = _MASKED.sub(_blank, shadow)
    for run in _RUN.finditer(shadow):
        if len(run[0]) >= _FEWEST:
            yield from _in_run(run, text)


def _blank(found: re.Match[str]) -> str:
    return "#" * len(found[0])


def _blank_case(found: re.Match[str]) -> str:
    return _blank(found) if parse(found[0]) else found[0]


def _shadow(text: str) -> str:
    """Write every character that stands for a figure as that figure; same length, so places agree."""
    if text.isascii():
        return text.lower()
    return text.translate(_SHADOWS)


class _Shadows(dict[int, str]):
    """Remembers what each character stands for, so that `translate` does the work: every word stored comes by here."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_SHADOWS:
            self.clear()
        each = chr(code)
        self[code] = found = each.lower() if each.isascii() else _figure(each)
        return found


_SHADOWS = _Shadows()


def _figure(each: str) -> str:
    if each in SPOKEN:
        return SPOKEN[each]
    normal = unicodedata.normalize("NFKC", each).lower()
    if len(normal) == 1 and normal.isascii():
        return normal
    bare = normal.strip("()")  # ㊀, ㈠ and the radical ⼀
    if bare in SPOKEN:
        return SPOKEN[bare]
    value = unicodedata.digit(each, None)
    if value is not None:
        return str(value)
    return " " if normal in _FILLERS or unicodedata.category(each) in _INVISIBLE else each


def _in_run(run: re.Match[str], text: str) -> Iterator[tuple[int, int, str]]:
    tokens = [
        token for found in _TOKEN.finditer(run.string, run.start(), run.end()) for token in _by_script(found, text)
    ]
    at = 0
    while at < len(tokens):
        size, mark = _longest(run.string, tokens, at)
        if size:
            yield tokens[at][0], tokens[at + size - 1][1], mark
        at += size or 1


def _by_script(found: re.Match[str], text: str) -> Iterator[tuple[int, int]]:
    """Part Chinese figures from the others: a number may be written in either, and they may stand side by side."""
    start = found.start()
    if text[start : found.end()].isascii():
        yield found.span()
        return
    for here in range(start + 1, found.end()):
        if _spelt(text[here]) != _spelt(text[here - 1]):
            yield start, here
            start = here
    yield start, found.end()


def _spelt(letter: str) -> bool:
    return not unicodedata.normalize("NFKC", letter).isascii()


def _longest(shadow: str, tokens: Sequence[tuple[int, int]], at: int) -> tuple[int, str]:
    """Find the most tokens from this one on that together are something to mask, and its mark."""
    found, figures = (0, ""), ""
    for size, (start, end) in enumerate(tokens[at : at + _LONGEST], start=1):
        figures += shadow[start:end]
        if len(figures) > _LONGEST:
            break
        # Of many numbers in a list some pass for a card by chance: one spelt figure by figure stands alone.
        a_list = size > _FEW_TOKENS and not size == len(figures) == len(tokens)
        mark = "" if len(figures) < _FEWEST else _mark(figures, _LOOKS[:-1] if a_list else _LOOKS)
        if mark and _one_number(shadow, tokens[at : at + size], mark):
            found = size, mark
    return found


def _mark(figures: str, looks: Iterable[Callable[[str], str]]) -> str:
    return next((mark for look in looks if (mark := look(figures))), "")


def _one_number(shadow: str, tokens: Sequence[tuple[int, int]], mark: str) -> bool:
    """Tell a number from prices, dates and times: by how it is parted, where signs of lists stand in it."""
    signs = {
        "".join(each for each in shadow[end:start] if each in _LIST_SIGNS)
        for (_, end), (start, _) in itertools.pairwise(tokens)
    }
    if not any(signs):
        return True
    sizes = [end - start for start, end in tokens]
    if max(sizes) == 1:
        return len(signs) == 1
    return min(sizes) >= 3 and (mark in {ID_MARK, CARD_MARK} or sizes[-1] >= 4)


def _as_id(figures: str) -> str:
    return ID_MARK if plausible(figures) or plausible_old(figures) else ""


def _as_phone(figures: str) -> str:
    mobile = _MOBILE.fullmatch(figures)
    if mobile:
        return (mobile[1] or "") + mask_phone(mobile[2])
    return mask_phone(figures) if _LANDLINE.fullmatch(figures) or _ABROAD.fullmatch(figures) else ""


def _as_card(figures: str) -> str:
    return CARD_MARK if _CARD.fullmatch(figures) and _luhn(figures) else ""


def _luhn(figures: str) -> bool:
    doubled = (int(each) * (1 + place % 2) for place, each in enumerate(reversed(figures)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_LOOKS: tuple[Callable[[str], str], ...] = (_as_id, _as_phone, _as_card)
