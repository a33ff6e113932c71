"""Reading what a person wrote: YAML with the line of each part, strict forms, each slip named where it stands.

The values are those of YAML 1.2 (`yes`, `no` and `on` are words, `012` is twelve, `12:30` is text) and
dates: whoever writes these files thinks of no version. A key that stands twice and a day that no
calendar has are mistakes. Where there is libyaml it does the parsing, for two dozen files are read
before the service can answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.events import CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import Reader

Path = tuple[int | str, ...]
_TAG = "tag:yaml.org,2002:"
# What a person writes is far from these; what goes beyond is made, or broken, to fill the memory or the stack.
_LARGEST = 256 * 1024
_DEEPEST = 32
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One mistake in a file; `line` counts from 1."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        """File, line and what is wrong, as editors can follow it."""
        return f"{self.file}:{self.line}: {self.words}"


class BadYamlError(ValueError):
    """A text cannot be read at all: the message says why, `line` (from 1) where."""

    def __init__(self, line: int, words: str) -> None:
        self.line = line
        super().__init__(words)


class Strict(BaseModel):
    """A part of a file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Tree:
    """A text that was read: its plain values, and where each of them stands."""

    value: Any
    _root: Node | None

    def line(self, path: Path) -> int:
        """Give the line (from 1) of the deepest part of the path that stands in the text."""
        node, line = self._root, 1
        for part in path:
            found = _below(node, part)
            if found is None:
                break
            line, node = found
        return line


def read(text: str) -> Tree:
    """Read a text of one document, or raise BadYamlError."""
    hidden = Reader.NON_PRINTABLE.search(text)
    if hidden:
        raise BadYamlError(text.count("\n", 0, hidden.start()) + 1, "有看不见的控制字符，请删去")
    if len(text.encode()) > _LARGEST:
        raise BadYamlError(1, f"文件太大，最多 {_LARGEST // 1024} KB")
    loader = _Loader(text)
    try:
        _walk(text)
        root = loader.get_single_node()
        return Tree(None if root is None else loader.construct_document(root), root)
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise BadYamlError(mark.line + 1 if mark else 1, f"YAML 写法不对：{wrong.problem or wrong.context}") from None
    finally:
        loader.dispose()


def _walk(text: str) -> None:
    """Go through a text part by part, before anything is made of it: whatever nests or repeats itself is refused."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if getattr(event, "anchor", None):
            raise BadYamlError(line, "YAML 写法不对：这里不用 & 和 *，请把内容写全（文字以它们开头要加引号）")
        if getattr(event, "tag", None):
            raise BadYamlError(line, "YAML 写法不对：这里不用 ! 标签（文字以 ! 开头要加引号）")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _DEEPEST:
            raise BadYamlError(line, f"YAML 写法不对：套得太深，最多 {_DEEPEST} 层")


_KINDS_OF_WRONG = {
    "extra_forbidden": "不认识这一项",
    "missing": "缺这一项",
    "literal_error": "只能是 {expected}",
    "enum": "只能是 {expected}",
    "string_type": "应当是文字（数字和日期请加引号）",
    "int_parsing": "应当是整数",
    "bool_parsing": "应当是 true 或 false",
    "date_from_datetime_parsing": "应当是日期，如 2026-11-21",
    "date_parsing": "应当是日期，如 2026-11-21",
    "dict_type": "应当是「键: 值」",
    "list_type": "应当是列表",
    "model_type": "应当是「键: 值」",
    "string_pattern_mismatch": "写法应为 {pattern}",
}


def slips(wrong: ValidationError) -> Iterator[tuple[Path, str]]:
    """Give every place at which values do not fit a strict form, with words about it."""
    for error in wrong.errors():
        where = ".".join(str(part) for part in error["loc"])
        words = _KINDS_OF_WRONG.get(error["type"], "{msg}").format(msg=error["msg"], **error.get("ctx", {}))
        yield error["loc"], f"{where}: {words}"


def _below(node: Node | None, part: int | str) -> tuple[int, Node] | None:
    """Give the line of one part of a node, and its own node; None where it has no such part."""
    if isinstance(node, MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        value = node.value[part]
        return value.start_mark.line + 1, value
    return None


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]  # either has all
    """YAML 1.2's values, and dates, in place of the many words that mean yes and no in YAML 1.1."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library's own way: a class has a table of its own

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a dict of a mapping in which every key stands once."""
        seen: set[Any] = set()
        for key in (key for key, _ in node.value if isinstance(key, ScalarNode)):
            value = self.construct_object(key)
            names = {value, str(value)}  # 1, 01 and '1' are one, and so are true and True
            if names & seen:
                raise BadYamlError(key.start_mark.line + 1, f"同一项写了两次：{key.value}")
            seen |= names
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made

    def whole(self, node: ScalarNode) -> int:
        """Read a whole number: decimal, `0x` or `0o`."""
        text = self.construct_scalar(node)
        if len(text) > _LONGEST_NUMBER:
            raise BadYamlError(node.start_mark.line + 1, f"数字太长，最多 {_LONGEST_NUMBER} 位（号码请加引号）")
        return int(text, 0) if text[1:2] in {"x", "o"} else int(text)

    def day(self, node: ScalarNode) -> date:
        """Read a date."""
        try:
            return date.fromisoformat(self.construct_scalar(node))
        except ValueError as wrong:
            raise BadYamlError(node.start_mark.line + 1, f"没有这一天：{wrong}") from None


for _name, _shape, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", list("-+.0123456789")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_shape})\Z"), _first)
_Loader.add_constructor(f"{_TAG}int", _Loader.whole)
_Loader.add_constructor(f"{_TAG}timestamp", _Loader.day)
