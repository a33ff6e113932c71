"""An identity-card number of 18 characters. Never asked in chat; read to be recognised and masked."""

from __future__ import annotations

import re

from dialogs.fields.asked import Asked
from dialogs.identity import valid
from dialogs.said import said

_AMONG = re.compile(r"(?<![0-9a-z])[0-9](?:[\s\-—]{0,2}[0-9]){16}[\s\-—]{0,2}[0-9x](?![0-9a-z])")
_GAPS = re.compile(r"[\s\-—]")


def read(text: str, asked: Asked) -> str | None:
    """Give the 18 characters, X upper case; None unless division, birthday and check character hold."""
    found = {_GAPS.sub("", each[0]) for each in _AMONG.finditer(said(text)[:200])}
    if len(found) != 1:
        return None
    number = found.pop()
    return number.upper() if valid(number, asked.now.date() if asked.now else None) else None
