"""Canned replies (常用语): words with names in braces, which a case fills; what is left in braces is never sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "姓名": "对方的姓名；没有留就填不了",
        "称呼": "有姓名是「周建国同志」，没有是「您」",
        "编号": "受理编号",
        "事项": "这一件的标题",
        "办结时限": "最晚哪天答复",
        "单位": "办理单位",
        "经办": "经办人的岗位",
        "电话": "办理单位的电话；没有登记就填不了",
        "今天": "今天的日期",
    }
)
"""Every name that may stand in braces, and what it becomes."""

_NAME = re.compile(r"[{｛]\s*([^{}｛｝\n]{1,12}?)\s*[}｝]")
# A piece of fixed words that is shorter could stand in any answer.
_TELLING = 10


def unknown(words: str) -> tuple[str, ...]:
    """Give what stands in braces and is no variable."""
    return tuple(dict.fromkeys(name for name in _NAME.findall(words) if name not in VARIABLES))


def blanks(words: str) -> tuple[str, ...]:
    """Give the variables that still stand in braces, in order."""
    return tuple(dict.fromkeys(name for name in _NAME.findall(words) if name in VARIABLES))


def fill(words: str, values: Mapping[str, str]) -> str:
    """Put in what is known; what is not known stays in its braces, so that nobody sends it unseen."""
    return _NAME.sub(lambda found: _put(found, values), words)


def _put(found: re.Match[str], values: Mapping[str, str]) -> str:
    """Give the value; a figure stands off from the character before it."""
    value, before = values.get(found[1], ""), found.string[: found.start()]
    apart = value[:1].isdigit() and before[-1:].isalpha()
    return f" {value}" if apart else value or found[0]


def stands_in(template: str, words: str) -> bool:
    """Tell whether words to be sent hold this template: its longest fixed part, however the rest was filled."""
    parts = [part.strip() for part in re.split(r"\n", _NAME.sub("\n", template))]
    longest = max(parts, key=len, default="")
    return len(longest) >= _TELLING and _plain(longest) in _plain(words)


def expired(templates: Iterable[tuple[str, str]], standing: Iterable[str], words: str) -> str:
    """Give the title of the first of (title, template) that may not be said any more and stands in the words.

    What a template that stands says as well may be said. '' where there is none.
    """
    fine = tuple(standing)
    for title, template in templates:
        if stands_in(template, words) and not any(stands_in(each, words) for each in fine):
            return title
    return ""


def _plain(text: str) -> str:
    return re.sub(r"[\s，,。.、；;：:！!？?]+", "", text)
