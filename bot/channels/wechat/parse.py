"""A push's XML to its fields: strictly, mended only where members' own characters broke it.

Nearly every push has one of three shapes that the platform writes to the byte; they are read by one
look (`_usual`), which sees nothing that the strict reader would see otherwise.

WeChat does not clean what members type (offu/WeRoBot#420, silenceper/wechat#750): control
characters and `]]>` arrive as they are. A `]]>` may even leave the XML well-formed and change its
meaning, so a known field that comes twice, or has elements inside, is mended as well: a member
must not be able to write our MsgId or MsgType.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from bot.channels import BadPush
from dialogs.text import clean

Fields = dict[str, str | dict[str, str]]

LIMIT: Final = 64 * 1024
# The platform's deepest push has five levels; a tower of tags is somebody's experiment.
_DEEPEST: Final = 16

# What a member, or somebody's QR code, can fill with any characters.
_WORDS = ("Content", "Recognition", "Title", "Description", "Url", "Label", "Poiname", "ScanResult", "EventKey")
_PLAIN = (
    *("ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Encrypt", "Event", "Status"),
    *("MediaId", "Location_X", "Location_Y"),
)
_GROUP = "ScanCodeInfo"
_KNOWN = {name.lower(): name for name in (*_WORDS, *_PLAIN, _GROUP)} | {n: n for n in (*_WORDS, *_PLAIN, _GROUP)}

_OPENING = re.compile(rf"<({'|'.join(_WORDS)})><!\[CDATA\[", re.IGNORECASE)
_PROLOG = re.compile(r"\ufeff?\s*(?:<\?xml[^<>]*\?>\s*)?<xml>", re.IGNORECASE)

# Text that stands for itself in XML: no end of a section, no line end that a reader would rewrite, no
# character that it would refuse.
_OWN: Final = "[^\x00-\x08\x0b-\x1f\\]\ufffe\uffff]*+"


def _shape(*names: str) -> re.Pattern[str]:
    """Make the one look: these fields in this order and nothing else, each a section or, where it counts, digits."""
    fields = (
        rf"<{name}>(?P<{name}>[0-9]+)</{name}>\n?"
        if name in {"CreateTime", "MsgId"}
        else rf"<{name}><!\[CDATA\[(?P<{name}>{_OWN})\]\]></{name}>\n?"
        for name in names
    )
    return re.compile(rf"<xml>\n?{''.join(fields)}</xml>\n?")


_HEAD = ("ToUserName", "FromUserName", "CreateTime", "MsgType")
_SHAPES: Final = (
    _shape(*_HEAD, "Content", "MsgId"),
    _shape("ToUserName", "Encrypt"),
    _shape(*_HEAD, "Event", "EventKey"),
)


class _Broken(Exception):  # noqa: N818  caught in this file
    """Well-formed, but not as the platform writes it."""


def read(body: bytes) -> Fields:
    """Read the known fields of a push: name, as the platform documents it, to text (or one group of texts).

    Raises BadPush: `dtd` for any document type, `not_xml` for what is not XML, has no root `xml`,
    or cannot be mended.
    """
    usual = _usual(body)
    if usual is not None:
        return usual
    if b"<!DOCTYPE" in body[: body.find(b"<xml")]:
        raise BadPush("dtd")
    if b"\0" in body:  # expat would take it for UTF-16, whatever encoding it is given
        return _recovered(body)
    try:
        return _strict(body)
    except (ExpatError, _Broken):
        return _recovered(body)


def text_of(fields: Fields, name: str) -> str:
    """Give a field's text with its ends trimmed; "" where it is missing or not a text."""
    value = fields.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _usual(body: bytes) -> Fields | None:
    """Read a push of a usual shape; None leaves it to the strict reader, which would find the same."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return found.groupdict()
    return None


def _strict(body: bytes) -> Fields:
    fields: Fields = {}
    group: dict[str, str] = {}
    path: list[str] = []
    text: list[str] = []

    def start(tag: str, _attributes: object) -> None:
        if len(path) > _DEEPEST or (not path and tag.lower() != "xml"):
            raise BadPush("not_xml")
        path.append(tag)
        text.clear()

    def end(tag: str) -> None:
        depth = len(path)
        path.pop()
        if depth > 3 or depth == 1:
            return
        name = _KNOWN.get(tag) or _KNOWN.get(tag.lower(), "")
        if depth == 3:
            group[name] = "".join(text)
        elif name:
            _keep(fields, name, group, text)
        if depth == 2:
            group.clear()
        text.clear()

    _parse(body, start, end, text.append)
    return fields


def _keep(fields: Fields, name: str, group: dict[str, str], text: list[str]) -> None:
    if name in fields or (group and name != _GROUP):
        raise _Broken
    fields[name] = dict(group) if name == _GROUP else "".join(text)


def _parse(
    body: bytes,
    start: Callable[[str, object], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
) -> None:
    # The encoding is given, so a declaration cannot smuggle another one past the check by bytes.
    parser = ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.Parse(body, True)


def _refuse_dtd(*_: object) -> None:
    raise BadPush("dtd")


def _recovered(body: bytes) -> Fields:
    try:
        text = clean(body.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        raise BadPush("not_xml") from None
    if not _PROLOG.match(text):
        raise BadPush("not_xml")
    try:
        return _strict(_mended(text).encode())
    except (ExpatError, _Broken):
        raise BadPush("not_xml") from None


def _mended(text: str) -> str:
    """Give each free field everything from its opening `<![CDATA[` to the last `]]></Tag>`."""
    parts: list[str] = []
    place = 0
    while opening := _OPENING.search(text, place):
        end = text.rfind(f"]]></{opening[1]}>", opening.end())
        if end < 0:
            raise BadPush("not_xml")
        parts += text[place : opening.end()], split_cdata(text[opening.end() : end])
        place = end
    return "".join((*parts, text[place:]))


def split_cdata(text: str) -> str:
    """Write `]]>` so that a CDATA section around it stays whole."""
    return text.replace("]]>", "]]]]><![CDATA[>")
