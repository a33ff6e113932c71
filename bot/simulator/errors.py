"""The platform's error codes and their words (reference/wechat.md §3.3)."""

from __future__ import annotations

WORDS: dict[int, str] = {
    -1: "system error",
    0: "ok",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40037: "invalid template_id",
    40053: "invalid action info",
    40125: "invalid appsecret",
    40130: "invalid openid list size, at least two openid",
    41001: "access_token missing",
    41005: "media data missing",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45047: "out of response count limit",
    45065: "clientmsgid exist",
    45066: "same clientmsgid retry too fast, please retry 1 minutes later",
    45067: "clientmsgid size out of limit",
    45072: "invalid typing command",
    45080: "can not send typing state, no message in 30s",
    45081: "typing state exist",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48006: "forbid to clear quota because of reaching the limit",
}


class Refused(Exception):  # noqa: N818  the platform refuses; nothing of ours is broken
    """The platform answers with an error code. `more` is sent along (45065 carries the earlier msg_id)."""

    def __init__(self, code: int, words: str = "", **more: object) -> None:
        super().__init__(code)
        self.code = code
        self.words = words or WORDS.get(code, "error")
        self.more = more
