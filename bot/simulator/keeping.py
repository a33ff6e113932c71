"""What the box keeps between runs: one JSON file, written whole and then put in place."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec

from bot.simulator.box import Box, Kept

_EVERY = 0.5  # seconds between two writings while things happen
_AFTER_TROUBLE = 5.0  # seconds


def load(path: Path | None) -> Kept:
    """Read what was kept; nothing kept is the empty beginning. A file that cannot be read is put aside."""
    if path is None or not path.exists():
        return Kept()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (msgspec.DecodeError, msgspec.ValidationError):
        # A demo that will not start helps nobody; the old file stays for whoever wants to look.
        path.replace(path.with_suffix(".unreadable"))
        return Kept()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


async def save(box: Box) -> None:
    """Write everything now, if there is a file to write to."""
    if box.settings.state is not None:
        box.dirty.clear()
        await asyncio.to_thread(_write, box.settings.state, msgspec.json.encode(box.kept))


async def keep(box: Box) -> None:
    """Write whenever something changed, not more often than every half second; runs until cancelled."""
    while True:
        await box.dirty.wait()
        await asyncio.sleep(_EVERY)
        try:
            await save(box)
        except OSError:
            # A full disk must not silence the phones: the next change tries again, and closing says what is wrong.
            box.dirty.set()
            await asyncio.sleep(_AFTER_TROUBLE)
