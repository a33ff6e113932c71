"""Replies as the platform wants them: well-formed whatever a member or a colleague typed."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from bot.channels.wechat.crypto import sign
from bot.channels.wechat.parse import split_cdata
from bot.channels.wechat.read import Seal
from dialogs.text import clean, cut

# 2,048 bytes were refused (45002) in the official community; the exact limit is unconfirmed.
LIMIT: Final = 2047


def words(text: str) -> str:
    """Make text that the platform can carry: no control characters, line feeds only, at most LIMIT bytes.

    The dialog cuts politely before; this is the net below it.
    """
    plain = clean(text)
    if "\r" in plain:
        plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    return cut(plain, LIMIT)[0]


def text_reply(user: str, account: str, text: str, at: datetime) -> bytes:
    """Write a text reply from our account (`gh_…`) to a member; `at` becomes its CreateTime."""
    return (
        f"<xml><ToUserName><![CDATA[{split_cdata(user)}]]></ToUserName>"
        f"<FromUserName><![CDATA[{split_cdata(account)}]]></FromUserName>"
        f"<CreateTime>{int(at.timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{split_cdata(words(text))}]]></Content></xml>"
    ).encode()


def envelope(seal: Seal, app_id: bytes, reply: bytes, at: datetime) -> bytes:
    """Encrypt a reply afresh. The nonce is our own: echoing the push's would put a stranger's text in our XML."""
    encrypted = seal.key.seal(reply, app_id)
    moment, nonce = str(int(at.timestamp())), secrets.token_hex(8)
    signature = sign(seal.token, moment, nonce, encrypted)
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{moment}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode()
