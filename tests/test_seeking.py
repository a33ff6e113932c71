"""What the find box understands, and how it shows where something was found."""

from __future__ import annotations

from datetime import date

import pytest

from dialogs.desk.seeking import Part, Sought, grams, holds, parts, sought

TODAY = date(2026, 11, 23)


def shown(line: str, *terms: str) -> str:
    return "".join(f"[{part.words}]" if part.hit else part.words for part in parts(line, terms))


def test_a_whole_number_is_only_that() -> None:
    found = sought("hy 261121 0387 8", TODAY)
    assert found.whole == "HY-261121-0387-8"
    assert found == Sought(said=found.said, whole=found.whole)


def test_four_figures_may_be_a_serial_a_phones_end_or_words() -> None:
    found = sought("０３８７", TODAY)
    assert found.serials[0].startswith("HY-261123-0387-")
    assert found.tail == "0387"
    assert found.terms == ("0387",)


@pytest.mark.parametrize(
    "typed", ["13812345678", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８", "+86 138 1234 5678"]
)
def test_a_whole_phone_however_it_is_written(typed: str) -> None:
    assert sought(typed, TODAY).phone == "13812345678"


def test_words_may_be_a_name() -> None:
    assert sought("周建国", TODAY).name == "周建国"
    assert sought("阿依古丽·买买提", TODAY).name == "阿依古丽·买买提"
    assert sought("路灯 3号楼", TODAY).name == ""


def test_nothing_is_nothing_and_one_character_is_no_word() -> None:
    assert sought("  ，。", TODAY).nothing
    assert not sought("灯", TODAY).grams
    assert sought("路灯坏 灯坏", TODAY).grams == {"路灯", "灯坏"}


def test_pairs_do_not_go_over_signs_and_both_scripts_are_one() -> None:
    assert grams("路燈壞了，3号楼 X") == {"路灯", "灯坏", "坏了", "3号", "号楼", "x"}


def test_what_was_found_is_marked_in_the_text_as_it_was_written() -> None:
    assert shown("三號樓的路燈壞了", "路灯") == "三號樓的[路燈]壞了"
    assert shown("Ｘ－０３１２ 灯杆", "x-0312", "灯杆") == "[Ｘ－０３１２] [灯杆]"
    assert shown("没有", "路灯") == ""
    assert parts("<b>路灯</b>", ["路灯"])[1] == Part(words="路灯", hit=True)


def test_a_long_line_is_cut_around_its_first_hit() -> None:
    line = "很早以前的话" * 20 + "路灯坏了" + "后面还有很多话" * 20
    cut = shown(line, "路灯")
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert "[路灯]坏了" in cut
    assert len(cut) < 70


def test_neighbours_by_chance_are_no_word() -> None:
    assert not holds("路灯和灯坏", "路灯坏")
    assert holds("路灯坏", "路灯坏")
