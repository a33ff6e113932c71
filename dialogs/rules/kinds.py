"""Categories from their written form: the packaged ones, and what a centre changed of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from dialogs.rules.everyday import Lexicon
from dialogs.rules.files import CategoriesFile, SubForm, TopForm, Weights
from dialogs.rules.phrases import Dialect, Phrase, Phrases, expand, phrase, split
from dialogs.rules.reading import Page
from dialogs.rules.shapes import Categories, Category, Top

PARTS = ("sure", "words", "hints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One category as a centre has it, whole; of the first level only its title counts.

    `grade` and `post` are '' where the first level has them, `closed` is the day or '', `former` are earlier titles.
    """

    key: str
    title: str
    grade: str = ""
    post: str = ""
    sure: str = ""
    words: str = ""
    hints: str = ""
    closed: str = ""
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Speech:
    """What turns written words into phrases."""

    dialect: Dialect
    alike: Mapping[str, tuple[str, ...]]
    weights: Weights

    def phrases(self, written: str, part: str, owner: int) -> list[Phrase]:
        """Read 「灯+<坏>」; ValueError says what is wrong with it."""
        parts = written.split("+")
        common = "+".join(each if each.startswith("<") else self.dialect.common(each) for each in parts)
        weight = float(getattr(self.weights, part))
        return [phrase(each, self.alike, owner, weight) for each in expand(common, self.alike)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The packaged categories, read once: what a centre changed is laid over them without reading all again."""

    form: CategoriesFile
    speech: Speech
    neutral: tuple[Phrase, ...]
    phrases: Mapping[str, tuple[Phrase, ...]]

    def edits(self) -> dict[str, Edit]:
        """Give every packaged category as one could have written it, by its key."""
        found = {top.key: Edit(key=top.key, title=top.title) for top in self.form.categories}
        for top in self.form.categories:
            for sub in top.of:
                key = f"{top.key}.{sub.key}"
                found[key] = Edit(
                    key=key,
                    title=sub.title,
                    grade=sub.grade or "",
                    post=sub.post,
                    sure=" ".join(sub.sure.split()),
                    words=" ".join(sub.words.split()),
                    hints=" ".join(sub.hints.split()),
                )
        return found

    def categories(self, edits: Iterable[Edit] = (), version: int = 1) -> Categories:
        """Give both levels with these edits; added ones stand last below theirs."""
        changed = {edit.key: edit for edit in edits}
        tops = []
        for form in self.form.categories:
            title = changed[form.key].title if form.key in changed else form.title
            own = {f"{form.key}.{sub.key}": sub for sub in form.of}
            keys = [*own, *(key for key in changed if key.startswith(f"{form.key}.") and key not in own)]
            subs = tuple(_category(key, title, form, own.get(key), changed.get(key)) for key in keys)
            tops.append(Top(key=form.key, title=title, trouble=form.trouble, subs=subs))
        by_key = {sub.key: sub for top in tops for sub in top.subs}
        return Categories(tuple(tops), MappingProxyType(by_key), version)

    def lexicon(self, edits: Iterable[Edit] = ()) -> Lexicon:
        """Give the words with these edits; those of closed categories speak for nothing."""
        changed = {edit.key: edit for edit in edits if "." in edit.key}
        keys = (*self.phrases, *(key for key in changed if key not in self.phrases))
        found = list(self.neutral)
        for owner, key in enumerate(keys):
            edit = changed.get(key)
            if edit is None:
                found += self.phrases[key]
            elif not edit.closed:
                found += self._written(edit, owner)
        weights = self.form.weights
        return Lexicon(
            phrases=Phrases(found),
            dialect=self.speech.dialect,
            keys=keys,
            least=float(weights.least),
            sure=float(weights.sure),
        )

    def _written(self, edit: Edit, owner: int) -> list[Phrase]:
        words = [(part, each) for part in PARTS for each in getattr(edit, part).split()]
        return [one for part, each in words for one in self.speech.phrases(each, part, owner)]


def kinds_of(page: Page, form: CategoriesFile) -> Kinds:
    """Read the packaged file; every mistake is noted by its line."""
    dialect = Dialect(form.dialect)
    alike = {name: tuple(dialect.common(word) for word in words.split()) for name, words in form.alike.items()}
    speech = Speech(dialect, alike, form.weights)
    phrases: dict[str, tuple[Phrase, ...]] = {}
    seen: set[str] = set()
    for place, top in enumerate(form.categories):
        if top.key in seen:
            page.wrong(("categories", place, "key"), f"大类 {top.key} 写了两次")
        seen.add(top.key)
        for number, sub in enumerate(top.of):
            key = f"{top.key}.{sub.key}"
            path = ("categories", place, "of", number)
            if key in phrases:
                page.wrong((*path, "key"), f"类别 {key} 写了两次")
            phrases[key] = tuple(_phrases(page, path, sub, len(phrases), speech))
    neutral = tuple(Phrase(word, (), -1, 0.0) for word in split(form.neutral))
    return Kinds(form=form, speech=speech, neutral=neutral, phrases=MappingProxyType(phrases))


def _phrases(page: Page, path: Sequence[str | int], sub: SubForm, owner: int, speech: Speech) -> list[Phrase]:
    found: list[Phrase] = []
    for part in PARTS:
        for written in getattr(sub, part).split():
            make = partial(speech.phrases, written, part, owner)
            found += page.tried((*path, part), make, [], word=written)
    return found


def _category(key: str, top_title: str, top: TopForm, form: SubForm | None, edit: Edit | None) -> Category:
    """Give one category: packaged (`form`), changed (both) or added (`edit`)."""
    if edit is not None:
        title, grade, post, closed = edit.title, edit.grade, edit.post, edit.closed
    else:
        assert form is not None
        title, grade, post, closed = form.title, form.grade or "", form.post, ""
    return Category(
        key=key,
        title=title,
        top=top.key,
        top_title=top_title,
        grade=type(top.grade)(grade) if grade else top.grade,
        post=post or top.post,
        whole=form.whole if form else False,
        track=form.track if form else "",
        closed=closed,
    )
