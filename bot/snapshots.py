"""Read-only, versioned material for decisions: services, units, articles, rules, sentences.

Turns take whatever object is current at their start; a refresh swaps the whole object.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot import catalogue
from dialogs import knowledge, rules, wording
from dialogs.catalogue import Catalogue, Source
from dialogs.desk.directory import Directory
from dialogs.facts import Snapshots
from dialogs.hours import week
from dialogs.knowledge import Article
from dialogs.rules import Categories
from dialogs.rules.everyday import Lexicon
from dialogs.units import Unit, Units


def packaged(services: Path | None = None, older: Iterable[Source] = ()) -> Snapshots:
    """Everything as it comes with the program, with a centre's own service files, if any.

    Raises CatalogueError or RulesError with every mistake.
    """
    told = rules.packaged()
    return Snapshots(
        services=catalogue.read(services, older),
        units=Units(told.town, told.centre.reach_metres),
        articles=knowledge.Index(knowledge.packaged()),
        rules=told,
        wording=wording.packaged(),
    )


class Shelf:
    """Holds the current snapshots."""

    def __init__(self, current: Snapshots) -> None:
        self._current = current
        self._packaged_weeks = current.rules.calendar.units

    def __call__(self) -> Snapshots:
        """The snapshots as they are now."""
        return self._current

    def put_units(self, units: Iterable[Unit]) -> None:
        """Take the organisation as it now stands, with the units' own opening hours."""
        tree = Units(tuple(units), self._current.rules.centre.reach_metres)
        told = self._current.rules
        weeks = {**self._packaged_weeks, **{unit.id: week(unit.hours) for unit in tree if unit.hours}}
        calendar = replace(told.calendar, units=weeks)
        self._current = replace(self._current, units=tree, rules=replace(told, calendar=calendar))

    def put_centre(self, **changes: Any) -> None:
        """Let the centre be called otherwise: the demo may be of another city."""
        told = self._current.rules
        self._current = replace(self._current, rules=replace(told, centre=replace(told.centre, **changes)))

    def put_directory(self, directory: Directory) -> None:
        """Take the dispatch directory as it now stands."""
        self._current = replace(self._current, rules=replace(self._current.rules, directory=directory))

    def put_categories(self, categories: Categories, lexicon: Lexicon) -> None:
        """Take the categories and the words by which they are recognised as they now stand."""
        told = replace(self._current.rules, categories=categories, lexicon=lexicon)
        self._current = replace(self._current, rules=told)

    def put_services(self, services: Catalogue) -> None:
        """Take the services as they now stand."""
        self._current = replace(self._current, services=services)

    def put_articles(self, articles: Iterable[Article]) -> None:
        """Take the articles as they now stand."""
        self._current = replace(self._current, articles=knowledge.Index(tuple(articles)))
