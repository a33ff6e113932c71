"""The platform's XML, written and read. Writing keeps what members type, as the platform does, flaws included."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

Fields = Mapping[str, "str | int | float | Fields"]


def _node(tag: str, value: str | float | Fields) -> str:
    if isinstance(value, Mapping):
        return f"<{tag}>{''.join(_node(name, inner) for name, inner in value.items())}</{tag}>"
    if isinstance(value, str):
        # The platform does not sanitise: control characters and an inner `]]>` go out as typed.
        return f"<{tag}><![CDATA[{value}]]></{tag}>"
    return f"<{tag}>{value}</{tag}>"


def write(fields: Fields) -> str:
    """Write a push: words in CDATA, numbers bare, one element inside another where a mapping is given."""
    return _node("xml", fields)


def read(body: str) -> Element | None:
    """Read an answer strictly: None unless it is one element named xml, without DTD or entities."""
    try:
        root = fromstring(body.strip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root if root.tag == "xml" else None


def value(element: Element, tag: str) -> str:
    """Return an inner element's text, "" when it is missing."""
    return element.findtext(tag) or ""
