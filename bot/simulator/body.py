"""JSON that came from outside, read field by field: what is missing or of another kind is named."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec


class WrongShape(Exception):  # noqa: N818  said of what was sent
    """What was sent is not what is asked for; the message says which field and why."""


class Body:
    """A JSON object."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self.fields = fields

    @classmethod
    def parse(cls, raw: bytes) -> Body:
        """Read JSON; nothing at all is the empty object. Raises WrongShape unless it is an object."""
        try:
            return cls(msgspec.json.decode(raw or b"{}", type=dict[str, object]))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise WrongShape("要一个 JSON 对象") from error

    def has(self, name: str) -> bool:
        """Tell whether the field is there and not null."""
        return self.fields.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Return words. Raises WrongShape when the field is missing and has no default."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise WrongShape(f"{name} 要是文字")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """Return a finite number."""
        value = self.fields.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise WrongShape(f"{name} 要是数字")
        return value

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.number(name, default)
        if value != int(value):
            raise WrongShape(f"{name} 要是整数")
        return int(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false; the platform's 0 and 1 count."""
        value = self.fields.get(name)
        return default if value is None else bool(value)

    def inner(self, name: str) -> Body:
        """Return an object inside; the empty one when it is missing."""
        value = self.fields.get(name)
        if value is None:
            return Body({})
        if not isinstance(value, dict):
            raise WrongShape(f"{name} 要是对象")
        return Body(value)

    def rows(self, name: str) -> list[Body]:
        """Return a list of objects; empty when it is missing."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            raise WrongShape(f"{name} 要是对象的列表")
        return [Body(row) for row in value]

    def texts(self, name: str) -> list[str]:
        """Return a list of words."""
        value = self.fields.get(name)
        if not isinstance(value, list) or not all(isinstance(row, str) for row in value):
            raise WrongShape(f"{name} 要是文字的列表")
        return [str(row) for row in value]
