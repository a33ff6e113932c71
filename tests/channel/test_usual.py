"""The three usual shapes of a push are read by one look, which sees what the strict reader sees or leaves it alone."""

from __future__ import annotations

import re
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels import BadPush
from bot.channels.wechat.parse import Fields, _Broken, _strict, _usual
from tests.channel.platform import Platform, event_push, text_push
from tests.shared import rows


def strictly(body: bytes) -> Fields | None:
    """Read as the strict reader does; None where it gives up."""
    try:
        return _strict(body)
    except (ExpatError, _Broken, BadPush):
        return None


@pytest.mark.parametrize(
    "push",
    [
        text_push("小区路灯坏了三天了没有人管"),
        text_push("<b>&amp;</b> 看 > 这里\n\t\u0085\u2028\U0001f600"),
        text_push(""),
        event_push("CLICK", "报到"),
        event_push("subscribe"),
        re.sub("(</.*?>|<xml>)", r"\1\n", text_push("你好")),
        Platform().safe(text_push("你好"))[1],
    ],
)
def test_what_the_platform_writes_all_day_needs_one_look(push: str) -> None:
    seen = _usual(push.encode())
    assert seen is not None
    assert seen == _strict(push.encode())


@pytest.mark.parametrize(
    "push",
    [
        text_push("a]b"),
        text_push("a\rb"),
        text_push("a\x1db"),
        text_push("a\ufffeb"),
        text_push("你好").replace("<xml>", "<?xml version='1.0'?><xml>"),
        text_push("你好").replace("<Content>", "<Content lang='zh'>"),
        text_push("你好").replace("</MsgId>", "</MsgId><MsgId>1</MsgId>"),
        text_push("你好").replace("1795248000", "１７９５２４８０００"),
        text_push("你好") + "<xml/>",
        "\ufeff" + text_push("你好"),
    ],
)
def test_whatever_else_comes_is_left_to_the_strict_reader(push: str) -> None:
    assert _usual(push.encode()) is None


def test_the_captured_pushes_are_seen_alike() -> None:
    for row in rows("vectors/payloads.json"):
        seen = _usual(row["raw"].encode())
        assert seen is None or seen == strictly(row["raw"].encode())


PIECES = [
    *("]]>", "]", "<![CDATA[", "]]></Content>", "<Content><![CDATA[", "</xml>", "<xml>", "\r", "\r\n", "\n", "\t", " "),
    *("<!--", "-->", "<?x ?>", "<!DOCTYPE xml>", "&amp;", "&#1;", "&", "<", ">", "\x00", "\x1d", "\x7f", "\x85", "你"),
    *("\u2028", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ud83d", "1", "１", "</MsgType>"),
    *("<MsgId>1</MsgId>", "]]></Content><MsgId>7</MsgId></xml>", "</CreateTime><MsgType><![CDATA[event]]></MsgType>"),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
    st.text(max_size=12),
    st.characters(),
)


@settings(max_examples=1500)
@example(b"<xml><ToUserName><![CDATA[\xed\xa0\xbd]]></ToUserName><Encrypt><![CDATA[x]]></Encrypt></xml>")
@example(b"<xml><ToUserName><![CDATA[\xc0\xbc]]></ToUserName><Encrypt><![CDATA[x]]></Encrypt></xml>")
@example(b"<xml><ToUserName><![CDATA[\xf4\x90\x80\x80]]></ToUserName><Encrypt><![CDATA[x]]></Encrypt></xml>")
@given(
    st.tuples(
        st.sampled_from([text_push("@"), event_push("@", "@"), Platform().around("@")]),
        texts,
        st.integers(0, 40),
        texts,
    ).map(lambda made: _with(*made))
)
def test_one_look_never_sees_what_the_strict_reader_would_not(body: bytes) -> None:
    seen = _usual(body)
    assert seen is None or seen == strictly(body)


def _with(push: str, words: str, place: int, stray: str) -> bytes:
    """Put words where words belong and, half the time, something stray between any two tags."""
    parts = push.replace("@", words).split("><")
    if place < len(parts):
        parts[place] += stray if place % 2 else f">{stray}<"
    return "><".join(parts).encode("utf-8", "surrogatepass")
