"""Tags of a case: free words that a unit uses, kept each between spaces, so that one is found by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialogs.desk.cases import Refused
from dialogs.masking import mask_text
from dialogs.rules.shapes import TagRules

_APART = re.compile(r"[\s,，、;；#＃]+")
_SIGNS = "+-"


def split(tags: str) -> tuple[str, ...]:
    """Give the tags of a text, each once, in order."""
    return tuple(dict.fromkeys(filter(None, _APART.split(tags))))


def joined(tags: Iterable[str]) -> str:
    """Write tags as a case keeps them."""
    found = tuple(tags)
    return f" {' '.join(found)} " if found else ""


def wished_tags(has: str, wished: str, rules: TagRules) -> str | Refused:
    """Give the tags that a case shall have: those wished, or with a sign before each, more (+) or fewer (-)."""
    words, kept = split(wished), dict.fromkeys(split(has))
    signed = all(each[0] in _SIGNS for each in words)
    if words and signed:
        for each in words:
            kept |= {each[1:]: None} if each[0] == "+" else {}
        gone = {each[1:] for each in words if each[0] == "-"}
        found = tuple(each for each in kept if each not in gone)
    else:
        found = words
    if any(len(each) > rules.longest or not each or each[0] in _SIGNS for each in found):
        return Refused("tag too long")
    if len(found) > rules.most:
        return Refused("too many tags")
    if mask_text(joined(found)) != joined(found):
        return Refused("number in tags")
    return joined(found)


def changed(before: str, after: str) -> str:
    """Say what became of the tags: `+路灯 -夜间`; done the other way round it is undone (see `reversed_tags`)."""
    had, has = split(before), split(after)
    return " ".join(
        [*(f"+{each}" for each in has if each not in had), *(f"-{each}" for each in had if each not in has)]
    )


def reversed_tags(changes: str) -> str:
    """Give the wish that undoes these changes."""
    return " ".join(f"{'-' if each[0] == '+' else '+'}{each[1:]}" for each in changes.split())
