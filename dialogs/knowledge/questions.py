"""Whether words look like a policy question. In the middle of a form most words are answers."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dialogs.knowledge.starter import lists
from dialogs.text import fold

_LONGEST = 200


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    kinds = lists("questions").lists("patterns")
    return {kind: re.compile("|".join(f"(?:{each})" for each in says)) for kind, says in kinds.items()}


@lru_cache(maxsize=2048)  # pure, and most messages are the same few words
def is_question(text: str) -> bool:
    """Tell whether the words ask about a rule or how something is done.

    「报到要不要转组织关系啊」 does; 「不知道叫什么 就是村里的支部」, a name, an address or 「什么都行」 do not.
    """
    patterns = _patterns()
    plain = patterns["idle"].sub("，", fold(text[:_LONGEST]))
    return bool(patterns["asks"].search(plain) and patterns["topic"].search(plain))
