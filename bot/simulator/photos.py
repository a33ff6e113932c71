"""Pictures to send: a few that are drawn here, with what a telephone writes into its own (EXIF, the place too)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

from bot.simulator.box import Media

# Half a second of silence (AMR narrow band, 25 empty frames): what a recording holds here.
_SILENCE = b"#!AMR\n" + bytes([0x7C] + [0] * 31) * 25
_SIZE = (960, 720)
_SCALE = 2  # drawn larger and made smaller, which smooths the edges


class Sample(NamedTuple):
    """A drawn picture: its name, and what it shows in words."""

    name: str
    title: str


class _Paper:
    """A canvas measured in the finished picture's points."""

    def __init__(self, ground: str) -> None:
        self.image = Image.new("RGB", (_SIZE[0] * _SCALE, _SIZE[1] * _SCALE), ground)
        self._draw = ImageDraw.Draw(self.image)

    def _at(self, points: tuple[float, ...]) -> list[float]:
        return [point * _SCALE for point in points]

    def box(self, *points: float, fill: str, radius: float = 0) -> None:
        self._draw.rounded_rectangle(self._at(points), radius * _SCALE, fill=fill)

    def round(self, *points: float, fill: str) -> None:
        self._draw.ellipse(self._at(points), fill=fill)

    def shape(self, *points: float, fill: str) -> None:
        self._draw.polygon(self._at(points), fill=fill)

    def line(self, *points: float, fill: str, width: float) -> None:
        self._draw.line(self._at(points), fill=fill, width=int(width * _SCALE), joint="curve")


def _lamp() -> _Paper:
    paper = _Paper("#1d2733")
    paper.round(720, 70, 800, 150, fill="#e9e3cf")
    paper.round(744, 60, 816, 132, fill="#1d2733")
    for left, top, tone in ((40, 260, "#26323f"), (240, 180, "#2b3846"), (660, 240, "#26323f")):
        paper.box(left, top, left + 180, 620, fill=tone)
        for row in range(4):
            for column in range(3):
                lit = "#d9b765" if (row * 5 + column * 3 + left) % 7 == 0 else "#1d2733"
                x, y = left + 24 + column * 50, top + 36 + row * 76
                paper.box(x, y, x + 28, y + 40, fill=lit)
    paper.box(0, 600, 960, 720, fill="#14191f")
    paper.line(520, 640, 520, 190, 560, 150, 640, 150, fill="#7d8791", width=14)
    paper.box(496, 620, 544, 650, fill="#7d8791", radius=6)
    paper.shape(620, 150, 700, 150, 684, 182, 636, 182, fill="#5d666f")
    paper.round(640, 172, 680, 196, fill="#39424b")
    return paper


def _road() -> _Paper:
    paper = _Paper("#cfdbe3")
    paper.box(0, 300, 960, 380, fill="#8fa688")
    paper.shape(260, 340, 700, 340, 960, 720, 0, 720, fill="#6b6f73")
    for top, half, wide in ((370, 12, 5), (450, 20, 8), (560, 34, 12)):
        paper.shape(
            480 - wide, top, 480 + wide, top, 480 + wide + 3, top + half, 480 - wide - 3, top + half, fill="#e6dfc8"
        )
    paper.round(470, 560, 760, 670, fill="#4b4e51")
    paper.round(490, 575, 740, 655, fill="#3a3c3e")
    paper.round(540, 600, 700, 645, fill="#7891a3")
    paper.shape(330, 520, 300, 610, 360, 610, fill="#d9772b")
    paper.box(316, 556, 344, 572, fill="#f2efe6")
    paper.box(290, 606, 370, 618, fill="#b55f1f")
    return paper


def _pipe() -> _Paper:
    paper = _Paper("#e5e0d5")
    for row in range(9):
        for column in range(-1, 8):
            left = column * 130 + (65 if row % 2 else 0)
            paper.box(left + 3, row * 66 + 3, left + 127, row * 66 + 63, fill="#d3cbbb")
    paper.box(0, 600, 960, 720, fill="#a59d8e")
    paper.line(180, 0, 180, 330, 620, 330, 620, 600, fill="#6f7b83", width=54)
    paper.line(168, 0, 168, 318, fill="#8b979f", width=10)
    paper.box(366, 292, 434, 368, fill="#566068", radius=8)
    for left, top in ((398, 400), (380, 470), (412, 520), (396, 570)):
        paper.shape(left, top - 24, left + 13, top + 4, left - 13, top + 4, fill="#5a9fc7")
        paper.round(left - 14, top - 8, left + 14, top + 20, fill="#5a9fc7")
    paper.round(250, 615, 560, 680, fill="#7fb2cf")
    paper.round(300, 628, 500, 664, fill="#a3cbe0")
    return paper


def _form() -> _Paper:
    paper = _Paper("#8a6b4c")
    for top in range(0, 720, 90):
        paper.line(0, top, 960, top + 24, fill="#7d6044", width=4)
    paper.shape(250, 40, 760, 70, 728, 700, 214, 664, fill="#5f4832")
    paper.shape(240, 30, 750, 60, 718, 690, 204, 654, fill="#fbfaf7")
    paper.line(390, 110, 600, 122, fill="#1f2328", width=16)
    for row in range(7):
        top = 180 + row * 62
        left = 262 - row * 3
        paper.line(left, top, left + 90, top + 5, fill="#6b6a66", width=9)
        paper.line(left + 120, top + 24, left + 420, top + 42, fill="#e3dfd6", width=4)
        wide = (260, 180, 230, 120, 280, 150, 200)[row]
        paper.line(left + 130, top + 8, left + 130 + wide, top + 17, fill="#2b4a7a", width=7)
    paper.line(640, 470, 900, 640, fill="#2b3a55", width=26)
    paper.shape(640, 470, 622, 446, 656, 456, fill="#d8c9a3")
    return paper


_DRAWN: dict[str, tuple[str, Callable[[], _Paper]]] = {
    "lamp": ("不亮的路灯", _lamp),
    "road": ("坑洼的路面", _road),
    "pipe": ("漏水的水管", _pipe),
    "form": ("填好的表格", _form),
}
SAMPLES = tuple(Sample(name, title) for name, (title, _) in _DRAWN.items())


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Hongyan", "Simulated phone", 1
    exif[0x0132] = "2026:11:21 19:42:10"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (31.0, 23.0, 9.6)
    place[3], place[4] = "E", (120.0, 57.0, 12.4)
    return exif


@cache
def sample(name: str) -> bytes:
    """Draw a picture, as JPEG. Raises KeyError for a name that is not in SAMPLES."""
    image = _DRAWN[name][1]().image.resize(_SIZE, Image.Resampling.LANCZOS)
    out = BytesIO()
    image.save(out, "JPEG", quality=86, exif=_exif())
    return out.getvalue()


def content_of(media: Media) -> bytes:
    """Return what lies under a media id."""
    if media.sample:
        return sample(media.sample)
    return media.content or _SILENCE


def picture(raw: bytes) -> bytes | None:
    """Take an uploaded picture as it is when it is a JPEG, made one when it is another picture, else None."""
    try:
        with Image.open(BytesIO(raw)) as image:
            if image.format == "JPEG":
                return raw
            out = BytesIO()
            image.convert("RGB").save(out, "JPEG", quality=88)
            return out.getvalue()
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
