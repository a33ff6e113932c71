"""The platform's API, called with our own client: one shared token, one retry for it, short waits.

Every call ends in what was asked for or in a NotSent that says what can be done. A call that may
have arrived (a time-out or a broken connection after sending, HTTP 5xx) is `unknown` and never
repeated here. Logs carry the path, the code and the platform's rid: never a member, a word or a token.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, cast

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)

from bot.channels import Media, NotSent, Sent
from bot.channels.wechat.account import Account
from bot.channels.wechat.errors import packaged
from bot.channels.wechat.menu import Menu

_log = structlog.get_logger(__name__)
_Answer = TypeVar("_Answer")

# A member waits for some of these; the platform answers in well under a second.
_TIMEOUT = ClientTimeout(total=8, connect=3, sock_connect=3)
# The platform closes idle connections; ours must be gone first, or a POST meets a closed door.
_KEEPALIVE = 15
# A new token and the old one overlap for five minutes.
_OVERLAP = 300
_MEDIA_LIMIT: Final = 12 * 1024 * 1024
# An error instead of a file comes as JSON, under one of these names.
_TEXTUAL = frozenset({"application/json", "text/plain", "text/html"})
_RID = re.compile(r"rid: ?([0-9a-zA-Z-]{1,64})")

_UNKNOWN = NotSent(trouble="unknown", code=0, words="平台没有回音，不知道是否送到")
_UNREACHED = NotSent(trouble="busy", code=0, words="连不上平台")
_TOO_BIG = NotSent(trouble="refused", code=0, words="素材太大")
_NOT_A_FILE = NotSent(trouble="refused", code=0, words="平台没有给出文件")


class Tokens(Protocol):
    """Where access tokens are kept for every process, and the lock that lets one of them fetch a new one."""

    async def token(self, key: str) -> str | None:
        """Return the token that is kept, if it still lives."""

    async def keep_token(self, key: str, value: str, ttl: float) -> None:
        """Keep a token for `ttl` seconds."""

    def single_flight(self, key: str) -> AbstractAsyncContextManager[object]:
        """Hold the lock of this name; others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A station's code: the ticket that shows its picture, and the address inside the picture."""

    ticket: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How often one API may be called today, and how often it was."""

    limit: int
    used: int
    remain: int


class Api:
    """The calls that this project makes, for one account."""

    def __init__(self, account: Account, tokens: Tokens, clock: Callable[[], datetime]) -> None:
        self._account = account
        self._base = account.api_base.rstrip("/")
        self._tokens = tokens
        self._clock = clock
        self._key = f"wechat/{account.name}/{account.app_id}"
        self._errors = packaged()
        self._fetched = 0
        self._stuck = ""
        self._session: ClientSession | None = None

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send_text(self, user: str, text: str) -> Sent | NotSent:
        """Send words as 客服消息. The platform has no id against doubles: `unknown` must not be repeated."""
        body = {"touser": user, "msgtype": "text", "text": {"content": text}}
        answer = await self._call("/cgi-bin/message/custom/send", body)
        return answer if isinstance(answer, NotSent) else Sent(reference=str(answer.get("msgid", "")))

    async def create_menu(self, menu: Menu) -> NotSent | None:
        """Publish the menu; phones show it within minutes."""
        answer = await self._call("/cgi-bin/menu/create", menu.body())
        return answer if isinstance(answer, NotSent) else None

    async def create_code(self, scene: str) -> Code | NotSent:
        """Make a permanent code of a scene (1 to 64 characters; an account has 100,000 of them)."""
        body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        answer = await self._call("/cgi-bin/qrcode/create", body)
        if isinstance(answer, NotSent):
            return answer
        return Code(ticket=str(answer.get("ticket", "")), url=str(answer.get("url", "")))

    async def quota(self, path: str) -> Quota | NotSent:
        """Ask how often an API (`/cgi-bin/…`) may still be called today."""
        answer = await self._call("/cgi-bin/openapi/quota/get", {"cgi_path": path})
        if isinstance(answer, NotSent):
            return answer
        found = answer.get("quota")
        row = found if isinstance(found, dict) else {}
        limit, used, remain = (int(row.get(name, 0)) for name in ("daily_limit", "used", "remain"))
        return Quota(limit=limit, used=used, remain=remain)

    async def fetch(self, media: str) -> Media | NotSent:
        """Fetch a temporary photo or recording by its id. Asking again does no harm, so `unknown` becomes `busy`."""
        answer = await self._with_token(lambda token: self._fetch_once(media, token))
        if isinstance(answer, NotSent) and answer.trouble == "unknown":
            return _UNREACHED
        return answer

    async def check(self) -> NotSent | None:
        """Ask for an access token afresh, to see that the account's set-up works; `doctor` shows the answer."""
        answer = await self._fetch_token("")
        return answer if isinstance(answer, NotSent) else None

    async def _call(self, path: str, body: Mapping[str, object]) -> dict[str, Any] | NotSent:
        return await self._with_token(lambda token: self._post(path, body, token))

    async def _with_token(self, call: Callable[[str], Awaitable[_Answer | NotSent]]) -> _Answer | NotSent:
        """Call with the shared token; where the platform refuses the token, once more with a fresh one."""
        token = await self._token()
        if isinstance(token, NotSent):
            return token
        seen = self._fetched
        answer = await call(token)
        if not self._bad_token(answer):
            return answer
        fresh = await self._token(refused=token, seen=seen)
        if isinstance(fresh, NotSent):
            return fresh
        answer = await call(fresh)
        if fresh == token and self._bad_token(answer):
            self._stuck = token
        return answer

    def _bad_token(self, answer: object) -> bool:
        return isinstance(answer, NotSent) and answer.code in self._errors.token

    async def _token(self, refused: str = "", seen: int = -1) -> str | NotSent:
        """Give the shared token, or have one caller fetch a new one while the others wait for it.

        Whoever was refused while somebody else fetched (`seen` is the count before) takes what that brought.
        """
        held = await self._tokens.token(self._key)
        if held and held != refused:
            return held
        async with self._tokens.single_flight(self._key):
            held = await self._tokens.token(self._key)
            if held and (held != refused or self._fetched != seen):
                return held
            return await self._fetch_token(refused)

    async def _fetch_token(self, refused: str) -> str | NotSent:
        # In normal mode the platform may give the very token that it refuses. Forcing a new one is allowed
        # 20 times a day, so only for a token that was given again and refused again.
        force = bool(refused) and refused == self._stuck
        answer = await self._ask_token(force=force)
        if isinstance(answer, NotSent):
            return answer
        token = str(answer.get("access_token", ""))
        if not token:
            return _UNREACHED
        self._fetched, self._stuck = self._fetched + 1, ""
        life = float(answer.get("expires_in", 7200))
        await self._tokens.keep_token(self._key, token, max(60.0, life - _OVERLAP))
        return token

    async def _ask_token(self, *, force: bool) -> dict[str, Any] | NotSent:
        body = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.app_secret,
            "force_refresh": force,
        }
        answer = await self._post("/cgi-bin/stable_token", body)
        if not isinstance(answer, NotSent):
            return answer
        if answer.code in self._errors.token:  # here 40001 means the secret, not the token
            return replace(answer, trouble="stopped", words="公众号 AppSecret 不正确")
        # Nothing was sent to anybody yet: asking again does no harm.
        return replace(_UNREACHED, code=answer.code) if answer.trouble == "unknown" else answer

    async def _post(self, path: str, body: Mapping[str, object], token: str = "") -> dict[str, Any] | NotSent:
        # The platform shows \\uXXXX as it is written, so the JSON must carry the characters themselves.
        data = json.dumps(body, ensure_ascii=False).encode()
        found = await self._exchange("POST", path, {"access_token": token} if token else {}, data)
        return found if isinstance(found, NotSent) else self._answer(path, found[1])

    async def _fetch_once(self, media: str, token: str) -> Media | NotSent:
        path = "/cgi-bin/media/get"
        found = await self._exchange("GET", path, {"access_token": token, "media_id": media})
        if isinstance(found, NotSent):
            return found
        kind, content = found
        if kind not in _TEXTUAL:
            return Media(content=content, kind=kind)
        answer = self._answer(path, content)
        # A video comes as an address, and addresses are not followed.
        return answer if isinstance(answer, NotSent) else _NOT_A_FILE

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, str], data: bytes | None = None
    ) -> tuple[str, bytes] | NotSent:
        """Make one HTTP exchange; give the content's type and the content."""
        try:
            async with self._open().request(
                method, self._base + path, params=query, data=data, allow_redirects=False
            ) as response:
                if response.status == 200:
                    return await _read(response)
                status = response.status
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            _log.warning("wechat_unreachable", path=path, error=type(error).__name__)
            return _UNREACHED
        except (ClientError, TimeoutError) as error:
            _log.warning("wechat_no_answer", path=path, error=type(error).__name__)
            return _UNKNOWN
        _log.warning("wechat_http", path=path, status=status)
        if status >= 500:
            return replace(_UNKNOWN, code=status)
        return NotSent(trouble="stopped", code=status, words=f"平台接口地址不对（HTTP {status}）")

    def _answer(self, path: str, content: bytes) -> dict[str, Any] | NotSent:
        try:
            answer = json.loads(content)
            code = int(answer.get("errcode") or 0)
        except (ValueError, TypeError, AttributeError):
            _log.warning("wechat_garbled", path=path, size=len(content))
            return _UNKNOWN
        if code == 0:
            return cast("dict[str, Any]", answer)
        rid = _RID.search(str(answer.get("errmsg", "")))
        _log.warning("wechat_refused", path=path, code=code, rid=rid[1] if rid else "")
        return self._errors.not_sent(code, self._clock())

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(timeout=_TIMEOUT, connector=TCPConnector(keepalive_timeout=_KEEPALIVE))
        return self._session


async def _read(response: ClientResponse) -> tuple[str, bytes] | NotSent:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _MEDIA_LIMIT:
            return _TOO_BIG
    return response.content_type, bytes(content)
