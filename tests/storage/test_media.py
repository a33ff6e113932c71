"""Photos lie in the database, or as sealed files in a folder; whoever looks at one cannot tell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dialogs.effects import KeepMedia
from storage.crypto import Keys
from storage.engines import Database, open_database
from storage.media import Kept
from tests.storage.making import NOON, lamp, member, turn

PHOTO = "一张路灯的照片".encode() * 100


async def photographed(database: Database, *names: str) -> list[int]:
    """Each of these members sends the same photo; it is fetched and kept. Gives the ids."""
    for name in names:
        photo = KeepMedia(media=f"m-{name}", what="photo", number=f"HY-{name}")
        await database.turns.commit(turn(member(name), "k1", lamp(f"HY-{name}"), photo))
    wanted = await database.media.claim("w", NOON, timedelta(minutes=1), 10)
    for each in wanted:
        await database.media.keep(each.id, PHOTO, "image/jpeg")
    return [each.id for each in wanted]


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_a_photo_in_the_folder_is_read_back_and_is_not_in_the_database(
    database_url: str, keys: Keys, tmp_path: Path
) -> None:
    folder = tmp_path / "照片"
    async with open_database(database_url, keys, media=folder.as_uri()) as database:
        (photo,) = await photographed(database, "a")
        kept = Kept(id=photo, content=PHOTO, kind="image/jpeg", number="HY-a")
        assert await database.media.get(photo) == kept
        (sealed,) = files(folder)
        assert PHOTO[:20] not in sealed
        assert [each.status for each in await database.media.of_case("HY-a")] == ["kept"]
    async with open_database(database_url, keys) as database:
        assert await database.media.get(photo) is None
    async with open_database(database_url, keys, media=folder.as_uri()) as database:
        assert await database.media.get(photo) == kept


async def test_the_same_photo_is_one_file(database_url: str, keys: Keys, tmp_path: Path) -> None:
    async with open_database(database_url, keys, media=tmp_path.as_uri() + "/media") as database:
        first, second = await photographed(database, "a", "b")
        assert len(files(tmp_path / "media")) == 1
        for photo in (first, second):
            kept = await database.media.get(photo)
            assert kept is not None
            assert kept.content == PHOTO


async def test_photos_of_before_the_folder_stay_where_they_are(database_url: str, keys: Keys, tmp_path: Path) -> None:
    async with open_database(database_url, keys) as database:
        (photo,) = await photographed(database, "a")
    async with open_database(database_url, keys, media=tmp_path.as_uri()) as database:
        kept = await database.media.get(photo)
        assert kept is not None
        assert kept.content == PHOTO


async def test_a_lost_file_is_told_of_and_not_shown(
    database_url: str, keys: Keys, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "media"
    async with open_database(database_url, keys, media=folder.as_uri()) as database:
        (photo,) = await photographed(database, "a")
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        assert await database.media.get(photo) is None
    assert f"photo {photo}" in caplog.text
    assert "HONGYAN_MEDIA_URL" in caplog.text


@pytest.mark.parametrize("url", ["s3://bucket/photos", "file://server/photos", "file:photos", "photos"])
async def test_another_kind_of_folder_is_refused_in_words(sqlite_url: str, keys: Keys, url: str) -> None:
    with pytest.raises(ValueError, match="HONGYAN_MEDIA_URL"):
        open_database(sqlite_url, keys, media=url)


async def test_a_folder_that_cannot_be_written_is_told_at_the_start(
    sqlite_url: str, keys: Keys, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for folder in ("file", "file/photos", "photos/" + "x" * 300):
        with pytest.raises(ValueError, match="HONGYAN_MEDIA_URL"):
            open_database(sqlite_url, keys, media=f"{tmp_path.as_uri()}/{folder}")


async def test_looking_whether_the_folder_can_be_written_leaves_nothing(
    sqlite_url: str, keys: Keys, tmp_path: Path
) -> None:
    async with open_database(sqlite_url, keys, media=f"{tmp_path.as_uri()}/photos"):
        assert list((tmp_path / "photos").iterdir()) == []
