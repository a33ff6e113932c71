"""What the platform pushed, by wechatpy's message and event classes, to what happened in the conversation."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from wechatpy.events import (
    EVENT_TYPES,
    ClickEvent,
    MassSendJobFinishEvent,
    ScanCodePushEvent,
    ScanCodeWaitMsgEvent,
    ScanEvent,
    SubscribeEvent,
    TemplateSendJobFinishEvent,
    UnsubscribeEvent,
)
from wechatpy.messages import (
    MESSAGE_TYPES,
    ImageMessage,
    LinkMessage,
    LocationMessage,
    ShortVideoMessage,
    TextMessage,
    UnknownMessage,
    VideoMessage,
    VoiceMessage,
)

from bot.channels.wechat.parse import Fields, text_of
from dialogs.events import Followed, Left, MemberEvent, MemberSaid, MemberSent, MemberTapped, Noticed, Scanned
from dialogs.text import clean, fold

_SCENE_PREFIX = "qrscene_"
# What our own station codes look like: a scene string has 1 to 64 characters (生成带参数二维码).
_SCENE = re.compile(r"[0-9A-Za-z_:-]{1,64}")

# A media id has about 64 characters. They are indexed, and PostgreSQL refuses an index entry over 2.7 kB:
# what is cut here is fetched in vain, but the member's words beside it are stored.
_LONGEST_MEDIA = 512

# wechatpy is untyped: its fields arrive as text or None.
_Read = Callable[[Any], MemberEvent]


def event_of(fields: Fields) -> MemberEvent:
    """Turn a push's fields into the member's event; every type has one, an unknown type too."""
    kind = text_of(fields, "MsgType").lower()
    if kind == "event":
        return _event(fields)
    if kind.startswith("device_"):
        return Noticed(what=_short(kind))
    message = MESSAGE_TYPES.get(kind, UnknownMessage)(fields)
    reader = _MESSAGES.get(type(message))
    if reader is not None:
        return reader(message)
    if kind == "file":  # undocumented, and unknown to wechatpy
        return MemberSent(what="file", text=clean(text_of(fields, "Title")))
    return MemberSent(what="other", text=_short(kind))


def _event(fields: Fields) -> MemberEvent:
    name = text_of(fields, "Event").lower()
    event = EVENT_TYPES.get(name, UnknownMessage)(fields)
    reader = _EVENTS.get(type(event))
    return reader(event) if reader is not None else Noticed(what=_short(name) or "unknown")


def _short(text: str) -> str:
    return clean(text)[:120]


def _media(message: Any) -> str:
    return str(message.media_id or "")[:_LONGEST_MEDIA]


def _said(message: Any) -> MemberSaid:
    text = clean(message.content or "")
    return MemberSaid(text=text, folded=fold(text))


def _voice(message: Any) -> MemberEvent:
    # Recognition is going away (official answer, 2023-06) and is often empty.
    text = clean(message.recognition or "").strip()
    media = _media(message)
    if text:
        return MemberSaid(text=text, folded=fold(text), voice=True, media=media)
    return MemberSent(what="voice", media=media)


def _photo(message: Any) -> MemberSent:
    return MemberSent(what="photo", media=_media(message))


def _video(message: Any) -> MemberSent:
    return MemberSent(what="video", media=_media(message))


def _place(message: Any) -> MemberSent:
    latitude, longitude = _degrees(message.location_x, 90), _degrees(message.location_y, 180)
    label = clean(message.label or "").strip()
    if latitude is None or longitude is None:
        return MemberSent(what="place", text=label)
    return MemberSent(what="place", text=label, latitude=latitude, longitude=longitude)


def _degrees(text: str | None, limit: int) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None


def _link(message: Any) -> MemberSent:
    return MemberSent(what="link", text=clean(f"{message.title or ''}\n{message.url or ''}").strip())


def _followed(event: Any) -> Followed:
    # Only qrscene_ is a scanned code; last_trade_no_ and scanbarcode| come from elsewhere.
    key = clean(event.key or "").strip()
    return Followed(scene=key.removeprefix(_SCENE_PREFIX)[:64] if key.startswith(_SCENE_PREFIX) else "")


def _left(_event: Any) -> Left:
    return Left()


def _scanned(event: Any) -> MemberEvent:
    scene = clean(event.scene_id or "").strip()[:64]
    return Scanned(scene=scene) if scene else Noticed(what="scan")


def _tapped(event: Any) -> MemberEvent:
    key = clean(event.key or "").strip()[:128]
    return MemberTapped(key=key) if key else Noticed(what="click")


def _menu_scan(event: Any) -> MemberEvent:
    """Read a code scanned from the menu: ours is a scene; anything else only says which entry was tapped."""
    info = event._data.get("ScanCodeInfo")  # noqa: SLF001  wechatpy's own reader raises KeyError where it is missing
    result = info.get("ScanResult", "").strip() if isinstance(info, dict) else ""
    if _SCENE.fullmatch(result):
        return Scanned(scene=result)
    return _tapped(event)


def _job(event: Any) -> Noticed:
    """Keep a job's end with its id and outcome: `templatesendjobfinish 200163836 failed:user block`."""
    data = event._data  # noqa: SLF001  the two classes name their id apart
    parts = (text_of(data, "Event").lower(), text_of(data, "MsgId"), text_of(data, "Status"))
    return Noticed(what=_short(" ".join(filter(None, parts))))


_MESSAGES: Mapping[type[Any], _Read] = {
    TextMessage: _said,
    VoiceMessage: _voice,
    ImageMessage: _photo,
    VideoMessage: _video,
    ShortVideoMessage: _video,
    LocationMessage: _place,
    LinkMessage: _link,
}
_EVENTS: Mapping[type[Any], _Read] = {
    SubscribeEvent: _followed,
    UnsubscribeEvent: _left,
    ScanEvent: _scanned,
    ClickEvent: _tapped,
    ScanCodePushEvent: _menu_scan,
    ScanCodeWaitMsgEvent: _menu_scan,
    TemplateSendJobFinishEvent: _job,
    MassSendJobFinishEvent: _job,
}
