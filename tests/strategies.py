"""What members really send, and worse: the nasty values that plain random text misses."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

NASTY: Final = (
    "²",
    "１",
    "\u3000",
    "",
    "9" * 5000,
    "0",
    "-1",
    "😀",
    "👨‍👩‍👧‍👦",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "a\udfffb",
    "\u202e13812345678",
    "\u200f",
    "\u2066今天\u2069",
    "１３８１２３４５６７８",
    "1️⃣",
    "①",
    "❶",
    "㈠",
    "Ⅳ",
    "½",
    "٣",
    "𝟏",
    "零",
    "幺" * 40,
    "一" * 200,
    "\ufffe",
    "\ufeff是",
    "\r\n",
    "\t",
    "]]>",
    "<script>",
    "{name}",
    "{",
    "%s",
    "${jndi}",
    "'; DROP TABLE",
    "\\",
    "null",
    "None",
    "NaN",
    "1e999",
    "0x10",
    "-0",
    "+1",
    "1,2",
    "1.0",
    "2026-02-30",
    "9999-99-99",
    "00000000",
    "99999999年99月99日",
    "今天" * 30,
    "13812345678" * 30,
    "是" * 100,
    "不" * 99,
    "好不" * 40,
    "我要" * 60,
    "的" * 3000,
    "11010519491231002X",
    "110105 19491231 002X",
    "6222021234567890128",
    "HY-261121-0387-8",
    "hy" * 50,
    "𠮷",
    "䶮",
    "\U00031350",
    "阿·" * 30,
    "（" * 50,
    "……",
    "。",
    "   ",
    "？",
    "#",
    "明天" + "\u200b" + "下午",
    "\u200b\u200b",
    "あ",
    "한국",
    "ไทย",
    "العربية",
    "繁體與简体混合１",
)
"""Every one of these has broken some program that reads what people type."""

_PIECES: Final = (
    "我要",
    "请",
    "1",
    "２",
    "三",
    "第二个",
    "明天",
    "下周三",
    "下午",
    "三点",
    "半",
    "12月1日",
    "去年",
    "国庆",
    "138",
    "13812345678",
    "一三八",
    "0512-",
    "不",
    "是",
    "好的",
    "人工",
    "进度",
    "取消",
    "没有",
    "着火",
    "自杀",
    "煤气味",
    "王芳",
    "阿不都·",
    "满意",
    "五星",
    "个人",
    "大概",
    "HY-",
    "261121",
    "，",
    "。",
    " ",
    "\u3000",
    "😀",
    "\u202e",
    "²",
)


def nasty() -> st.SearchStrategy[str]:
    """Draw one of the curated nasty values."""
    return st.sampled_from(NASTY)


def said() -> st.SearchStrategy[str]:
    """Draw what a member may say: nasty values, pieces of real answers in any order, and any text at all."""
    pieces = st.lists(st.sampled_from(_PIECES) | nasty(), max_size=6).map("".join)
    return nasty() | pieces | st.text(st.characters(), max_size=80)


def digits(least: int, most: int) -> st.SearchStrategy[str]:
    """Draw figures, between so many and so many."""
    return st.text("0123456789", min_size=least, max_size=most)


def mobiles() -> st.SearchStrategy[str]:
    """Draw mobile numbers."""
    return st.builds(lambda head, tail: f"1{head}{tail}", st.sampled_from("3456789"), digits(9, 9))


def identities() -> st.SearchStrategy[str]:
    """Draw identity numbers whose check character holds."""
    weights, checks = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"

    def finished(place: str, born: str, serial: str) -> str:
        body = f"{place}{born}{serial}"
        return body + checks[sum(int(figure) * weight for figure, weight in zip(body, weights, strict=True)) % 11]

    places = st.sampled_from(("110105", "440524", "320583", "341225", "830000"))
    return st.builds(
        finished, places, st.dates().filter(lambda day: day.year >= 1850).map("{:%Y%m%d}".format), digits(3, 3)
    )
