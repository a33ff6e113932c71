"""A photo that came before there was a case is fetched at once and linked to the case when it is opened."""

from __future__ import annotations

from datetime import timedelta

from dialogs.effects import KeepMedia
from storage.engines import Database
from tests.storage.making import NOON, lamp, member, turn

LEASE = timedelta(minutes=1)


async def test_a_photo_without_a_case_is_fetched_and_linked_later(database: Database) -> None:
    await database.turns.commit(turn(member(), "k1", KeepMedia(media="m-1", what="photo")))
    (wanted,) = await database.media.claim("w", NOON, LEASE, 9)
    assert (wanted.media, wanted.number) == ("m-1", "")
    await database.media.keep(wanted.id, b"photo", "image/jpeg")
    linked = KeepMedia(media="m-1", what="photo", number="HY-1")
    await database.turns.commit(turn(member(), "k2", lamp("HY-1"), linked, version=1))
    assert [(each.media, each.status) for each in await database.media.of_case("HY-1")] == [("m-1", "kept")]
    assert await database.media.claim("w", NOON + LEASE * 2, LEASE, 9) == [], "fetched once"
