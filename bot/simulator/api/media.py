"""Pictures and recordings, and codes to hang on a wall."""

from __future__ import annotations

import secrets

from aiohttp import BodyPartReader, web

from bot.simulator.api.call import Call
from bot.simulator.errors import Refused
from bot.simulator.photos import content_of

_LIMITS = {"image": 10 << 20, "voice": 2 << 20, "video": 10 << 20, "thumb": 64 << 10}
_TYPES = {"image": ("image/jpeg", "jpg"), "voice": ("audio/amr", "amr"), "video": ("video/mp4", "mp4")}
_LONGEST = 2_592_000  # seconds that a temporary code may live: 30 days


async def get(call: Call) -> web.Response:
    """Hand out what a member sent, or what was uploaded, for three days."""
    media = call.box.media(call.query.get("media_id", ""))
    if media is None:
        raise Refused(40007)
    kind, ending = _TYPES.get(media.kind, ("image/jpeg", "jpg"))
    name = {"Content-Disposition": f'attachment; filename="{media.id[:32]}.{ending}"'}
    return web.Response(body=content_of(media), content_type=kind, headers=name)


async def upload(call: Call) -> dict[str, object]:
    """Take temporary media: a multipart form with one part named media."""
    kind = call.query.get("type", "")
    if kind not in _LIMITS:
        raise Refused(40004)
    if not call.request.content_type.startswith("multipart/"):
        raise Refused(41005)
    content = b""
    async for part in await call.request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "media":
            content = bytes(await part.read(decode=True))
    if not content:
        raise Refused(41005)
    if len(content) > _LIMITS[kind]:
        raise Refused(40009)
    media = call.box.keep_media(kind, content=content)
    return {"type": kind, "media_id": media.id, "created_at": int(media.made.timestamp())}


def _scene(call: Call, action: str) -> str:
    scene = call.body.inner("action_info").inner("scene")
    if "STR" in action:
        words = scene.text("scene_str", "")
        if not 1 <= len(words) <= 64:
            raise Refused(40053)
        return words
    number = scene.whole("scene_id", 0)
    if not 1 <= number <= (100_000 if "LIMIT" in action else 2**32 - 1):
        raise Refused(40053)
    return str(number)


async def qrcode(call: Call) -> dict[str, object]:
    """Make a code that carries a scene."""
    action = call.body.text("action_name", "")
    if action not in {"QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"}:
        raise Refused(40053)
    scene = _scene(call, action)
    ticket = "gQ" + secrets.token_urlsafe(60)
    call.box.kept.scenes[ticket] = scene
    call.box.tell("board")
    answer: dict[str, object] = {"ticket": ticket, "url": f"http://weixin.qq.com/q/{ticket[2:24]}"}
    if "LIMIT" not in action:
        answer["expire_seconds"] = min(call.body.whole("expire_seconds", 60), _LONGEST)
    return answer
