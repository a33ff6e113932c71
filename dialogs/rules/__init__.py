"""The packaged rules: categories, limits, calendar, consents, quotas, posts, the seeded town; each file dated.

`load` is pure: it takes (name, text) pairs and gives `Rules`, or raises RulesError with every mistake by
file and line. A later file of the same name stands in place of an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import cache
from importlib import resources
from typing import Any

from dialogs.desk.cases import Act, Grade
from dialogs.desk.directory import Directory
from dialogs.reading import Mistake
from dialogs.rules import build, files
from dialogs.rules.calendar import Calendar
from dialogs.rules.everyday import Everyday, Lexicon
from dialogs.rules.kinds import Kinds
from dialogs.rules.reading import Header, Page, RulesError, fill, open_page
from dialogs.rules.shapes import (
    Casework,
    Categories,
    Category,
    Centre,
    Clocks,
    Consent,
    DutyRule,
    FigureRules,
    GradeRule,
    Limits,
    Post,
    Quotas,
    Records,
    Room,
    Secrecy,
    Sheet,
    Top,
    Window,
)
from dialogs.units import Unit

__all__ = [
    "Calendar", "Casework", "Categories", "Category", "Centre", "Clocks", "Consent", "DutyRule", "FigureRules",
    "GradeRule", "Limits", "Mistake", "Post", "Quotas", "Records", "Room", "Rules", "RulesError", "Secrecy", "Sheet",
    "Top", "Window", "load", "packaged", "packaged_files", "packaged_town",
]  # fmt: skip

FORMS: Mapping[str, type[Header]] = {
    "centre.yaml": files.CentreFile,
    "posts.yaml": files.PostsFile,
    "casework.yaml": files.CaseworkFile,
    "secrecy.yaml": files.SecrecyFile,
    "records.yaml": files.RecordsFile,
    "room.yaml": files.RoomFile,
    "duty.yaml": files.DutyFile,
    "figures.yaml": files.FiguresFile,
    "grades.yaml": files.GradesFile,
    "clocks.yaml": files.ClocksFile,
    "calendar.yaml": files.CalendarFile,
    "consents.yaml": files.ConsentsFile,
    "quotas.yaml": files.QuotasFile,
    "categories.yaml": files.CategoriesFile,
    "everyday.yaml": files.EverydayFile,
    "town.yaml": files.TownFile,
    "directory.yaml": files.DirectoryFile,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rules:
    """Everything that the rules files say, parsed. `sheets` also has the dates of files that other rooms read."""

    sheets: tuple[Sheet, ...]
    kinds: Kinds
    categories: Categories
    lexicon: Lexicon
    grades: Mapping[Grade, GradeRule]
    tracks: Mapping[str, Limits]
    calendar: Calendar
    centre: Centre
    consents: Mapping[str, Consent]
    quotas: Quotas
    posts: Mapping[str, Post]
    casework: Casework
    secrecy: Secrecy
    records: Records
    room: Room
    duty: DutyRule
    figures: FigureRules
    clocks: Clocks
    everyday: Everyday
    town: tuple[Unit, ...]
    directory: Directory

    @property
    def zone(self) -> tzinfo:
        """The centre's time zone, for words and pages only."""
        return self.calendar.zone

    def post(self, key: str) -> str:
        """Say what members call a post; an unknown key is read as it is."""
        found = self.posts.get(key)
        return found.title if found else key

    def limits(self, grade: Grade, category: str) -> Limits:
        """Give the limits of a matter: of the track that its category is on by law, else of its grade."""
        found = self.categories.get(category) if category else None
        if found and found.track:
            return self.tracks[found.track]
        rule = self.grades[grade]
        return Limits(
            sign=rule.sign, contact=rule.contact, answer=rule.answer, extension=self.casework.extension[grade]
        )

    def may(self, post: str) -> frozenset[Act]:
        """Say which acts are a post's to do."""
        found = self.posts.get(post)
        return found.may if found else frozenset()

    def overdue(self, today: date) -> tuple[Sheet, ...]:
        """Give the files whose review is past: what they say should be checked again."""
        return tuple(sheet for sheet in self.sheets if sheet.review < today)


def load(pairs: Iterable[tuple[str, str]]) -> Rules:
    """Read rules files into Rules, or raise RulesError with every mistake of every file."""
    mistakes: list[Mistake] = []
    texts = dict(pairs)
    mistakes += [Mistake(name, 1, "缺这个文件") for name in FORMS if name not in texts]
    pages = {name: page for name in FORMS if name in texts and (page := open_page(name, texts[name], mistakes))}
    known = {name: form for name, page in pages.items() if (form := fill(page, FORMS[name]))}
    sheets = [_sheet(name, form) for name, form in known.items()]
    others = (_dated(name, text, mistakes) for name, text in texts.items() if name not in FORMS)
    rules = _rules(pages, known, (*sheets, *(sheet for sheet in others if sheet)))
    if mistakes or rules is None:
        raise RulesError(mistakes)
    return rules


def _rules(pages: Mapping[str, Page], known: Mapping[str, Header], sheets: tuple[Sheet, ...]) -> Rules | None:
    """Build every part that can be built, so that each can name its mistakes; None where a file is missing."""
    parts: dict[str, Any] = {}
    for name, form in known.items():
        parts.update(build.PARTS[name](pages[name], form))
    build.cross_check(pages, known)
    if len(known) < len(FORMS):
        return None
    return build.finish(Rules, parts, sheets=sheets)


def _sheet(name: str, form: Header) -> Sheet:
    return Sheet(file=name, source=form.source, in_force=form.in_force, checked=form.checked, review=form.review)


def _dated(name: str, text: str, mistakes: list[Mistake]) -> Sheet | None:
    """Give the dates of a file that another room reads: only its header is looked at, the rest is theirs to judge."""
    lines = [line if line.split(":")[0] in Header.model_fields else "" for line in text.splitlines()]
    page = open_page(name, "\n".join(lines), mistakes) if any(lines) else None
    form = fill(page, Header) if page else None
    return _sheet(name, form) if form else None


def packaged_files() -> list[tuple[str, str]]:
    """Give the rules files that come with the program, as (name, text), by name."""
    folder = resources.files(__name__)
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)
    return [(each.name, each.read_text(encoding="utf-8")) for each in found]


@cache
def packaged() -> Rules:
    """Give the rules that come with the program."""
    return load(packaged_files())


def packaged_town() -> tuple[Unit, ...]:
    """Give the seeded town."""
    return packaged().town
