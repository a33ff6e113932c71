"""Commands and option numbers: they work at every moment and never fire inside a story."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.lexicon import packaged
from dialogs.text import traditional
from dialogs.understand import STANDARD, command, digit
from tests.strategies import said

WORDS = [(word, name) for name, words in packaged("commands").table("commands").items() for word in words]
OWN = {"withdraw", "more", "read", "plain", "forget"}


@given(text=said())
def test_anything_may_be_said(text: str) -> None:
    found = command(text)
    assert found is None or found in STANDARD | OWN
    assert command(text) == found
    assert digit(text, 5) in {None, 0, 1, 2, 3, 4}


def test_no_word_means_two_commands() -> None:
    assert len({word for word, _ in WORDS}) == len(set(WORDS))


@pytest.mark.parametrize("name", sorted(STANDARD | OWN))
def test_every_word_works_in_both_scripts(name: str) -> None:
    words = [word for word, meant in WORDS if meant == name]
    assert [word for word in words if command(word) != name or command(traditional(word)) != name] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("撤回", "withdraw"),
        ("我要撤回刚才的投诉", "withdraw"),
        ("更多", "more"),
        ("已閱", "read"),
        ("大字", "plain"),
        ("字太小了看不清", None),
        ("長輩版", "plain"),
        ("删除我的信息", "forget"),
        ("把我的资料都删了吧", "forget"),
        ("查一下我的进度", "progress"),
    ],
)
def test_our_own_commands(text: str, name: str | None) -> None:
    assert command(text) == name


def test_zero_asks_for_a_person_only_where_no_number_is_asked() -> None:
    assert command("0") == command("０") == "human"
    assert command("0", zero=False) is None
    assert command("人工", zero=False) == "human"


@pytest.mark.parametrize(
    "text",
    [
        "我取消了预约怎么办",
        "人工湖太脏",
        "返回家乡还要转组织关系吗",
        "帮助老人的活动",
        "进度条卡住了",
        "取消公交站",
        "菜单上的字太小",
    ],
)
def test_a_story_is_no_command(text: str) -> None:
    assert command(text) is None


@given(number=st.integers(1, 20), count=st.integers(1, 20))
def test_a_number_is_its_option_or_nothing(number: int, count: int) -> None:
    for text in (str(number), f"{number}。", f"选{number}", f"第{number}个", f" {number}、"):
        assert digit(text, count) == (number - 1 if number <= count else None)


@pytest.mark.parametrize(
    ("text", "index"),
    [("最后一个", 3), ("倒数第二个", 2), ("②", 1), ("两", 1), ("-1", None), ("1和2", None), ("两个", None), ("²", 1)],
)
def test_other_ways_to_say_which(text: str, index: int | None) -> None:
    assert digit(text, 4) == index
