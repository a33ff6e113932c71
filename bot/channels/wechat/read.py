"""From an HTTP request's query and body to a Push, or BadPush: who signed it, how old it is, what it says.

The configured mode is enforced: in plain mode the query is signed and the body is believed; in
safe and compatible mode only what was signed over the body and then decrypted is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b

from bot.channels import BadPush, Push
from bot.channels.wechat import parse
from bot.channels.wechat.account import Account
from bot.channels.wechat.crypto import AesKey, WrongKey, same, signer
from bot.channels.wechat.parse import Fields, text_of
from dialogs.events import MemberEvent
from storage.turns import MemberKey

CHANNEL = "wechat"

# An openid has 28 characters.
_LONGEST = 128


@dataclass(frozen=True, slots=True)
class Seal:
    """How this push's reply is wrapped: with the key that decrypted it, signed with the token that signed it."""

    key: AesKey
    token: str


class Reader:
    """Reads the pushes of one account. Holds keys made ready and nothing that changes."""

    __slots__ = ("_account", "_app_id", "_keys", "_tokens")

    def __init__(self, account: Account) -> None:
        self._account = account
        self._app_id = account.app_id.encode()
        self._tokens = tuple(filter(None, (account.token, account.token_previous)))
        self._keys = tuple(AesKey(key) for key in (account.aes_key, account.aes_key_previous) if key)

    def greet(self, query: Mapping[str, str], now: datetime) -> str:
        """Answer the platform's check of our address with its `echostr`, or raise BadPush."""
        self._signed(query, "signature", now)
        echo = query.get("echostr", "")
        if not echo:
            raise BadPush("no_echo")
        return echo

    def read(self, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """Verify and read one push, or raise BadPush; see the module."""
        if len(body) > parse.LIMIT:
            raise BadPush("oversized", 413)
        if self._account.mode == "plain":
            _, drift = self._signed(query, "signature", now)
            return self._push(body, now, drift, None)
        try:
            return self._sealed(query, body, now)
        except BadPush as bad:
            # The kind is counted; the one who sent it learns nothing.
            raise BadPush(bad.kind, 403) from None

    def _signed(self, query: Mapping[str, str], name: str, now: datetime, *over: str) -> tuple[str, float | None]:
        """Check a signature and its age; give the token that made it and how far its time is from ours."""
        moment, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not moment or not nonce:
            raise BadPush("unsigned", 403)
        token = signer(query.get(name, ""), self._tokens, moment, nonce, *over)
        if not token:
            raise BadPush("unsigned", 403)
        drift = _drift(moment, now)
        if self._account.max_age and (drift is None or abs(drift) > self._account.max_age):
            raise BadPush("stale", 403)
        return token, drift

    def _sealed(self, query: Mapping[str, str], body: bytes, now: datetime) -> Push:
        encrypted = text_of(parse.read(body), "Encrypt")
        if not encrypted:
            raise BadPush("not_encrypted")
        token, drift = self._signed(query, "msg_signature", now, encrypted)
        for key in self._keys:
            try:
                inner, app_id = key.open(encrypted)
            except WrongKey:
                continue
            if not same(app_id, self._app_id):
                raise BadPush("wrong_app")
            return self._push(inner, now, drift, Seal(key, token))
        raise BadPush("wrong_key")

    def _push(self, body: bytes, now: datetime, drift: float | None, seal: Seal | None) -> Push:
        fields = parse.read(body)
        user, kind = text_of(fields, "FromUserName"), text_of(fields, "MsgType")
        if seal is None and not kind and text_of(fields, "Encrypt"):
            raise BadPush("encrypted")  # the platform is set to safe mode and we to plain
        if not user or len(user) > _LONGEST:
            raise BadPush("no_sender")
        if not kind:
            raise BadPush("no_type")
        return Push(
            key=f"{CHANNEL}/{self._account.name}/{_key(fields, user, kind, body)}",
            member=MemberKey(CHANNEL, self._account.name, user),
            event=_events()(fields),
            at=_moment(text_of(fields, "CreateTime")) or now,
            to=text_of(fields, "ToUserName")[:_LONGEST],
            seal=seal,
            drift=drift,
        )


@cache  # an import statement costs a microsecond even where there is nothing left to import
def _events() -> Callable[[Fields], MemberEvent]:
    from bot.channels.wechat.messages import event_of  # wechatpy is loaded behind the start: see WeChat.warm

    return event_of


def _drift(moment: str, now: datetime) -> float | None:
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return None
    return int(moment) - now.timestamp()


def _moment(created: str) -> datetime | None:
    if not (created.isascii() and created.isdigit() and len(created) <= 11):
        return None
    return datetime.fromtimestamp(int(created), UTC)


def _key(fields: Fields, user: str, kind: str, body: bytes) -> str:
    """Name a push so that its repeats have the same name and no other push has.

    MsgId for messages; for events, which have none, sender, time, event and key, and the job's id
    where two jobs may end in one second. A message without MsgId (no known platform) goes by its bytes.
    """
    number = text_of(fields, "MsgId")
    event = text_of(fields, "Event") if kind.lower() == "event" else ""
    if number and not event and len(number) <= 64:
        return number
    if not event:
        return _digest(body)
    created = text_of(fields, "CreateTime")
    return _digest("+".join((user, created, event, text_of(fields, "EventKey"), number)).encode())


def _digest(whole: bytes) -> str:
    # Keys are logged, and openids are not.
    return blake2b(whole, digest_size=16).hexdigest()
