"""The menu under the chat: checked when it is published, and one to begin with before that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.simulator.body import Body
from bot.simulator.errors import Refused

_WITH_KEY = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
_WITHOUT_KEY = frozenset({"view", "miniprogram", "media_id", "view_limited", "article_id", "article_view_limited"})


def _click(name: str, key: str) -> dict[str, object]:
    return {"type": "click", "name": name, "key": key}


# What a phone shows until the account publishes its own.
DEFAULT: dict[str, object] = {
    "button": [
        {"name": "我要办", "sub_button": [_click("流动党员报到", "报到"), _click("我要求助", "求助")]},
        _click("政策咨询", "政策咨询"),
        {
            "name": "我的",
            "sub_button": [_click("办理进度", "进度"), _click("找工作人员", "人工"), _click("使用帮助", "帮助")],
        },
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry that can be tapped."""

    name: str
    kind: str
    key: str


def _width(name: str) -> float:
    return sum(0.5 if char.isascii() else 1 for char in name)


def _check_end(button: Body, *, top: bool) -> None:
    kind = button.text("type", "")
    if kind not in _WITH_KEY | _WITHOUT_KEY:
        raise Refused(40017 if top else 40024)
    if kind in _WITH_KEY and not 0 < len(button.text("key", "").encode()) <= 128:
        raise Refused(40019 if top else 40026)
    if kind == "view" and not 0 < len(button.text("url", "").encode()) <= 1024:
        raise Refused(40020 if top else 40027)


def check(menu: Body) -> None:
    """Check a menu: at most three entries with five below each, names of 4 and 8 characters. Raises Refused."""
    buttons = menu.rows("button")
    if not 1 <= len(buttons) <= 3:
        raise Refused(40016)
    for button in buttons:
        if not 0 < _width(button.text("name", "")) <= 4:
            raise Refused(40018)
        below = button.rows("sub_button")
        if len(below) > 5:
            raise Refused(40023)
        for row in below:
            if not 0 < _width(row.text("name", "")) <= 8:
                raise Refused(40025)
            _check_end(row, top=False)
        if not below:
            _check_end(button, top=True)


def _ends(menu: Mapping[str, object]) -> list[Body]:
    tops = Body(menu).rows("button")
    return [end for top in tops for end in (top.rows("sub_button") or [top])]


def entry_of(menu: Mapping[str, object] | None, key: str) -> Entry:
    """Find the entry with this key (or address); a key that no menu shows is taken as a click."""
    for end in _ends(menu or DEFAULT):
        if key and key in {end.text("key", ""), end.text("url", "")}:
            return Entry(name=end.text("name"), kind=end.text("type"), key=key)
    return Entry(name=key, kind="click", key=key)
