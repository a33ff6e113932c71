"""What a month was about: the categories that came most, and those that rose most against the month before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.desk.figures import Tally

if TYPE_CHECKING:
    from dialogs.rules.shapes import FigureRules


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A category of a month: how many cases, how many the month before; `rising` where that is much more."""

    key: str
    title: str
    count: int
    before: int
    rising: bool


def topics(
    now: Iterable[Tally], before: Iterable[Tally], titles: Mapping[str, str], rules: FigureRules
) -> tuple[Topic, ...]:
    """Give the topics of a month, the most frequent first. What is sealed has none."""
    counts, earlier = _by_category(now), _by_category(before)
    found = [
        Topic(
            key=key,
            title=titles.get(key, key),
            count=count,
            before=earlier[key],
            rising=count >= rules.hot_least and count - earlier[key] >= max(rules.hot_more, earlier[key] // 2),
        )
        for key, count in counts.items()
        if key and count >= rules.hot_least
    ]
    found.sort(key=lambda topic: (-topic.count, topic.key))
    rising = [topic for topic in found[rules.hot_most :] if topic.rising]
    return (*found[: rules.hot_most], *rising[: rules.hot_most])


def _by_category(tallies: Iterable[Tally]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in tallies:
        counts[each.key] += 0 if each.sealed else each.count
    return counts
