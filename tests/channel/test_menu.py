"""The account's menu, and every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.wechat.menu import load, packaged
from dialogs import catalogue, reading

ROOM = Path(catalogue.__file__).parent
WORDS = ["报到", "求助", "撤回", "咨询", "进度", "人工", "帮助"]
HEAD = "limits: {entries: 3, below: 5, name: 8, name_below: 16}\nmenu:\n"


def test_the_packaged_menu_fits_the_platform() -> None:
    buttons = packaged(WORDS).body()["button"]
    assert isinstance(buttons, list)
    assert len(buttons) == 3
    assert buttons[0]["sub_button"][0] == {"type": "click", "name": "流动党员报到", "key": "报到"}


@pytest.mark.parametrize(
    ("rows", "mistake"),
    [
        ("  - {name: 我要办理事情, word: 报到}", "m.yaml:3: 「我要办理事情」: a name here has 1 to 4"),
        ("  - {name: '', word: 报到}", "m.yaml:3: 「」: a name here has 1 to 4"),
        ("  - {name: 办事, word: 起飞}", "m.yaml:3: 「起飞」 is no word"),
        ("  - {name: 办事}", "m.yaml:3: 「办事」 needs either"),
        ("  - {name: 办事, word: 报到, url: x}", "m.yaml:3: 「办事」 has no use for url"),
        ("  - {name: 办事, word: 报到}\n" * 4, "m.yaml:2: a menu has 1 to 3 entries, not 4"),
        ("  []", "m.yaml:2: a menu has 1 to 3 entries, not 0"),
        ("  - name: 办事\n    below:\n" + "      - {name: 报到, word: 报到}\n" * 6, "m.yaml:4: 「办事」 has 6 entries"),
        ("  - name: 办事\n    below: [{name: 一二三四五六七八九, word: 报到}]", "m.yaml:4: 「一二三四五六七八九」"),
        (
            "  - name: 办事\n    below: [{name: 报到, below: [{name: 报到, word: 报到}]}]",
            "m.yaml:4: a menu has two levels",
        ),
        ("  - {word: 报到}", "m.yaml:1: not a menu"),
        ("  - {name: 办事", "m.yaml:"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(rows: str, mistake: str) -> None:
    with pytest.raises(ValueError, match=r"^m\.yaml:") as wrong:
        load(HEAD + rows, WORDS, "m.yaml")
    assert mistake in str(wrong.value)


def test_every_entry_of_the_packaged_menu_opens_a_service_or_is_a_command() -> None:
    services = catalogue.load((one.name, one.read_text("utf-8")) for one in (ROOM / "services").glob("*.yaml"))
    commands = reading.read((ROOM / "rules" / "commands.yaml").read_text("utf-8")).value["commands"]
    said = {word for words in commands.values() for word in words.split()}
    assert packaged({*services.registry, *said}) == packaged()


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"m\.yaml") as wrong:
        load(HEAD + "  - {name: 办事, word: 起飞}\n  - {name: 我要办理事情, word: 报到}", WORDS, "m.yaml")
    assert len(str(wrong.value).splitlines()) == 2
