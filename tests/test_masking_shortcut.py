"""Masking looks before it reads: what it passes over has nothing to mask."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from dialogs import masking
from dialogs.numerals import SPOKEN
from tests.strategies import identities

FIGURES = st.sampled_from(
    [
        *"0123456789x+- ",
        *SPOKEN,
        *"１２３４５６７８９０①②③④⑤⑥⑦⑧⑨⁰¹²³⁴⁵⁶⁷⁸⁹❶❷❸❹❺〡〢〣〤〥〦〧〨〩٣٤٥",
        *"㊀㊂㈧⼀⼋/:~；｜【】'＊ー・",
    ]
)
LIKELY = st.lists(st.one_of(FIGURES, st.characters()), max_size=40).map("".join)


IDENTITIES = st.tuples(
    identities(), st.sampled_from(["", " ", "－", "　", "\u200b", "）（", "﹣", "；", " 【", "\u3164" * 5])
).map(lambda each: each[1].join(re.findall(".{1,4}", each[0])))


@given(LIKELY)
@example("+1234 5678")
@example("幺三八幺二三四五六七八")
@example("①③⑧①②③④⑤⑥⑦⑧")
@example("138－1234－5678")
def test_the_look_agrees_with_the_reading(text: str) -> None:
    assert masking.mask_text(text) == masking._masked(text, masking._found(text))


@given(LIKELY | IDENTITIES)
@example("110105 491231 002")
@example("１１０１０５　４９１２３１　００２")
def test_the_look_for_an_identity_number_agrees_with_the_reading(text: str) -> None:
    assert masking.has_id_number(text) == any(mark == masking.ID_MARK for _, _, mark in masking._found(text))


def test_every_character_that_is_read_as_a_figure_or_a_gap_is_looked_for() -> None:
    figure, gap = re.compile(masking._FIGURE), re.compile(masking._GAP)
    looked_for = re.compile(f"{masking._FIGURE}|{masking._BETWEEN}")
    missed = []
    for each in map(chr, (*range(0xD800), *range(0xE000, 0x110000))):
        read = masking._shadow(each)
        if (read.isdigit() and read.isascii() and not figure.match(each)) or (
            gap.fullmatch(read) and not looked_for.fullmatch(each)
        ):
            missed.append(each)
    assert missed == []


def test_no_character_is_taken_for_a_figure_and_for_a_gap() -> None:
    figure, between = re.compile(masking._FIGURE), re.compile(masking._BETWEEN)
    both = [each for each in map(chr, range(0x110000)) if figure.match(each) and between.fullmatch(each)]
    assert both == []
