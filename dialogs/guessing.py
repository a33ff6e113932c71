"""What half a sentence may be about: a few services or articles to choose from, then once more with an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from dialogs.draft import Draft
from dialogs.knowledge import near
from dialogs.lexicon import packaged
from dialogs.said import joined, said
from dialogs.wording import Line, ours

_MOST = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """What is perhaps meant: `means` has what to show by the id of an article or the name of a service."""

    means: Mapping[str, str]
    about: str = ""
    example: str = ""


def guess(draft: Draft, text: str) -> bool:
    """Say what the words may be about and let the member choose. False if nothing comes to mind."""
    found = _guess(draft, text)
    if found is None:
        return False
    draft.put(draft.line("guess_about", about=ours(found.about)) if found.about else draft.line("guess_head"))
    _choose(draft, found, draft.line("guess_none"), text)
    return True


def again(draft: Draft) -> bool:
    """Put the last guess once more, with an example of what could be said. False if there was none."""
    question = draft.conversation.question
    found = _guess(draft, question.data) if question and question.kind == "guess" else None
    if question is None or found is None:
        return False
    draft.say("miss_one", example=ours(found.example))
    _choose(draft, found, draft.line("guess_person"), question.data)
    return True


def _choose(draft: Draft, found: Guess, none: Line, text: str) -> None:
    draft.choose([*(ours(label) for label in found.means.values()), none])
    draft.ask("guess", (*found.means, "none"), data=text)


def _guess(draft: Draft, text: str) -> Guess | None:
    heard = joined(said(text))
    if heard.isdigit():
        return None
    known = next((each for words, each in _packaged() if _says(heard, words)), None)
    if known:
        return known
    today = draft.now.astimezone(draft.facts.snapshots.rules.zone).date()
    articles = near(draft.facts.snapshots.articles, text, today)
    articles = [article for article in articles if article.topic == articles[0].topic][:_MOST]
    if not articles:
        return None
    return Guess(means={article.id: article.question for article in articles}, example=articles[0].question)


def _says(heard: str, words: tuple[str, ...]) -> bool:
    return len(heard) <= packaged("guesses").number("longest") and any(word in heard for word in words)


@cache
def _packaged() -> tuple[tuple[tuple[str, ...], Guess], ...]:
    rows = packaged("guesses").rows("guesses")
    return tuple(
        (row.words("words"), Guess(means=row.labels("means"), about=row.text("about"), example=row.text("example")))
        for row in rows
    )
