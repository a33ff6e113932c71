"""A telephone number: mobile, landline with its area code, or abroad with its country code."""

from __future__ import annotations

import re

from dialogs.fields.asked import Asked
from dialogs.numerals import SPOKEN
from dialogs.said import said

_SAID = "".join(SPOKEN)
_PAUSE = r"(?:[\s\-‐‑–—_~·•.…,，。、()（）/]|嗯|呃|额|啊|然后|再|接着|后面)*"
_FIGURE = rf"[0-9{_SAID}]"
_RUN = re.compile(rf"\+?{_FIGURE}(?:{_PAUSE}{_FIGURE})*")
_EXTENSION = re.compile(rf"转\s*{_FIGURE}|分机|ext|x[0-9]")
_ADDRESS = re.compile(r"(?<![0-9])[0-9]{1,4}(?=号楼|栋|幢|单元|室|号院|层)")
_LIST_MARK = re.compile(r"\A\s*[0-9][、.)）:：]\s*(?=[0-9+])")
_SPOKEN = str.maketrans(SPOKEN)

_MOBILE = re.compile(r"(?:0086|86)?0?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(0(?:10|2[0-9])[1-9][0-9]{7}|0[3-9][0-9]{2}[1-9][0-9]{6,7})")
_LANDLINE_FROM_ABROAD = re.compile(r"(?:0086|86)0?((?:10|2[0-9])[1-9][0-9]{7}|[3-9][0-9]{2}[1-9][0-9]{6,7})")
_ABROAD = re.compile(r"(?:00)?((?:852|853)[2-9][0-9]{7}|886[1-9][0-9]{7,8}|(?!86)[1-9][0-9]{7,14})")


def read(text: str, asked: Asked) -> str | None:  # noqa: ARG001 - every reader is called alike
    """Give the digits alone: 11 of a mobile, area code and number, or country code and number abroad.

    Spoken figures (幺三八…) and pauses are understood. Two numbers, an extension, or one digit too
    many are asked again.
    """
    heard = _LIST_MARK.sub("", said(text)[:200])
    if _EXTENSION.search(heard):
        return None
    runs = [run[0] for run in _RUN.finditer(_ADDRESS.sub("", heard))]
    long = [run for run in runs if sum(each.isdigit() or each in SPOKEN for each in run) > 4]
    found = {_number(run) for run in long}
    return found.pop() if len(found) == 1 else None


def _number(run: str) -> str | None:
    plus = run.startswith("+")
    figures = re.sub(r"[^0-9]", "", run.translate(_SPOKEN))
    half, odd = divmod(len(figures), 2)
    if not odd and half >= 10 and figures[:half] == figures[half:]:
        figures = figures[:half]  # said twice, to be sure
    for shape in (_MOBILE, _LANDLINE, _LANDLINE_FROM_ABROAD):
        known = shape.fullmatch(figures)
        if known:
            return known[1] if shape is not _LANDLINE_FROM_ABROAD else "0" + known[1]
    abroad = _ABROAD.fullmatch(figures) if plus or figures.startswith("00") else None
    return abroad[1] if abroad else None
