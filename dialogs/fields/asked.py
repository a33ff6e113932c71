"""What a reader may know about the question besides the words of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Value = bool | int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question: choices in their order, the member's local moment (aware), bounds of numbers.

    `past_only`: a date, moment or month may not lie after `now`. `max_length`: characters of free
    words; 0 for no bound. `minimum` and `maximum` bound whole numbers, both included.
    """

    options: tuple[str, ...] = ()
    now: datetime | None = None
    minimum: int | None = None
    maximum: int | None = None
    past_only: bool = False
    max_length: int = 0


WORDS_ALONE = Asked()
"""Nothing is known of the question."""

Reader = Callable[[str, Asked], Value | None]
