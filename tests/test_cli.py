"""The command line as an administrator meets it: quick help, plain words, exit codes."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli
from bot.settings import PREFIX
from storage.crypto import Keys
from storage.engines import open_database

SECRET = "s" * 8 + "0123456789abcdefghijklmnopq"
COMMANDS = (
    "serve", "work", "demo", "simulator", "talk", "migrate", "staff add", "menu push", "services check",
    "services show", "articles import", "units import", "units export", "units codes", "eval understand",
    "eval answers", "doctor",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def hongyan(*words: str, given: str = "", **settings: str) -> Result:
    """Run a command in this process; `__` in a setting's name stands for the prefix."""
    return CliRunner().invoke(cli.app, list(words), input=given, env=settings)


def test_help_is_there_at_once_and_loads_nothing_heavy() -> None:
    heavy = ["sqlalchemy", "aiohttp", "cryptography", "wechatpy", "PIL", "opencc", "pydantic", "structlog"]
    code = f"import sys, bot.cli; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    done = subprocess.run([sys.executable, "-m", "bot", "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "启动服务" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_plan_explains_itself_in_chinese(command: str) -> None:
    shown = hongyan(*command.split(), "--help")
    assert shown.exit_code == 0
    assert any("\u4e00" <= letter <= "\u9fff" for letter in shown.output)


@pytest.mark.parametrize("words", [["fly"], ["serve", "--processes", "0"], ["services", "show"], ["eval", "answers"]])
def test_wrong_use_is_2(words: list[str]) -> None:
    assert hongyan(*words).exit_code == 2


@pytest.mark.parametrize("command", [["serve"], ["menu", "push"], ["simulator"]])
def test_a_wrong_set_up_is_1_and_names_the_settings(command: list[str]) -> None:
    done = hongyan(*command)
    assert done.exit_code == 1
    assert "HONGYAN_WECHAT_TOKEN" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("command", [["work"], ["serve", "--web-only"], ["serve", "--processes", "2"]])
def test_on_sqlite_one_process_does_everything_and_says_so(command: list[str]) -> None:
    done = hongyan(*command, HONGYAN_DATABASE_URL="sqlite+aiosqlite:///var/x.db")
    assert done.exit_code == 2
    assert "SQLite" in done.output


@pytest.mark.parametrize("command", [["migrate"], ["staff", "add", "li", "--post", "admin", "--unit", "x"]])
@pytest.mark.parametrize("option", ["sslmode=PASSWORD", "password=PASSWORD&bogus=PASSWORD", "port=1&password=PASSWORD"])
def test_what_a_database_refuses_is_told_without_its_address(command: list[str], option: str) -> None:
    address = f"postgresql+psycopg://u:PASSWORD@127.0.0.1/x?{option}"
    done = hongyan(*command, given="long enough\n" * 2, HONGYAN_DATABASE_URL=address, HONGYAN_SECRET_KEY=SECRET)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert "HONGYAN_DATABASE_URL" in done.output
    assert "PASSWORD" not in done.output


def test_services_are_checked_and_drawn_without_settings(tmp_path: Path) -> None:
    assert hongyan("services", "check").exit_code == 0
    drawn = hongyan("services", "show", "check_in")
    assert drawn.exit_code == 0
    assert "流动党员报到" in drawn.output
    assert hongyan("services", "show", "nothing").exit_code == 1
    (tmp_path / "own.yaml").write_text("service: own\nversion: one\nstepz: []\n", encoding="utf-8")
    wrong = hongyan("services", "check", str(tmp_path))
    assert wrong.exit_code == 1
    assert "own.yaml:2" in wrong.output
    assert hongyan("services", "check", HONGYAN_SERVICES_DIR=str(tmp_path)).exit_code == 1


def test_evaluation_reads_questions_and_writes_answers_without_settings(tmp_path: Path) -> None:
    asked, out = tmp_path / "asked.jsonl", tmp_path / "out.jsonl"
    asked.write_text('{"id": 1, "kind": "confirm", "text": "好的"}\n', encoding="utf-8")
    assert hongyan("eval", "understand", str(asked), "--out", str(out)).exit_code == 0
    assert json.loads(out.read_text(encoding="utf-8")) == {"id": 1, "got": True}
    articles, queries = tmp_path / "articles.jsonl", tmp_path / "queries.jsonl"
    articles.write_text('{"id": "A", "question": "怎么转组织关系", "answer": "开介绍信。"}\n', encoding="utf-8")
    queries.write_text('{"query": "怎么转组织关系"}\n', encoding="utf-8")
    asks = ["--articles", str(articles), "--queries", str(queries), "--out-of-scope", str(queries), "--out", str(out)]
    assert hongyan("eval", "answers", *asks).exit_code == 0
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["ranked"][0][0] for row in rows] == ["A", "A"]


