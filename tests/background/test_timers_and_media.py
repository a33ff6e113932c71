"""Moments that conversations asked for, and photos that members sent."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from bot.channels import Media, NotSent
from bot.loops import LEASE
from bot.media import EDGE, Unreadable, clean
from bot.timers import ENOUGH
from dialogs.effects import KeepMedia, Remind
from dialogs.events import MemberSaid
from tests.background.stand import NOON, ZHOU, House, no


async def test_a_timer_fires_once_when_its_moment_has_come(house: House) -> None:
    await house.commit(
        ZHOU, MemberSaid(text="在", folded="在"), Remind(key="due/1", kind="contact", at=NOON + timedelta(hours=1))
    )
    assert await house.timers.once() == 0
    house.clock.forward(hours=1)
    await house.timers.once()
    house.clock.forward(hours=1)
    await house.timers.once()
    assert house.told.fired == [("oZHOU", "contact")]


async def test_a_timer_that_keeps_breaking_its_turn_is_given_up(house: House) -> None:
    await house.commit(ZHOU, MemberSaid(text="在", folded="在"), Remind(key="due/1", kind="contact", at=NOON))
    house.told.breaks = True
    for _ in range(ENOUGH + 3):
        await house.timers.once()
        house.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert house.metrics.registry.get_sample_value("hongyan_loop_crashes_total", {"loop": "timers"}) == ENOUGH
    assert house.metrics.registry.get_sample_value("hongyan_timers_total", {"outcome": "given_up"}) == 1


def photo(size: tuple[int, int] = (3000, 1500), kind: str = "JPEG") -> bytes:
    image, out = Image.new("RGB", size, "red"), io.BytesIO()
    notes = image.getexif()
    notes[0x010F] = "A phone"
    notes[0x0112] = 6  # held upright
    notes.get_ifd(0x8825)[2] = (31.0, 22.0, 30.0)
    image.save(out, kind, exif=notes)
    return out.getvalue()


async def test_a_photo_is_kept_upright_and_small_and_without_its_place(house: House) -> None:
    await house.commit(ZHOU, MemberSaid(text="照片", folded="照片"), KeepMedia(media="M1", what="photo"))
    raw = photo()
    assert b"A phone" in raw
    house.platform.photos["M1"] = Media(content=raw, kind="image/jpeg")
    assert await house.media.once() == 1
    [kept] = await house.kept()
    assert kept is not None
    with Image.open(io.BytesIO(kept.content)) as image:
        assert (image.size, image.format) == ((EDGE // 2, EDGE), "JPEG")
        assert not image.getexif()
    assert b"A phone" not in kept.content
    assert b"Exif" not in kept.content


async def test_a_photo_that_cannot_be_fetched_now_is_fetched_later(house: House) -> None:
    await house.commit(ZHOU, MemberSaid(text="照片", folded="照片"), KeepMedia(media="M1", what="photo"))
    house.platform.photos["M1"] = no("busy", -1)
    await house.media.once()
    house.platform.photos["M1"] = Media(content=photo((40, 30), "PNG"), kind="image/png")
    assert await house.media.once() == 0
    house.clock.forward(minutes=2)
    await house.media.once()
    [kept] = await house.kept()
    assert kept is not None
    assert kept.kind == "image/jpeg"


async def test_a_photo_that_cannot_be_stored_is_tried_a_few_times_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.commit(ZHOU, MemberSaid(text="照片", folded="照片"), KeepMedia(media="M1", what="photo"))
    house.platform.photos["M1"] = Media(content=photo((40, 30), "PNG"), kind="image/png")
    tries = 0

    async def full(item: int, content: bytes, kind: str) -> None:
        nonlocal tries
        tries += 1
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(house.database.media, "keep", full)
    for _ in range(10):
        await house.media.once()
        house.clock.forward(hours=37)
    assert tries == 6
    assert house.metrics.registry.get_sample_value("hongyan_loop_crashes_total", {"loop": "media"}) in {None, 0}
    assert await house.kept() == [None]


@pytest.mark.parametrize(
    "fetched",
    [no("refused", 40007), Media(content=b"<html>", kind="text/html"), Media(content=b"MZ", kind="image/jpeg")],
)
async def test_what_is_no_photo_is_not_kept(house: House, fetched: Media | NotSent) -> None:
    await house.commit(ZHOU, MemberSaid(text="照片", folded="照片"), KeepMedia(media="M1", what="photo"))
    house.platform.photos["M1"] = fetched
    await house.media.once()
    house.clock.forward(days=1)
    assert await house.media.once() == 0
    assert await house.kept() == [None]


async def test_a_recording_is_kept_as_it_is_and_a_page_in_its_place_is_not(house: House) -> None:
    await house.commit(
        ZHOU,
        MemberSaid(text="语音", folded="语音"),
        KeepMedia(media="V1", what="voice"),
        KeepMedia(media="V2", what="voice"),
    )
    house.platform.photos["V1"] = Media(content=b"#!AMR", kind="audio/amr")
    house.platform.photos["V2"] = Media(content=b"<script>", kind="text/html; charset=utf-8")
    await house.media.once()
    first, second = await house.kept()
    assert first is not None
    assert (first.content, first.kind) == (b"#!AMR", "audio/amr")
    assert second is None


def test_a_picture_made_to_fill_the_memory_is_refused_before_it_does() -> None:
    small = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(small, "PNG")
    assert len(small.getvalue()) < 100_000
    with pytest.raises(Unreadable):
        clean(small.getvalue())


@pytest.mark.parametrize("cut", [0, 1, 20, 300, 900])
def test_a_broken_picture_is_refused_and_nothing_else_is_raised(cut: int) -> None:
    with pytest.raises(Unreadable):
        clean(photo((600, 400))[:cut])
