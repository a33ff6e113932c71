"""How each kind of answer is read: one file a kind, each `read(text, asked) -> value or None`.

None means: ask again. False certainty is worse than one more question, so a reader never guesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from dialogs.fields.asked import WORDS_ALONE, Asked, Reader, Value
from dialogs.fields.choice import read as read_choice
from dialogs.fields.confirm import read as read_confirm
from dialogs.fields.day import read as read_day
from dialogs.fields.id_number import read as read_id_number
from dialogs.fields.integer import read as read_integer
from dialogs.fields.moment import read as read_moment
from dialogs.fields.month import read as read_month
from dialogs.fields.name import read as read_name
from dialogs.fields.phone import read as read_phone
from dialogs.fields.rating import read as read_rating
from dialogs.fields.text import read as read_text
from dialogs.masking import ID_MARK, mask_phone

__all__ = ["READERS", "WORDS_ALONE", "Asked", "Reader", "Value", "shown"]

READERS: Mapping[str, Reader] = {
    # Pure, and most answers are the same few words; names, places and telephone numbers are not kept.
    "confirm": lru_cache(maxsize=1024)(read_confirm),
    "choice": lru_cache(maxsize=1024)(read_choice),
    "phone": read_phone,
    "name": read_name,
    "id_number": read_id_number,
    "date": read_day,
    "datetime": read_moment,
    "month": read_month,
    "integer": read_integer,
    "rating": read_rating,
    "text": read_text,
}
"""The readers by the name of their kind."""


def shown(kind: str, value: object) -> str:
    """Word a value for reading it back: 「2025 年 10 月」, 「138****5678」. What is sensitive comes masked."""
    plain = str(value)
    match kind:
        case "confirm":
            return "是" if value else "不是"
        case "choice":
            return f"第 {int(plain) + 1} 项"
        case "phone":
            return mask_phone(plain)
        case "id_number":
            return ID_MARK
        case "date" | "month":
            return _day_shown(plain)
        case "datetime":
            days, _, clock = plain.partition("T")
            return f"{_day_shown(days)} {clock}"
        case "rating":
            return f"{plain} 分"
        case _:
            return plain


def _day_shown(value: str) -> str:
    marks = zip(value.split("-"), ("年", "月", "日"), strict=False)
    return " ".join(f"{int(figures)} {mark}" for figures, mark in marks)
