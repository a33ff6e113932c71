"""Answers measured: on wordings held out, on words of our own, on what is out of scope, and on statutes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import thread_time

import pytest

from bot.evaluate import BadRowsError, answers, understand
from dialogs.knowledge import Answered, Article, HandOver, Index, find, load, packaged
from tests.shared import shared

EVAL = Path(__file__).parent / "eval"
TODAY = date(2026, 11, 22)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def queries(path: Path) -> list[str]:
    return [str(row["query"]) for row in rows(path)]


@dataclass(frozen=True, slots=True)
class Figures:
    right: float
    wrong: float
    first: float
    three: float


def measure(index: Index, asked: Iterable[tuple[str, Sequence[str]]]) -> Figures:
    tally = {"right": 0, "wrong": 0, "first": 0, "three": 0}
    count = 0
    for query, relevant in asked:
        found = find(index, query, TODAY)
        ranked = [identity for identity, _ in index.rank(query)]
        count += 1
        if isinstance(found, Answered):
            tally["right" if found.article.id in relevant else "wrong"] += 1
        tally["first"] += bool(set(ranked[:1]) & set(relevant))
        tally["three"] += bool(set(ranked[:3]) & set(relevant))
    return Figures(**{key: value / count for key, value in tally.items()})


def held_out(articles: Sequence[Article], which: int) -> tuple[Index, list[tuple[str, Sequence[str]]]]:
    """Take one wording away from every article; it becomes the question."""
    left = Index(
        replace(article, alternatives=tuple(each for n, each in enumerate(article.alternatives) if n != which))
        for article in articles
    )
    return left, [(article.alternatives[which], [article.id]) for article in articles if len(article.alternatives) > 1]


def test_a_wording_held_out_finds_its_article() -> None:
    found = [measure(*held_out(packaged(), which)) for which in (0, 1)]
    assert min(each.first for each in found) > 0.84
    assert min(each.three for each in found) > 0.94
    assert sum(each.wrong for each in found) / 2 < 0.03
    assert sum(each.right for each in found) / 2 > 0.53


def test_other_words_for_the_same_things_are_answered_rightly_or_not_at_all() -> None:
    asked = [(str(row["query"]), list(map(str, row["relevant"]))) for row in rows(EVAL / "paraphrases.own.jsonl")]  # type: ignore[call-overload]
    found = measure(Index(packaged()), asked)
    assert found.wrong < 0.02
    assert found.right > 0.85
    assert found.three > 0.98


@pytest.mark.parametrize("name", ["out_of_scope.dev.jsonl", "out_of_scope.own.jsonl"])
def test_what_is_out_of_scope_is_not_answered(name: str) -> None:
    index = Index(packaged())
    asked = queries(EVAL / name)
    answered = [query for query in asked if isinstance(find(index, query, TODAY), Answered)]
    assert len(answered) / len(asked) < 0.05, answered


def test_what_is_out_of_scope_takes_its_route() -> None:
    index = Index(packaged())
    astray = [
        row["query"]
        for row in rows(EVAL / "out_of_scope.dev.jsonl")
        if not isinstance(found := find(index, str(row["query"]), TODAY), HandOver) or found.route != row["route"]
    ]
    assert len(astray) <= 3, astray


def test_a_question_whose_article_is_missing_is_mostly_left_to_a_person() -> None:
    whole = packaged()
    asked = [(article, article.question) for article in whole[::12]]
    answered = [
        question
        for article, question in asked
        if isinstance(find(Index(each for each in whole if each != article), question, TODAY), Answered)
    ]
    assert len(answered) / len(asked) < 0.25, answered


def test_statutes_are_found_as_often_as_they_were() -> None:
    articles = load(shared("eval/statute/articles.jsonl").read_text(encoding="utf-8").split("\n"))
    index = Index(articles)
    asked = [(str(row["query"]), row["relevant"]) for row in rows(shared("eval/statute/queries.jsonl"))][::3]
    found = measure(index, asked)  # type: ignore[arg-type]
    assert found.first > 0.41
    assert found.three > 0.56
    assert found.wrong < 0.02


def test_a_question_costs_little() -> None:
    """Seconds of this thread on a processor, and far more of them than it needs: a busy machine is not a slow index."""
    index = Index(packaged())
    began = thread_time()
    index.rank("党费怎么交")
    assert thread_time() - began < 5
    spent = []
    for article in packaged():
        began = thread_time()
        find(index, article.question + "啊", TODAY)
        spent.append(thread_time() - began)
    assert sorted(spent)[len(spent) // 2] < 0.05


# -- the two commands
def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


def test_answers_are_written_one_a_row_and_what_is_relevant_is_never_read(tmp_path: Path) -> None:
    articles = written(
        tmp_path / "articles", *({"id": a.id, "question": a.question, "answer": a.answer} for a in packaged())
    )
    asked = written(tmp_path / "queries", {"query": "党费怎么算", "relevant": 7}, {"query": "介绍信丢了怎么办啊"})
    outside = written(tmp_path / "outside", {"query": "书记贪污"})
    out = tmp_path / "out"
    assert answers(articles, asked, outside, out) == 3
    got = rows(out)
    assert [row["query"] for row in got] == ["党费怎么算", "介绍信丢了怎么办啊", "书记贪污"]
    assert [row["answered"] for row in got] == ["F063", "F041", None]
    assert all(list(row) == ["query", "answered", "ranked", "ms"] and float(str(row["ms"])) > 0 for row in got)
    assert all(len(row["ranked"]) == 10 for row in got[:2])  # type: ignore[arg-type]


def test_what_was_understood_is_written_in_the_form_of_what_was_wanted(tmp_path: Path) -> None:
    out = tmp_path / "out"
    count = understand(EVAL / "understand.dev.jsonl", out)
    wanted = {row["id"]: row["want"] for row in rows(EVAL / "understand.dev.jsonl")}
    got = {row["id"]: row["got"] for row in rows(out)}
    assert count == len(got) == len(wanted)
    assert sum(got[each] == wanted[each] for each in wanted) / count > 0.97


def test_rows_that_cannot_be_read_are_all_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = {"id": 1, "kind": "confirm", "text": "好"}
    lines = [
        json.dumps(good),
        "",
        "not JSON",
        json.dumps({**good, "kind": "colour"}),
        json.dumps({**good, "text": 3}),
        json.dumps({**good, "kind": "date", "now": "2026-11-21T10:30:00"}),
        json.dumps({**good, "kind": "integer", "minimum": "0"}),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadRowsError) as wrong:
        understand(path, tmp_path / "out")
    assert [line.split(": ")[1] for line in str(wrong.value).splitlines()] == [f"line {n}" for n in (3, 4, 5, 6, 7)]
    assert str(path) in str(wrong.value)
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError, match="nowhere"):
        answers(tmp_path / "nowhere", tmp_path / "nowhere", None, tmp_path / "out")


def test_a_text_may_hold_any_character_and_still_be_one_row(tmp_path: Path) -> None:
    rows_path = tmp_path / "rows"
    rows_path.write_text('{"id": 1, "kind": "text", "text": "一\u2028二\\ud800"}\n', encoding="utf-8")
    assert understand(rows_path, tmp_path / "out") == 1
    assert len((tmp_path / "out").read_text(encoding="utf-8").split("\n")) == 2
