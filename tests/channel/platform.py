"""The platform's side of the wire for these tests, made with other hands: hashlib and wechatpy's cipher."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from wechatpy.crypto import WeChatCrypto

from bot.channels import Channel, Push
from bot.channels.wechat import Account, Mode, WeChat
from bot.metrics import Metrics
from handlers.webhook import Door, open_door
from storage.hot import open_hot

TOKEN = "testtoken123"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
APP_ID = "wx1234567890abcdef"
US = "gh_0123456789ab"
THEM = "oABCDEFGHIJKLMNOPQRSTUVWXYZ0"
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

Client = TestClient[web.Request, web.Application]


def account(mode: Mode = "plain", **more: Any) -> Account:
    """Make an account's settings; the age check is off unless a test turns it on."""
    given: dict[str, Any] = {"app_id": APP_ID, "app_secret": "secret", "token": TOKEN, "aes_key": AES_KEY, "max_age": 0}
    return Account(mode=mode, **(given | more))


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def text_push(text: str, *, number: str = "22211872600753510", user: str = THEM) -> str:
    """Write a text message as the platform does: with what the member typed as it is."""
    return message("text", f"<Content><![CDATA[{text}]]></Content>", number=number, user=user)


def event_push(event: str, key: str = "", more: str = "") -> str:
    body = f"<Event><![CDATA[{event}]]></Event><EventKey><![CDATA[{key}]]></EventKey>{more}"
    return message("event", body, number="")


def message(kind: str, body: str, *, number: str = "22211872600753510", user: str = THEM) -> str:
    return (
        f"<xml><ToUserName><![CDATA[{US}]]></ToUserName><FromUserName><![CDATA[{user}]]></FromUserName>"
        f"<CreateTime>1795248000</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{body}"
        + (f"<MsgId>{number}</MsgId>" if number else "")
        + "</xml>"
    )


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Signs and encrypts pushes, and reads replies, for one account."""

    token: str = TOKEN
    aes_key: str = AES_KEY
    app_id: str = APP_ID
    moment: str = str(int(NOW.timestamp()))
    nonce: str = "415670741"

    def _crypto(self) -> Any:
        theirs: Any = WeChatCrypto
        return theirs(self.token, self.aes_key, self.app_id)

    def plain(self) -> dict[str, str]:
        """Sign a query as in plain mode."""
        return {
            "signature": signature(self.token, self.moment, self.nonce),
            "timestamp": self.moment,
            "nonce": self.nonce,
            "openid": THEM,
        }

    def safe(self, xml: str, beside: str = "") -> tuple[dict[str, str], str]:
        """Encrypt and sign a push; `beside` are the plain fields of compatible mode."""
        sealed = self._crypto().encrypt_message(xml, self.nonce, self.moment)
        encrypted = ET.fromstring(sealed).findtext("Encrypt") or ""
        return self.signed(encrypted), self.around(encrypted, beside)

    def signed(self, encrypted: str) -> dict[str, str]:
        over = signature(self.token, self.moment, self.nonce, encrypted)
        return self.plain() | {"encrypt_type": "aes", "msg_signature": over}

    def around(self, encrypted: str, beside: str = "") -> str:
        fields = beside or f"<ToUserName><![CDATA[{US}]]></ToUserName>"
        return f"<xml>{fields}<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"

    def reads(self, reply: str) -> str:
        """Check and decrypt our reply; raises what wechatpy raises when it is not right."""
        envelope = ET.fromstring(reply)
        words = [envelope.findtext(name) or "" for name in ("MsgSignature", "TimeStamp", "Nonce")]
        found: str = self._crypto().decrypt_message(reply, *words)
        return found


@dataclass
class Turns:
    """Stands for the turn: keeps what came, answers `say`, or raises what it is told to."""

    say: str = "您好"
    came: list[Push] = field(default_factory=list)
    wrong: Exception | None = None

    async def answer(self, push: Push, channel: Channel) -> bytes:
        self.came.append(push)
        if self.wrong is not None:
            raise self.wrong
        return channel.render(push, self.say, NOW)


@dataclass
class Doorway:
    """The door on a real server, with the platform on one side and the turn on the other."""

    client: Client
    turns: Turns
    metrics: Metrics

    async def push(self, query: Mapping[str, str], body: str | bytes, to: str = "main") -> tuple[int, str]:
        """Push once and return the status and the answer."""
        data = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
        async with self.client.post(f"/wechat/{to}", params=query, data=data) as response:
            return response.status, await response.text()

    def refused(self) -> dict[str, int]:
        """Give the refusals by kind as /metrics counts them."""
        samples = next(iter(self.metrics.bad_pushes.collect())).samples
        return {row.labels["kind"]: int(row.value) for row in samples if row.name.endswith("_total")}


async def doorway(*accounts: Account) -> Doorway:
    """Open the door for these accounts; the caller closes `client`."""
    turns, metrics, app = Turns(), Metrics(), web.Application()
    hot = open_hot(None)
    channels: dict[str, Channel] = {one.name: WeChat(one, hot) for one in accounts}
    open_door(app, Door(channels=channels, turns=turns, now=lambda: NOW, metrics=metrics))
    client = TestClient(TestServer(app))
    await client.start_server()
    return Doorway(client=client, turns=turns, metrics=metrics)


def later(platform: Platform, seconds: int) -> Platform:
    """The same platform, with a clock that is so many seconds off."""
    return replace(platform, moment=str(int(NOW.timestamp()) + seconds))
