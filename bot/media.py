"""Fetches members' photos and recordings by their id and keeps them with the case, without what they say of a place.

A photo is decoded, turned upright, made no larger than needed and written anew: EXIF (where and when
it was taken, by which phone) and anything hidden behind the picture do not survive that.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.channels import Channel, Media, NotSent
from bot.loops import LEASE, Loop, Wakes
from bot.metrics import Metrics
from bot.world import World
from storage.engines import Database
from storage.media import Wanted

if TYPE_CHECKING:
    from PIL.Image import Image

log = structlog.get_logger(__name__)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
# A phone's largest picture has about 50 million pixels; what claims more is made to fill the memory.
MOST_PIXELS = 60_000_000
EDGE = 2048
QUALITY = 82
RECORDINGS = {"audio/amr", "audio/mpeg", "audio/mp3", "audio/speex", "audio/x-speex", "video/mp4", "video/mpeg4"}
# The platform keeps a picture for three days; with these waits the last try is a little over two days on.
_WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=12), timedelta(hours=36))
_AGAIN = frozenset({"busy", "later", "stopped", "unknown"})


class Unreadable(Exception):  # noqa: N818  an outcome that staff read
    """What came is no picture that can be shown safely."""


def clean(content: bytes) -> bytes:
    """Return the picture as a plain JPEG of at most 2,048 pixels an edge, upright, with nothing else in it.

    Raises Unreadable for what is no picture, is broken, or would decode to more than 60 million pixels.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # in its thread, when the first photo comes

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable("too many pixels")
            image.draft("RGB", (EDGE, EDGE))  # a JPEG is decoded at a fraction of its size where that is enough
            image.load()
            upright = _flat(ImageOps.exif_transpose(image))
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable(type(error).__name__) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:  # what decoders raise on broken files
        raise Unreadable(type(error).__name__) from error
    upright.thumbnail((EDGE, EDGE))
    written = io.BytesIO()
    upright.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def _flat(image: Image) -> Image:
    """Lay the picture on white, in plain colours and with no notes of its own."""
    from PIL.Image import new

    seen = image.convert("RGBA")
    flat = new("RGB", seen.size, "white")
    flat.paste(seen, mask=seen.getchannel("A"))
    return flat


class Fetcher(Loop[Wanted]):
    """Fetches what turns wished for. `channels` by their name and account."""

    name = "media"
    at_once = 2

    def __init__(
        self,
        database: Database,
        hot: Wakes,
        world: World,
        metrics: Metrics,
        *,
        channels: Mapping[tuple[str, str], Channel],
        poll: float = 15.0,
    ) -> None:
        super().__init__(hot, world, metrics, poll=poll)
        self._media = database.media
        self._channels = channels

    async def claim(self, limit: int) -> Sequence[Wanted]:
        """Lease what is to be fetched."""
        return await self._media.claim(self._worker, self._world.now(), LEASE, limit)

    async def handle(self, row: Wanted) -> None:
        """Fetch one photo or recording and keep it, or store why not."""
        channel = self._channels.get((row.member.channel, row.member.account))
        if channel is None:
            await self._media.fail(row.id, "这个公众号没有接上")
            return
        found = await channel.fetch(row.media)
        outcome = await self._not_fetched(row, found) if isinstance(found, NotSent) else await self._keep(row, found)
        self._metrics.media.labels(outcome).inc()

    async def _keep(self, row: Wanted, found: Media) -> str:
        try:
            content, kind = await asyncio.to_thread(_safe, row.what, found)
        except Unreadable as unreadable:
            log.warning("media unreadable", why=str(unreadable), **self.label(row))
            await self._media.fail(row.id, "打不开")
            return "unreadable"
        try:
            await self._media.keep(row.id, content, kind)
        except OSError as wrong:  # the folder is full, or no longer there
            log.warning("media not stored", why=type(wrong).__name__, **self.label(row))
            return await self._put_off(row, "存不下来")
        return "kept"

    async def _not_fetched(self, row: Wanted, found: NotSent) -> str:
        log.warning("media not fetched", code=found.code, **self.label(row))
        if found.trouble in _AGAIN:
            return await self._put_off(row, found.words)
        await self._media.fail(row.id, found.words)
        return "failed"

    async def _put_off(self, row: Wanted, words: str) -> str:
        """Try again after the next of the waits; after the last of them no more."""
        again = row.attempts <= len(_WAITS)
        retry_at = self._world.now() + _WAITS[row.attempts - 1] if again else None
        await self._media.fail(row.id, words, retry_at=retry_at)
        return "again" if again else "failed"

    def whose(self, row: Wanted) -> int:
        """Tell what it belongs to: photos may overtake each other."""
        return row.id

    def label(self, row: Wanted) -> dict[str, object]:
        """Name the photo or recording."""
        return {"media": row.id, "number": row.number}


def _safe(what: str, found: Media) -> tuple[bytes, str]:
    if what == "photo":
        return clean(found.content), "image/jpeg"
    kind = found.kind.split(";")[0].strip().lower()
    if kind not in RECORDINGS:
        raise Unreadable(kind)
    return found.content, kind
