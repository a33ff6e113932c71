"""What comes with the program: the starter articles, the word lists and the weights, each read once."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

from dialogs import lexicon
from dialogs.knowledge.article import Article, load
from dialogs.knowledge.words import Sounds, Words

_FOLDER = resources.files("dialogs.knowledge")


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


@cache
def lists(name: str) -> lexicon.Lexicon:
    """Give one of this room's dated files (`synonyms`, `out_of_scope`, `questions`, `scoring`, `sounds`, `faq`)."""
    file = f"{name}.yaml"
    return lexicon.load(file, _text(file))


@cache
def numbers(name: str) -> dict[str, float]:
    """Give one table of scoring.yaml: `weights` or `confidence`."""
    return {key: float(value) for key, value in lists("scoring").values(name).items()}


@cache
def words() -> Words:
    """Give the ways of saying the same thing, ready to match."""
    same = lists("synonyms")
    return Words(same.table("concepts"), same.table("asking"), numbers("weights"))


@cache
def sounds() -> Sounds:
    """Give the table of characters that sound alike."""
    return Sounds(lists("sounds").words("sounds"))


@cache
def packaged() -> tuple[Article, ...]:
    """Give the starter articles."""
    about = lists("faq").data["checked"]
    return load(_text("faq.jsonl").splitlines(), checked=date.fromisoformat(str(about)))
