"""What is sensitive never stays readable."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.identity import valid
from dialogs.masking import CARD_MARK, ID_MARK, has_id_number, mask_phone, mask_text
from tests.strategies import identities, mobiles, said

MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
IDENTITY = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9Xx])")


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def hidden() -> st.SearchStrategy[str]:
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    spaced = st.builds(
        lambda number, gap: gap.join(re.findall(".{1,4}", number)),
        mobiles() | identities(),
        st.sampled_from([" ", "-", "\u200b", "　", ". "]),
    )
    sensitive = (
        mobiles()
        | identities()
        | identities().map(str.lower)
        | spaced
        | (mobiles() | identities()).map(lambda number: number.translate(wide))
    )
    words = said() | st.sampled_from(["我的号码", "，", " ", "电话", "和", "HY-261121-0387-8", "3号楼"])
    return st.lists(sensitive | words, max_size=6).map("".join)


@given(text=hidden())
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@given(text=hidden())
def test_no_mobile_and_no_valid_identity_number_is_left(text: str) -> None:
    left = plain(mask_text(text))
    assert not MOBILE.search(left)
    assert not [each[0] for each in IDENTITY.finditer(left) if valid(each[0])]


@given(text=hidden())
def test_words_without_figures_stay_as_they_are(text: str) -> None:
    words = re.sub(r"[^一-鿿，。]|[零〇一二三四五六七八九两壹贰叁肆伍陆柒捌玖洞幺腰妖夭拐勾]", "", text)
    assert mask_text(words) == words


@given(
    before=st.sampled_from(["我是", "身份证 ", "", "号："]),
    number=identities(),
    after=st.sampled_from(["", "，谢谢", " 电话13812345678"]),
)
def test_an_identity_number_disappears_whole(before: str, number: str, after: str) -> None:
    text = before + number + after
    assert has_id_number(text)
    assert number[6:14] not in mask_text(text)
    assert mask_text(text).startswith(before)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我电话13812345678", "打我电话138****5678"),
        ("138 1234 5678", "138****5678"),
        ("１３８－１２３４－５６７８", "138****5678"),
        ("+86 13812345678", "+86138****5678"),
        ("幺三八幺二三四五六七八", "138****5678"),
        ("座机0512-57123456", "座机0512****3456"),
        ("卡号6222 0212 3456 7890 128", "卡号［卡号已隐去］"),
        ("老证110105491231002", "老证［证件号已隐去］"),
        ("110105194912310029", "［证件号已隐去］"),
        ("编号HY-261121-0387-8，电话13812345678", "编号HY-261121-0387-8，电话138****5678"),
        ("3号楼2单元401室", "3号楼2单元401室"),
        ("2026年11月21日 10:30", "2026年11月21日 10:30"),
        ("订单20261121000123", "订单20261121000123"),
    ],
)
def test_what_members_write(text: str, masked: str) -> None:
    assert mask_text(text) == masked


APART = [
    *(
        "-",
        " ",
        "/",
        ":",
        "：",
        "~",
        "～",
        "*",
        "；",
        "|",
        "−",
        "ー",
        "・",
        "•",
        "――",
        "】【",
        "'",
        "」「",
        "  ,  ,  ",
        "......",
    ),
    *("\u115f", "\u3164", "\u034f", "\u180e", "\u180b", "\u200d" * 4, "\ufe0f\u20e3", "\u2003 \xa0\u3000 \u2003"),
]


@pytest.mark.parametrize("gap", APART)
def test_a_number_is_hidden_however_it_is_parted(gap: str) -> None:
    for parts in (["138", "1234", "5678"], [*"13812345678"]):
        assert mask_text(f"电话{gap.join(parts)}。") == "电话138****5678。"
    assert mask_text(f"证件{gap.join('110105194912310029')}。") == f"证件{ID_MARK}。"
    assert mask_text(f"卡号{gap.join('6222021234567890128')}。") == f"卡号{CARD_MARK}。"


@pytest.mark.parametrize(
    "told",
    [
        "一 三 八 一 二 三 四 五 六 七 八",
        "㊀㊂㊇㊀㊁㊂㊃㊄㊅㊆㊇",
        "㈠㈢㈧㈠㈡㈢㈣㈤㈥㈦㈧",
        "⼀三⼋⼀⼆三四五六七⼋",
        "1 3 8 1234 5 6 7 8",
        "138)(1234)(5678",
        "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8",
    ],
)
def test_a_number_is_hidden_however_it_is_spelt(told: str) -> None:
    assert mask_text(told) == "138****5678"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 10:30",
        "2026/11/22 10:30-11:30，2026/11/23 13:30-15:00",
        "2026-11-22 13:45:30 到 2026-11-22 14:45:30",
        "13:30-15:00，9:30",
        "8:30-11:30 13:30-17:00",
        "13:00 14:00 15:00 16:00",
        "1 2 3 4 5 6 7 8",
        "1、2、3、4、5、6、7、8、9、10、11、12",
        "3/5/12/8/30/11/7/15/2/20",
        "￥1500/2000/300",
        "￥138.00/150.00",
        "【1】报修【2】报到【3】进度",
        "192.168.1.1:8080",
        "HY-261121-0387-8",
    ],
)
def test_dates_times_prices_and_lists_stay(text: str) -> None:
    assert mask_text(text) == text


def test_ends_of_a_number_are_kept() -> None:
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("01012345678") == "010****5678"
    assert mask_phone("85291234567") == "852****4567"
    assert mask_phone("12345") == "*****"
