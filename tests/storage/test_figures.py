"""A figure equals what one counts by hand from the events, to the case, and lists exactly the cases that it counts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from dialogs.desk.figures import FIGURES
from storage.crypto import Keys
from storage.engine import Result
from storage.figures import Eyes, Figures, Span
from storage.moments import to_ms
from tests.desk.lives import Life, keep, left_out, lives, recount
from tests.desk.test_case_lives import NOW, known


@dataclass(slots=True)
class Plain:
    """As much of an engine as counting takes."""

    engine: sa.Engine

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        with self.engine.connect() as conn:
            return work(conn)


@pytest.fixture
def plain(database_url: str) -> Iterator[Plain]:
    engine = sa.create_engine(database_url.replace("sqlite+aiosqlite", "sqlite"))
    yield Plain(engine)
    engine.dispose()


def span(first: int, days: int) -> Span:
    start = datetime(2026, 10, 13, 16, tzinfo=NOW.tzinfo) + timedelta(days=first)
    end = start + timedelta(days=days)
    return Span(start=start, end=end, settled=end + timedelta(days=3))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    found=lives(),
    asked=st.builds(span, st.integers(0, 60), st.sampled_from([1, 7, 30, 31])),
    keys=st.lists(st.sampled_from(sorted(FIGURES)), min_size=4, max_size=4, unique=True),
)
def test_a_figure_is_what_happened(plain: Plain, found: list[Life], asked: Span, keys: list[str]) -> None:
    with plain.engine.begin() as conn:
        keep(conn, found)
    start, end, settled = (to_ms(each) for each in (asked.start, asked.end, asked.settled))
    expected = [(*each, left_out(life, settled), life) for life in found for each in recount(life, start, end)]

    everywhere = frozenset(unit.id for unit in known().units)
    figures = Figures(plain, Keys("a secret of the tests, of 32 characters"))  # type: ignore[arg-type]
    tallies = asyncio.run(figures.tallies(asked, Eyes(), by="unit"))
    counted: Counter[tuple[str, str, bool, bool]] = Counter()
    for each in tallies:
        counted[each.key, each.kind, each.excluded, each.sealed] += each.count
    assert counted == Counter((unit, kind, out, life.confidential) for _, unit, kind, out, life in expected)

    for key in keys:
        figure = FIGURES[key]
        listed = asyncio.run(figures.cases(figure, asked, Eyes(units=everywhere, cleared=everywhere)))
        wanted = sorted(
            (number, unit)
            for number, unit, kind, out, _ in expected
            if kind in figure.kinds and not (figure.valid and out)
        )
        assert [(each.number, each.unit) for each in listed] == wanted, key
