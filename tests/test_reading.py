"""YAML as people write it: what words, numbers and days are taken for, and where a slip stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dialogs.reading import BadYamlError, read


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("12", 12),
        ("-3", -3),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("12:30", "12:30"),
        ("09:00-12:00", "09:00-12:00"),
        ("0512-55550100", "0512-55550100"),
        ("2026-11-21", date(2026, 11, 21)),
        ("2026-11-21 09:00", "2026-11-21 09:00"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("{yes: 有, no: 没有}", {"yes": "有", "no": "没有"}),
        ("[路灯, 1, 门]", ["路灯", 1, "门"]),
    ],
)
def test_a_word_is_taken_for_what_it_looks_like(written: str, value: Any) -> None:
    found = read(f"it: {written}").value["it"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "同一项写了两次：a"),
        ("all:\n  - {b: 1,\n     b: 2}\n", 3, "同一项写了两次：b"),
        ("a: 1\nday: 2027-02-31\n", 2, "没有这一天"),
        ("a: 1\nb: [1, 2\n", 3, "YAML 写法不对"),
        ("a: 1\nb: *nobody\n", 2, "YAML 写法不对"),
        ("a: 1\nb: !ours 2\n", 2, "YAML 写法不对"),
        ("a: 1\n---\nb: 2\n", 2, "YAML 写法不对"),
        ("a: 1\nb: 路\x07灯\n", 2, "控制字符"),
        ("1: a\n01: b\n", 2, "同一项写了两次：01"),
        ("1: a\n'1': b\n", 2, "同一项写了两次：1"),
        ("true: a\nTrue: b\n", 2, "同一项写了两次：True"),
        ("a: 1\nb: !!bool maybe\n", 2, "标签"),
        ("a: 1\nb: !!int abc\n", 2, "标签"),
        ("a: 1\nb: &b [*b]\n", 2, "& 和 *"),
        ("&a {a: *a}\n", 1, "& 和 *"),
        ("? [a]\n: 1\n", 1, "YAML 写法不对"),
        pytest.param("a: 1\nb: " + "9" * 5000, 2, "数字太长", id="a long number"),
        pytest.param("a: 1\nb: 0x" + "f" * 5000, 2, "数字太长", id="a long number in sixteens"),
        pytest.param("a: 1\nb: " + "[" * 60_000, 2, "套得太深", id="many brackets"),
        pytest.param("a: 1\nb: " + "[" * 33 + "]" * 33, 2, "套得太深", id="33 brackets"),
        pytest.param("a: 1\n" + "- " * 60_000, 2, "YAML 写法不对", id="many dashes"),
        pytest.param("\n".join(" " * level + "a:" for level in range(400)), 33, "套得太深", id="many steps in"),
        pytest.param("a: 路" + "灯" * 90_000, 1, "文件太大", id="a large file"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadYamlError, match=words) as wrong:
        read(text)
    assert wrong.value.line == line


def test_every_part_knows_its_line() -> None:
    tree = read("\ufefftitle: 报到\nsteps:\n  - {key: name}\n  - key: when\n    2027: x\n")
    assert tree.value["steps"][1] == {"key": "when", 2027: "x"}
    assert tree.line(("title",)) == 1
    assert tree.line(("steps",)) == 2
    assert tree.line(("steps", 0, "key")) == 3
    assert tree.line(("steps", 1, 2027)) == 5


def test_what_is_missing_is_told_where_it_should_stand() -> None:
    tree = read("title: 报到\nsteps:\n  - {key: name}\n")
    assert tree.line(("steps", 0, "ask")) == 3
    assert tree.line(("steps", 7)) == 2
    assert tree.line(("opens", "case")) == 1
    assert read("").line(("title",)) == 1
    assert read("").value is None
