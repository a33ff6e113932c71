"""What reaches a member, as words to read: passive replies (XML) and what the API sends (JSON)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote
from xml.etree.ElementTree import Element

from bot.simulator.body import Body
from bot.simulator.errors import Refused
from bot.simulator.people import Choice
from bot.simulator.xml import value

TEXT_LIMIT = 2048  # at exactly this many bytes the platform answers 45002 (reference/wechat.md §2)
_LINK = re.compile(r"""<a\s+[^>]*?href\s*=\s*["']?([^"'>\s]*)["']?[^>]*>(.*?)</a>""", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the member sees: the kind, the readable words, a picture's media id, rows that can be tapped."""

    type: str
    text: str
    media: str = ""
    choices: tuple[Choice, ...] = ()


def _choice_of(href: str) -> Choice | None:
    scheme, _, query = href.partition("?")
    asked = parse_qs(query.replace("&amp;", "&"))
    words = asked.get("msgmenucontent", [""])[0]
    if scheme != "weixin://bizmsgmenu" or not words:
        return None
    return Choice(id=asked.get("msgmenuid", [""])[0], text=unquote(words))


def plain(text: str) -> Shown:
    """Show text: links as their words, tappable ones as choices."""
    found = (_choice_of(href) for href, _ in _LINK.findall(text))
    return Shown(type="text", text=_LINK.sub(r"\2", text), choices=tuple(one for one in found if one))


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def articles(rows: Iterable[tuple[str, str, str]]) -> str:
    """Write articles (title, description, address) as words."""
    return "\n\n".join(_lines(*row) for row in rows)


def _reply_text(root: Element) -> Shown | None:
    content = value(root, "Content")
    fits = 0 < len(content.encode()) <= TEXT_LIMIT
    return plain(content) if fits else None


def _reply_news(root: Element) -> Shown | None:
    items = root.findall("Articles/item")
    if not items or value(root, "ArticleCount") != str(len(items)) or len(items) > 8:
        return None
    rows = [(value(item, "Title"), value(item, "Description"), value(item, "Url")) for item in items]
    return Shown(type="news", text=articles(rows))


def _reply_media(kind: str, tag: str, words: str) -> Callable[[Element], Shown | None]:
    def read(root: Element) -> Shown | None:
        media = value(root, f"{tag}/MediaId")
        title = value(root, f"{tag}/Title")
        return Shown(type=kind, text=f"{words} {title}".rstrip(), media=media) if media else None

    return read


def _reply_music(root: Element) -> Shown | None:
    found = root.find("Music")
    if found is None:
        return None
    return Shown(type="music", text=_lines(f"[音乐] {value(found, 'Title')}".rstrip(), value(found, "Description")))


PASSIVE: dict[str, Callable[[Element], Shown | None]] = {
    "text": _reply_text,
    "image": _reply_media("image", "Image", "[图片]"),
    "voice": _reply_media("voice", "Voice", "[语音]"),
    "video": _reply_media("video", "Video", "[视频]"),
    "music": _reply_music,
    "news": _reply_news,
}


def _custom_text(body: Body) -> Shown:
    content = body.inner("text").text("content", "")
    return checked_text(content)


def checked_text(content: str) -> Shown:
    """Show text that the API sends. Raises Refused: 44004 empty, 45002 too long."""
    if not content:
        raise Refused(44004)
    if len(content.encode()) >= TEXT_LIMIT:
        raise Refused(45002)
    return plain(content)


def _custom_menu(body: Body) -> Shown:
    menu = body.inner("msgmenu")
    rows = [Choice(id=row.text("id", ""), text=row.text("content", "")) for row in menu.rows("list")]
    listed = [row.text for row in rows]
    words = _lines(menu.text("head_content", ""), *listed, menu.text("tail_content", ""))
    if not words:
        raise Refused(44004)
    return Shown(type="msgmenu", text=words, choices=tuple(rows))


def _custom_news(body: Body) -> Shown:
    rows = body.inner("news").rows("articles")
    if not rows:
        raise Refused(44004)
    if len(rows) > 1:
        raise Refused(45008)
    found = rows[0]
    parts = (found.text("title", ""), found.text("description", ""), found.text("url", ""))
    return Shown(type="news", text=articles([parts]))


def _custom_media(kind: str, words: str) -> Callable[[Body], Shown]:
    def read(body: Body) -> Shown:
        inner = body.inner(kind)
        media = inner.text("media_id", "")
        if not media:
            raise Refused(40007)
        return Shown(type=kind, text=f"{words} {inner.text('title', '')}".rstrip(), media=media)

    return read


def _custom_titled(kind: str, words: str) -> Callable[[Body], Shown]:
    def read(body: Body) -> Shown:
        return Shown(type=kind, text=f"{words} {body.inner(kind).text('title', '')}".rstrip())

    return read


CUSTOMER: dict[str, Callable[[Body], Shown]] = {
    "text": _custom_text,
    "msgmenu": _custom_menu,
    "news": _custom_news,
    "image": _custom_media("image", "[图片]"),
    "voice": _custom_media("voice", "[语音]"),
    "video": _custom_media("video", "[视频]"),
    "mpnews": _custom_media("mpnews", "[图文]"),
    "music": _custom_titled("music", "[音乐]"),
    "mpnewsarticle": _custom_titled("mpnewsarticle", "[图文]"),
    "wxcard": _custom_titled("wxcard", "[卡券]"),
    "miniprogrampage": _custom_titled("miniprogrampage", "[小程序]"),
}


def fields_of(data: Body, limit: int = 20) -> str:
    """Write a template's fields as words, one a line. Raises Refused 47003, naming the field."""
    lines = []
    for name in data.fields:
        words = data.inner(name).text("value", "")
        if not words or len(words) > limit or "\n" in words:
            raise Refused(47003, f"argument invalid! data.{name}.value is invalid")
        lines.append(words)
    return _lines(*lines)
