"""The WeChat official account (公众号, 服务号): one adapter, the only place that knows its protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot.channels import Media, NotSent, Push, Sent
from bot.channels.wechat.account import Account, Mode
from bot.channels.wechat.api import Api, Code, Quota, Tokens
from bot.channels.wechat.menu import Menu
from bot.channels.wechat.read import CHANNEL, Reader, Seal
from bot.channels.wechat.write import LIMIT, envelope, text_reply, words

__all__ = ["Account", "Code", "Menu", "Mode", "Quota", "Tokens", "WeChat"]


def _now() -> datetime:
    return datetime.now(UTC)


class WeChat:
    """One official account: reads its pushes, writes its replies, calls its API.

    `tokens` is where access tokens are shared between processes (storage.hot). `clock` only tells
    when the platform's day ends. Close it, or use it as an async context, when its API was called.
    """

    name = CHANNEL
    limit = LIMIT

    def __init__(self, account: Account, tokens: Tokens, clock: Callable[[], datetime] = _now) -> None:
        self.account = account.name
        self.api = Api(account, tokens, clock)
        self._app_id = account.app_id.encode()
        self._reader = Reader(account)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections to the platform's API."""
        await self.api.close()

    def greet(self, query: Mapping[str, str], now: datetime) -> str:
        """Answer the platform's check of our address (GET), or raise BadPush."""
        return self._reader.greet(query, now)

    def read(self, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """Verify and read one push, or raise BadPush; never anything else."""
        return self._reader.read(query, body, now)

    def render(self, push: Push, text: str, at: datetime) -> bytes:
        """Write the reply that is stored and repeated byte for byte; no words, no reply."""
        return text_reply(push.member.user, push.to, text, at) if text else b""

    def seal(self, push: Push, reply: bytes, at: datetime) -> bytes:
        """Wrap a stored reply for the wire: encrypted afresh where the push was; b"" stays b""."""
        if not reply or not isinstance(push.seal, Seal):
            return reply
        return envelope(push.seal, self._app_id, reply, at)

    @staticmethod
    def warm() -> None:
        """Load wechatpy now: it takes `requests` along, for which the first push need not wait."""
        from bot.channels.wechat import messages  # noqa: F401  loading is all

    async def send(self, user: str, text: str) -> Sent | NotSent:
        """Send words as 客服消息."""
        return await self.api.send_text(user, words(text))

    async def publish_menu(self, menu: Menu) -> NotSent | None:
        """Publish the account's menu; None is success."""
        return await self.api.create_menu(menu)

    async def code(self, scene: str) -> str | NotSent:
        """Have a station's permanent code made; what is to be drawn in it."""
        made = await self.api.create_code(scene)
        return made if isinstance(made, NotSent) else made.url

    async def fetch(self, media: str) -> Media | NotSent:
        """Fetch a photo or recording by its MediaId, never by an address in a push."""
        return await self.api.fetch(media)
