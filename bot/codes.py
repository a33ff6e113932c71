"""Stations' codes to print: one A4 page each, as SVG that any browser prints, with the unit's name in large type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from dialogs.units import Unit

_WIDTH, _HEIGHT = 210, 297  # mm, A4
_CODE = 110  # mm, the code with its quiet zone
_QUIET = 4  # modules of white that scanners want around a code
_TYPE = "PingFang SC, Hiragino Sans GB, Microsoft YaHei, Noto Sans CJK SC, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One code: its scene, the unit that it leads to, and what is drawn in it."""

    scene: str
    unit: Unit
    content: str


def stations(units: Iterable[Unit]) -> list[tuple[str, Unit]]:
    """Give every code of these units with the unit, in their order; closed ones have none of their own."""
    return [(scene, unit) for unit in units if not unit.closed for scene in unit.scenes]


def poster(station: Station, centre: str) -> str:
    """Draw one A4 page: an SVG without scripts, styles or foreign fonts, so that it may stand in any page."""
    unit = station.unit
    name = unit.name if unit.name.endswith("中心") else f"{unit.name}党群服务中心"
    foot = "　".join(filter(None, (unit.address, unit.phone)))
    lines = [
        _line(centre, 34, 8) if centre != name else "",
        _line(name, 62, _fitting(name, 18)),
        _line("有事找党组织，微信扫一扫", 82, 9),
        _code(station.content, (_WIDTH - _CODE) / 2, 96),
        _line("扫码关注以后，直接说您的事；办事、咨询、报到都可以", 224, 6.5),
        _line(foot, 240, _fitting(foot, 6)) if foot else "",
        _line(f"编号 {station.scene}", 276, 5),
    ]
    label = escape(f"{name}的二维码，编号 {station.scene}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}mm" height="{_HEIGHT}mm" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>{"".join(lines)}</svg>'
    )


def book(posters: Iterable[str]) -> str:
    """Bind the pages into one HTML file that prints one page a station."""
    style = "@page{size:A4;margin:0}body{margin:0}svg{display:block;break-after:page}"
    pages = "\n".join(posters)
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>站点二维码</title>'
        f"<style>{style}</style><body>\n{pages}\n</body></html>\n"
    )


def _line(text: str, y: float, size: float) -> str:
    return (
        f'<text x="{_WIDTH / 2:g}" y="{y:g}" font-size="{size:g}" text-anchor="middle" fill="#000" '
        f'font-family="{_TYPE}">{escape(text)}</text>'
    )


def _fitting(text: str, size: float) -> float:
    """The largest size of type, up to this one, at which the words fit on the page; figures are half as wide."""
    width = sum(1.0 if ord(letter) > 0x2E80 else 0.6 for letter in text)
    return round(min(size, (_WIDTH - 30) / max(width, 1)), 2)


def _code(content: str, x: float, y: float) -> str:
    """Draw the code as one path of runs, so that no hairlines show between its squares."""
    import segno  # only who prints needs it

    rows = segno.make(content, error="q", micro=False).matrix
    runs = "".join(_runs(row, place) for place, row in enumerate(rows))
    scale = _CODE / (len(rows) + 2 * _QUIET)
    moved = f"translate({x:g} {y:g}) scale({scale:.4f}) translate({_QUIET} {_QUIET})"
    return f'<path transform="{moved}" fill="#000" d="{runs}"/>'


def _runs(row: Iterable[int], y: int) -> str:
    drawn, begin = [], None
    cells = [*row, 0]
    for x, cell in enumerate(cells):
        if cell and begin is None:
            begin = x
        elif not cell and begin is not None:
            drawn.append(f"M{begin} {y}h{x - begin}v1h-{x - begin}z")
            begin = None
    return "".join(drawn)
