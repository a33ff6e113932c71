"""Photos and recordings as files of one folder, where HONGYAN_MEDIA_URL names one; else they lie in the database."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit
from urllib.request import url2pathname


class Folder:
    """Keeps contents by name, each in a file of its own; a name is never given to other contents."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, name: str, content: bytes) -> None:
        """Keep a content; it is on the disk, whole, when this returns."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
        _settle(path.parent)

    def check(self) -> None:
        """Write something and take it away again. Raises OSError where the folder cannot be used."""
        self._root.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self._root, prefix=".") as file:
            file.write(b"hongyan")

    def get(self, name: str) -> bytes | None:
        """Give a content, unless its file is gone."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self._root / name[:2] / name


def _settle(folder: Path) -> None:
    """Bring a folder's entries to the disk, where the system lets a folder be opened."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def folder_of(url: str | None) -> Folder | None:
    """Give the folder of an address, if there is one and it can be written. Raises ValueError."""
    if not url:
        return None
    where = urlsplit(url)
    if where.scheme != "file" or where.netloc or not where.path.startswith("/"):
        raise ValueError("HONGYAN_MEDIA_URL is file:///FOLDER, or is left out: then photos lie in the database")
    folder = Folder(Path(url2pathname(where.path)))
    try:
        folder.check()
    except OSError as wrong:
        reason = wrong.strerror or type(wrong).__name__
        raise ValueError(f"HONGYAN_MEDIA_URL 指的文件夹不能写（its folder cannot be written: {reason}）") from None
    return folder
