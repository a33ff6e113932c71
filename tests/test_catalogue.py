"""Service files: every mistake is named by file and line, all in one message; versions stay what they were."""

from __future__ import annotations

import pytest

from bot import catalogue as files
from dialogs.catalogue import Catalogue, CatalogueError, Source, load
from dialogs.rules import packaged as rules
from dialogs.text import fold

GOOD = """\
service: book
version: 1
title: 预约
words: [预约, 我要预约]
steps:
  - {key: what, ask: 您想预约什么？, kind: text}
opens: {case: book, unit: kunshan, promise: 1 working days}
receipt: 预约好了，编号 {number}。
"""


def mistakes(*texts: str) -> list[str]:
    with pytest.raises(CatalogueError) as wrong:
        load((f"f{number}.yaml", text) for number, text in enumerate(texts))
    return [str(mistake) for mistake in wrong.value.mistakes]


def test_every_mistake_is_named_at_once() -> None:
    text = """\
service: book
version: 0
title: 预约
colour: red
steps:
  - {key: what, ask: "", kind: text}
  - {key: what, ask: 几点？, kind: clock}
  - {key: when, ask: 哪天？, kind: date, when: {nobody: yes}}
"""
    found = mistakes(text)
    assert [line.split(": ")[0] for line in found] == [
        "f0.yaml:2",
        "f0.yaml:4",
        "f0.yaml:6",
        "f0.yaml:7",
        "f0.yaml:8",
    ]
    assert "问句是空的" in found[2]
    assert "nobody" in found[4]


def test_a_file_that_is_no_yaml_is_named_with_its_line() -> None:
    assert mistakes("service: book\nsteps: [\n")[0].startswith("f0.yaml:")


def test_a_key_written_twice_is_a_mistake() -> None:
    assert mistakes(GOOD + "version: 2\n")[0].startswith("f0.yaml:9")


def test_two_services_may_not_answer_to_one_word() -> None:
    other = GOOD.replace("service: book", "service: room")
    assert any("同时属于" in line for line in mistakes(GOOD, other))


def test_a_step_that_nobody_can_reach_is_a_mistake() -> None:
    text = GOOD.replace(
        "opens:",
        "  - {key: kind, ask: 哪种？, kind: choice, options: {a: 甲, b: 乙}}\n"
        "  - {key: why, ask: 为何？, kind: text, when: {kind: c}}\nopens:",
    )
    (line,) = mistakes(text)
    assert line.startswith("f0.yaml:8")
    assert "永远问不到" in line


def test_a_post_or_consent_that_the_rules_do_not_know_is_named() -> None:
    text = GOOD.replace("promise:", "post: gardener, promise:").replace("steps:", "consent: gone\nsteps:")
    with pytest.raises(CatalogueError) as wrong:
        load([("book.yaml", text)], rules=rules())
    consent, post = map(str, wrong.value.mistakes)
    assert consent.startswith("book.yaml:5")
    assert "没有叫 gone 的同意书" in consent
    assert post.startswith("book.yaml:8")
    assert "没有叫 gardener 的岗位" in post
    assert "livelihood" in post


def test_a_value_that_nothing_fills_is_named() -> None:
    text = GOOD.replace("您想预约什么？", '"{city}的{name}预约什么？"')
    text = text.replace("编号 {number}。", "编号 {nummer}，{answer}前。")
    asked, receipt = mistakes(text)
    assert asked.startswith("f0.yaml:6")
    assert "{name} 填不上" in asked
    assert receipt.startswith("f0.yaml:8")
    assert "{nummer} 填不上" in receipt
    assert "number" in receipt


def test_the_menu_is_in_its_order() -> None:
    places = {"room": 2, "book": 1, "none": 0}
    texts = [
        GOOD.replace("book", name).replace("预约", name).replace("version: 1", f"version: 1\nmenu: {place}")
        for name, place in places.items()
    ]
    assert [service.service for service in load(zip(places, texts, strict=True)).on_menu()] == ["book", "room"]


def test_a_changed_file_with_an_unchanged_version_stops_the_start() -> None:
    before = load([("book.yaml", GOOD)]).sources
    with pytest.raises(CatalogueError, match="version 仍是 1"):
        load([("book.yaml", GOOD.replace("您想预约什么？", "预约什么？"))], older=before)


def test_an_older_version_stays_for_those_who_began_with_it() -> None:
    older = [Source(name="book", version=1, digest="of then", text=GOOD)]
    newer = load([("book.yaml", GOOD.replace("version: 1", "version: 2").replace("预约什么", "约什么"))], older=older)
    pinned = newer.pinned("book", 1)
    assert pinned is not None
    assert pinned.steps[0].ask == "您想预约什么？"
    assert newer.current["book"].version == 2
    assert newer.pinned("book", 3) is None


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return files.read()


@pytest.mark.parametrize(
    ("words", "service"),
    [("报到", "check_in"), ("我要求助", "help"), ("ＨＩ", "welcome"), ("政策咨詢", "policy"), ("撤回", "withdraw")],
)
def test_menu_word_and_typed_word_are_one_registry(packaged: Catalogue, words: str, service: str) -> None:
    found = packaged.named(fold(words))
    assert found is not None
    assert found.service == service


def test_the_flow_of_a_service_can_be_drawn() -> None:
    drawn = files.show("check_in")
    assert drawn is not None
    assert "请问您的姓名？" in drawn
    assert "2 working days" in drawn
    assert files.show("nobody") is None
