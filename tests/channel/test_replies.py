"""What we write must be well-formed and say exactly what was meant, whatever is in it."""

from __future__ import annotations

import base64
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.replies import TextReply

from bot.channels import BadPush, Push
from bot.channels.wechat import WeChat
from bot.channels.wechat.crypto import AesKey, WrongKey
from bot.channels.wechat.read import Reader
from bot.channels.wechat.write import LIMIT, text_reply
from storage.hot import open_hot
from tests.channel.platform import AES_KEY, APP_ID, NOW, THEM, US, Platform, account, text_push
from tests.shared import rows

NASTY = [
    "]]>",
    "]]",
    "]",
    ">",
    "<![CDATA[",
    "&",
    "<a>",
    "\x00",
    "\x1d",
    "\x7f",
    "\ud800",
    "\r\n",
    "\r",
    "\n",
    "😀",
    "鸿雁",
]
typed = st.lists(st.sampled_from(NASTY) | st.text(max_size=8), max_size=20).map("".join)


def content(reply: bytes) -> str:
    return ET.fromstring(reply).findtext("Content") or ""


def shown(text: str) -> str:
    """Say what of a text a phone can show, by the XML specification's own list."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char
        for char in lines
        if char in "\t\n" or (" " <= char <= "\ud7ff" and not "\x7f" <= char <= "\x9f") or "\ue000" <= char <= "\ufffd"
        or char >= "\U00010000"
    )  # fmt: skip


@given(typed)
def test_a_reply_says_what_was_meant(text: str) -> None:
    assert content(text_reply(THEM, US, text, NOW)) == shown(text)


@given(typed)
def test_a_reply_has_just_its_five_fields(text: str) -> None:
    reply = ET.fromstring(text_reply(f"{THEM}]]>", f"{US}]]>", text, NOW))
    assert [child.tag for child in reply] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]
    assert not any(len(child) for child in reply)
    assert reply.findtext("ToUserName") == f"{THEM}]]>"
    assert reply.findtext("CreateTime") == str(int(NOW.timestamp()))


@given(st.text(alphabet="a鸿😀]>\n", min_size=700, max_size=3000))
def test_a_reply_is_cut_at_a_character_below_the_limit(text: str) -> None:
    sent = content(text_reply(THEM, US, text, NOW))
    assert len(sent.encode()) <= LIMIT
    assert text.startswith(sent)
    assert len(sent.encode()) > LIMIT // 2 or sent == text or len(text.encode()) <= LIMIT


def test_another_library_writes_the_same_reply() -> None:
    other: Any = TextReply
    theirs = other(source=US, target=THEM, time=int(NOW.timestamp()), content="您好").render()
    ours = text_reply(THEM, US, "您好", NOW)
    assert {c.tag: c.text for c in ET.fromstring(theirs)} == {c.tag: c.text for c in ET.fromstring(ours)}


def push(mode: str = "safe") -> Push:
    query, body = Platform().safe(text_push("你好"))
    return Reader(account("safe")).read(query, body.encode(), NOW)


def test_no_words_are_no_reply() -> None:
    channel = WeChat(account("safe"), open_hot(None))
    assert channel.render(push(), "", NOW) == b""
    assert channel.seal(push(), b"", NOW) == b""


@given(st.binary(max_size=3000), st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_what_is_sealed_can_be_opened_and_only_whole(message: bytes, app_id: str) -> None:
    key = AesKey(AES_KEY)
    sealed = key.seal(message, app_id.encode())
    assert key.open(sealed) == (message, app_id.encode())
    assert len(sealed) % 4 == 0


@given(st.binary(max_size=200), st.data())
def test_a_tampered_end_is_refused(message: bytes, data: st.DataObject) -> None:
    """The pad is the only check on the ciphertext beside the app id: all of its bytes count."""
    key = AesKey(AES_KEY)
    raw = bytearray(base64.b64decode(key.seal(message, APP_ID.encode())))
    raw[data.draw(st.integers(len(raw) - 16, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        opened = key.open(base64.b64encode(raw).decode())
    except WrongKey:
        return
    assert opened != (message, APP_ID.encode())


@pytest.mark.parametrize("pad", [bytes([17]) * 16, bytes([3, 3, 2]), b"\x00", bytes([33]) * 33, b"\x02\x01\x02"])
def test_a_pad_that_is_not_right_in_every_byte_is_refused(pad: bytes) -> None:
    raw = base64.b64decode(AES_KEY + "=")
    plain = b"r" * 16 + (5).to_bytes(4, "big") + b"hello" + APP_ID.encode()
    plain += b"x" * (-(len(plain) + len(pad)) % 16) + pad
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    with pytest.raises(WrongKey):
        AesKey(AES_KEY).open(base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode())


@pytest.mark.parametrize("key", ["", AES_KEY[:-1], AES_KEY + "x", "钥" * 43])
def test_a_key_of_another_length_is_no_key(key: str) -> None:
    with pytest.raises(ValueError):
        AesKey(key)


SAFE = Reader(account("safe"))


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="<&]"), max_size=200))
def test_any_signed_blob_is_a_bad_push_and_nothing_else(blob: str) -> None:
    with pytest.raises(BadPush):
        SAFE.read(Platform().signed(blob.strip()), Platform().around(blob).encode(), NOW)


@given(st.binary(min_size=1, max_size=20).map(lambda tail: AesKey(AES_KEY).seal(tail, APP_ID.encode())))
def test_any_sealed_nonsense_is_a_bad_push_and_nothing_else(blob: str) -> None:
    with pytest.raises(BadPush):
        SAFE.read(Platform().signed(blob), Platform().around(blob).encode(), NOW)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_bad_push_and_nothing_else(body: bytes) -> None:
    for reader in (SAFE, Reader(account("plain")), Reader(account("compatible"))):
        with pytest.raises(BadPush):
            reader.read(Platform().plain(), body, NOW)


@given(st.data())
def test_a_captured_push_with_holes_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(rows("vectors/payloads.json")))["raw"].encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    try:
        found = Reader(account("plain")).read(Platform().plain(), bytes(raw), NOW)
    except BadPush:
        return
    assert found.key.startswith("wechat/main/")
    assert found.member.user
