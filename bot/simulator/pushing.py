"""Pushing to the account: signed, cut after five seconds, three tries, and reading what comes back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import aiohttp
from yarl import URL

from bot.simulator.box import Box, Push, Try
from bot.simulator.cipher import Unsealable, matches, sign
from bot.simulator.people import Member
from bot.simulator.words import PASSIVE, Shown
from bot.simulator.xml import Fields, read, value, write

TRIES = 3
APOLOGY = "该公众号暂时无法提供服务，请稍后再试"
_ANSWER_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a push: how many tries, the last HTTP status (0: none came), its number on the wire."""

    tries: int
    status: int
    push: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An answer that the platform cannot show, and why."""

    why: str


class Pusher:
    """The platform's hand towards the account. One push of a member at a time, in the order said."""

    def __init__(self, box: Box, session: aiohttp.ClientSession) -> None:
        self._box = box
        self._session = session
        self._url = URL(box.settings.push_url)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def push(self, openid: str, fields: Fields, *, member: Member | None = None) -> Outcome:
        """Push until answered or out of tries. With a member, what comes back reaches them."""
        async with self._turns[openid]:
            push = Push(id=self._box.new_id(), openid=openid, at=self._box.now(), plain=write(fields))
            self._box.pushes.append(push)
            status = await self._try_all(push)
            if member is not None:
                self._deliver(push, member, answered=status == 200)
            self._box.tell(openid)
            return Outcome(tries=len(push.tries), status=status, push=push.id)

    async def _try_all(self, push: Push) -> int:
        for number in range(1, TRIES + 1):
            tried = await self._try(push)
            push.tries.append(tried)
            if tried.status == 200:
                break
            if number < TRIES and tried.took < self._box.settings.push_timeout:
                await asyncio.sleep(self._box.settings.retry_pause)
        return push.tries[-1].status

    async def _try(self, push: Push) -> Try:
        query, sent = self._signed(push)
        push.url, push.sent = str(self._url.update_query(query)), sent
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._box.settings.push_timeout):
                status, answer = await self._post(query, sent)
                note = ""
        except TimeoutError:
            status, answer, note = 0, "", f"{self._box.settings.push_timeout:g} 秒内没有回答，连接已断开"
        except (aiohttp.ClientError, OSError) as error:
            status, answer, note = 0, "", f"连不上：{error}"
        took = time.monotonic() - started
        return Try(status=status, answer=answer, plain="", note=note, took=round(took, 3))

    async def _post(self, query: Mapping[str, str], sent: str) -> tuple[int, str]:
        request = self._session.post(
            self._url.update_query(query),
            data=sent.encode(),
            headers={"Content-Type": "text/xml"},
            allow_redirects=False,
        )
        async with request as response:
            raw = await response.content.read(_ANSWER_LIMIT)
            while more := await response.content.read(_ANSWER_LIMIT):
                raw = (raw + more)[:_ANSWER_LIMIT]
            return response.status, raw.decode(errors="replace")

    def _signed(self, push: Push) -> tuple[dict[str, str], str]:
        settings = self._box.settings
        timestamp = str(int(self._box.real().timestamp()))
        nonce = str(secrets.randbelow(9 * 10**8) + 10**8)
        query = {"signature": sign(settings.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        query["openid"] = push.openid
        if self._box.envelope is None:
            return query, push.plain
        sealed = self._box.envelope.seal(push.plain)
        query |= {"encrypt_type": "aes", "msg_signature": sign(settings.token, timestamp, nonce, sealed)}
        if settings.mode == "compatible":
            return query, push.plain.removesuffix("</xml>") + f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return query, write({"ToUserName": settings.original_id, "Encrypt": sealed})

    def _deliver(self, push: Push, member: Member, *, answered: bool) -> None:
        last = push.tries[-1]
        result = self._read(push, last.answer) if answered else Unreadable(last.note or f"HTTP {last.status}")
        match result:
            case Shown():
                push.verdict = "已送到"
                if member.following:
                    self._box.write(member, "account", result, way="passive", push=push.id)
            case Unreadable(why):
                push.verdict = why
                if member.following:
                    notice = Shown(type="notice", text=APOLOGY)
                    self._box.write(member, "account", notice, way="passive", push=push.id)
            case None:
                push.verdict = "没有被动回复"

    def _read(self, push: Push, answer: str) -> Shown | Unreadable | None:
        if answer.strip() in {"", "success"}:
            return None
        root = read(answer)
        if root is None:
            return Unreadable("回复不是 XML")
        if self._box.envelope is None:
            return self._shown(push, root)
        sealed = value(root, "Encrypt")
        if not sealed:
            compatible = self._box.settings.mode == "compatible"
            return self._shown(push, root) if compatible else Unreadable("安全模式下回复没有加密")
        return self._opened(push, root, sealed)

    def _opened(self, push: Push, root: Element, sealed: str) -> Shown | Unreadable | None:
        parts = (self._box.settings.token, value(root, "TimeStamp"), value(root, "Nonce"), sealed)
        if not all(parts) or not matches(value(root, "MsgSignature"), *parts):
            return Unreadable("回复的 MsgSignature 不对")
        assert self._box.envelope is not None
        try:
            plain = self._box.envelope.open(sealed)
        except Unsealable as error:
            return Unreadable(str(error))
        last = push.tries[-1]
        push.tries[-1] = Try(status=last.status, answer=last.answer, plain=plain, note="", took=last.took)
        inner = read(plain)
        return Unreadable("解密后的回复不是 XML") if inner is None else self._shown(push, inner)

    def _shown(self, push: Push, root: Element) -> Shown | Unreadable | None:
        if value(root, "ToUserName") != push.openid or value(root, "FromUserName") != self._box.settings.original_id:
            return Unreadable("回复的 ToUserName 或 FromUserName 不对")
        if not value(root, "CreateTime").strip().isdigit():
            return Unreadable("回复的 CreateTime 不是数字")
        kind = value(root, "MsgType")
        if kind == "transfer_customer_service":
            return None
        reader = PASSIVE.get(kind)
        shown = reader(root) if reader else None
        return shown or Unreadable(f"回复的内容平台不接受（{kind or '没有 MsgType'}）")
