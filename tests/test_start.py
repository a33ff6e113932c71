"""What a start loads and makes: no more than an answer needs, and the same tables whichever way they are made."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot import cli
from storage.migrate import connected, migrate, state, upgrade
from tests.process import settings

# Long to load, and needed by a photo, a sign-in, a page, a migration, another database, or not at all.
HEAVY = ("alembic", "argon2", "jinja2", "PIL", "psycopg", "redis", "requests", "rich", "wechatpy")

START = """
import asyncio, json, sys
from bot.logs import set_up
from bot.settings import Settings, load

async def start():
    from bot.app import make_app, open_parts

    async with open_parts(load(Settings)) as parts:
        make_app(parts)
        assert await parts.database.ready()
        begun = set(sys.modules)
        parts.channel.warm()
        print(json.dumps([sorted(begun), sorted(set(sys.modules) - begun)]))

set_up("json")
asyncio.run(start())
"""


def run(folder: Path, code: str, **more: str) -> str:
    """What a program of its own prints."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HONGYAN_")}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env={**plain, **more}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_first_start_loads_only_what_an_answer_needs_and_the_rest_behind_it(tmp_path: Path) -> None:
    told = settings(1, f"sqlite+aiosqlite:///{tmp_path}/hongyan.db")
    begun, warmed = json.loads(run(tmp_path, START, **told))
    assert "aiohttp.web" in begun
    assert not set(HEAVY) & set(begun)
    assert "wechatpy.messages" in warmed


@pytest.mark.parametrize(
    "words",
    [
        ["services", "check"],
        ["services", "show", "check_in"],
        ["eval", "understand", "asked.jsonl", "--out", "out.jsonl"],
        ["eval", "answers", "--articles", "asked.jsonl", "--queries", "asked.jsonl", "--out", "out.jsonl"],
    ],
    ids=" ".join,
)
def test_what_needs_no_settings_needs_no_web_and_no_database_either(tmp_path: Path, words: list[str]) -> None:
    row = {"id": "1", "kind": "confirm", "text": "好的", "query": "开吗", "question": "开吗", "answer": "开。"}
    (tmp_path / "asked.jsonl").write_text(json.dumps(row), encoding="utf-8")
    code = f"import sys\nfrom bot.cli import app\napp({words!r}, standalone_mode=False)\nprint(*sys.modules)"
    loaded = run(tmp_path, code, PYTHONPATH=settings(1, "")["PYTHONPATH"]).split()
    assert "dialogs.reading" in loaded
    assert not {"aiohttp", "sqlalchemy", "structlog", *HEAVY} & set(loaded)


def test_a_start_that_fails_leaves_the_collector_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HONGYAN_")]:
        monkeypatch.delenv(name)
    assert CliRunner().invoke(cli.app, ["serve"]).exit_code == 1
    assert gc.isenabled()


def test_a_first_start_makes_the_tables_that_the_migrations_make(tmp_path: Path) -> None:
    def made(name: str, make: Callable[[str], None]) -> set[str]:
        url = f"sqlite+aiosqlite:///{tmp_path}/{name}.db"
        make(url)
        assert state(url) == "current"
        with connected(url) as conn:
            return {" ".join(sql.split()) for sql in conn.scalars(text("SELECT sql FROM sqlite_master")) if sql}

    def step_by_step(url: str) -> None:
        with connected(url) as conn:
            upgrade(conn)

    at_once = made("at_once", migrate)
    assert any(sql.startswith("CREATE TABLE cases") for sql in at_once)
    assert at_once == made("step_by_step", step_by_step)
