"""Templates and static files: one environment, addresses that carry the content's hash."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from jinja2 import Environment

STATIC = Path(__file__).parent.parent.parent / "static"


@cache
def tree_hash() -> str:
    """Hash all static files: a new version has new addresses, so that browsers may keep what they have."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return sha256(b"".join(sha256(path.read_bytes()).digest() for path in files)).hexdigest()[:12]


def static(name: str) -> str:
    """Give the address of a static file."""
    return f"/desk/static/{tree_hash()}/{name}"


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # when the first page is opened

    made = Environment(
        loader=PackageLoader("handlers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static
    return made


def page(template: str, *, status: int = 200, **values: Any) -> web.Response:
    """Render one page. Everything is escaped; nothing in it is remembered by browsers or proxies."""
    text = _templates().get_template(template).render(**values)
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def sentence(title: str, words: str, *, status: int, code: str = "") -> web.Response:
    """Render a page of one sentence: what happened and what can be done."""
    return page("error.html", status=status, title=title, words=words, code=code, href="/desk/", link="回到工作台")
