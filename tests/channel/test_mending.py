"""Pushes that members' own characters broke: read all the same, and never to another's cost."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels import BadPush, Push
from bot.channels.wechat.parse import LIMIT
from bot.channels.wechat.read import Reader
from dialogs.events import MemberSaid
from dialogs.text import clean
from tests.channel.platform import NOW, THEM, US, Platform, account, text_push
from tests.shared import rows

PLAIN = Reader(account("plain"))


def heard(text: str) -> Push:
    return PLAIN.read(Platform().plain(), text_push(text).encode("utf-8", "surrogatepass"), NOW)


def words(push: Push) -> str:
    assert isinstance(push.event, MemberSaid)
    return push.event.text


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (" \x1dc", " c"),
        ("a\x02b", "ab"),
        ("a\x00b", "ab"),
        ("\ud83d", ""),
        ("看 ]]> 这里", "看 ]]> 这里"),
        ("]]>", "]]>"),
        ("<xml><status><![CDATA[1]]></status></xml>", "<xml><status><![CDATA[1]]></status></xml>"),
        ("]]></Content>", "]]></Content>"),
        ("]]></Content></xml><!--", "]]></Content></xml><!--"),
        ("<Title><![CDATA[没有结尾", "<Title><![CDATA[没有结尾"),
        ("\x1d]]> <Title><![CDATA[x]]></Title>", "]]> <Title><![CDATA[x]]></Title>"),
        ("&lt; &amp; &", "&lt; &amp; &"),
    ],
)
def test_what_was_typed_is_what_is_heard(typed: str, understood: str) -> None:
    assert words(heard(typed)) == understood


@pytest.mark.parametrize(
    "typed",
    [
        "x]]></Content><MsgId>1</MsgId><Content><![CDATA[y",
        "x]]></Content><FromUserName>somebody</FromUserName><Content><![CDATA[y",
        "x]]></Content><msgid>1</msgid><MsgType>event</MsgType><Content><![CDATA[y",
        "x]]><MsgId>1</MsgId><![CDATA[y",
        "x]]></Content><MsgId>1</MsgId></xml><xml><Content><![CDATA[y",
    ],
)
def test_a_member_cannot_write_our_fields(typed: str) -> None:
    push = heard(typed)
    assert (push.key, push.member.user, push.to) == ("wechat/main/22211872600753510", THEM, US)
    assert words(push) == typed


PIECES = [
    *("]]>", "<![CDATA[", "<Content>", "</Content>", "<MsgId>1</MsgId>", "<FromUserName>x</FromUserName>", "</xml>"),
    *("<xml>", "<!--", "-->", "<?x ", "?>", "<a/>", "&", "&#1;", "\x1d", "\x00", "\ud83d", "\r\n", "你", " ", "x"),
    *("<Title><![CDATA[", "]]></Title>", "<MsgType>event</MsgType>", "</Encrypt>", "<!DOCTYPE x>", "<ScanCodeInfo>"),
]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_heard_and_changes_nothing_but_the_text(typed: str) -> None:
    push = heard(typed)
    assert (push.key, push.member.user, push.to) == ("wechat/main/22211872600753510", THEM, US)
    if "<![CDATA[" not in typed:
        assert words(push) == clean(typed).replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(max_size=200))
def test_any_unicode_is_heard(typed: str) -> None:
    assert words(heard(typed)) == clean(typed).replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("piece", ["<Title><![CDATA[", "]]></Title>", "<Url><![CDATA[]]></Url>", "<a>", "]]>", "<!--"])
def test_nothing_that_fits_the_door_is_slow_to_refuse(piece: str) -> None:
    body = b"<xml>" + piece.encode() * ((LIMIT - 20) // len(piece)) + b"</xml>\x1d"
    began = time.process_time()
    with pytest.raises(BadPush):
        PLAIN.read(Platform().plain(), body, NOW)
    assert time.process_time() - began < 0.25


def test_pushes_that_broke_other_servers_are_answered() -> None:
    for row in rows("vectors/adversarial.json"):
        body = row["raw"].encode()
        if row["kind"] in {"XXE", "entity expansion"}:
            with pytest.raises(BadPush, match="dtd"):
                PLAIN.read(Platform().plain(), body, NOW)
            continue
        push = PLAIN.read(Platform().plain(), body, NOW)
        if wanted := row.get("expected_after_sanitise"):
            assert words(push) == wanted["Content"]