def test_a_row_that_cannot_be_read_is_told_by_its_line(tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"id": 1, "kind": "confirm", "text": "好的"}\nnonsense\n', encoding="utf-8")
    done = hongyan("eval", "understand", str(asked), "--out", str(tmp_path / "out.jsonl"))
    assert done.exit_code == 1
    assert "2" in done.output
    assert "Traceback" not in done.output


def test_a_person_is_added_once_and_can_sign_in(tmp_path: Path) -> None:
    where = {"HONGYAN_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/hongyan.db", "HONGYAN_SECRET_KEY": SECRET}
    assert hongyan("migrate", **where).exit_code == 0
    add = ["staff", "add", "王对接", "--post", "coordinator", "--unit", "yushan-xincheng", "--password-stdin"]
    done = hongyan(*add, given="a good password\n", **where)
    assert done.exit_code == 0, done.output
    assert "王对接" in done.output
    again = hongyan(*add, given="a good password\n", **where)
    assert again.exit_code == 1
    assert "已经有人" in again.output

    async def stored() -> str:
        async with open_database(where["HONGYAN_DATABASE_URL"], Keys(SECRET), read_only=True) as database:
            found = await database.staff.by_name("王对接")
            return found.password_hash if found else ""

    assert asyncio.run(stored()).startswith("$argon2id$")


def test_every_reason_why_a_person_cannot_be_added_is_told(tmp_path: Path) -> None:
    where = {"HONGYAN_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/hongyan.db", "HONGYAN_SECRET_KEY": SECRET}
    done = hongyan(
        "staff", "add", "x", "--post", "king", "--unit", "yushan-xinchen", "--password-stdin", given="short\n", **where
    )
    assert done.exit_code == 1
    for reason in ("登录名", "king", "coordinator 对接协调员", "yushan-xincheng", "密码"):
        assert reason in done.output
    assert "short" not in done.output


def test_articles_cannot_be_brought_in_while_the_service_writes_and_that_is_said(tmp_path: Path) -> None:
    where = {"HONGYAN_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/hongyan.db", "HONGYAN_SECRET_KEY": SECRET}
    assert hongyan("migrate", **where).exit_code == 0
    file = tmp_path / "own.jsonl"
    file.write_text(json.dumps({"id": "C1", "question": "几点上班", "answer": "九点。"}), encoding="utf-8")

    async def serving() -> list[Result]:
        async with open_database(where["HONGYAN_DATABASE_URL"], Keys(SECRET)):
            add = ["staff", "add", "王对接", "--post", "coordinator", "--unit", "kunshan", "--password-stdin"]
            return [
                await asyncio.to_thread(hongyan, "articles", "import", str(file), **where),
                await asyncio.to_thread(lambda: hongyan(*add, given="a good password\n", **where)),
            ]

    for result in asyncio.run(serving()):
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), result.exception
        assert "请先停下它" in result.output


def test_files_that_are_not_utf8_are_told_by_name(tmp_path: Path) -> None:
    where = {"HONGYAN_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/hongyan.db", "HONGYAN_SECRET_KEY": SECRET}
    (tmp_path / "own.jsonl").write_bytes("几点上班".encode("gbk"))
    (tmp_path / "own.yaml").write_bytes("service: 报修".encode("gbk"))
    for words in (
        ("articles", "import", str(tmp_path / "own.jsonl")),
        ("services", "check", str(tmp_path)),
    ):
        result = hongyan(*words, **where)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), result.exception
        assert "own." in result.output
        assert "UTF-8" in result.output


def test_showing_a_service_among_broken_files_names_the_mistakes(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("service: own\n", encoding="utf-8")
    result = hongyan("services", "show", "check_in", HONGYAN_SERVICES_DIR=str(tmp_path))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    assert "own.yaml" in result.output


@pytest.mark.parametrize("taken", ["--port", "--sim-port"])
def test_a_taken_port_is_told_with_how_to_choose_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str
) -> None:
    monkeypatch.chdir(tmp_path)
    kept = tmp_path / "var" / "demo" / "phone.json"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ports = {"--port": "0", "--sim-port": "0"} | {taken: port}
        shown = hongyan("demo", "--fresh", *(word for pair in ports.items() for word in pair))
    assert shown.exit_code == 1
    assert shown.stderr == (
        f"端口 {port} 已被别的程序占用。\nPort {port} is taken.\n"
        '换一个 / choose another: make run ARGS="--port 8090 --sim-port 8091"\n'
    )
    assert kept.exists()  # the demo that holds the port keeps what it has
