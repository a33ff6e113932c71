"""The house rules that a linter cannot see."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from bot.metrics import Metrics
from bot.settings import PREFIX, known
from dialogs import reading
from tests import suite

ROOT = Path(__file__).resolve().parent.parent
TOP = {
    *("dialogs", "storage", "bot", "handlers", "deploy", "tests"),
    *("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile", "requirements.lock"),
}
# A package registry's host, or what a lock file of npm or an index option leaves behind.
DOWNLOADS = re.compile(
    r"https?://[a-z0-9.-]*(?:npmjs|pythonhosted|pypi|debian)|\"resolved\":|^\s*--?(?:extra-)?index-url", re.MULTILINE
)


def tracked() -> list[Path]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.fail("these rules are about the files under git")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_every_setting_is_in_the_readme_in_both_languages() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in sorted(known()) if readme.count(f"`{PREFIX}{name.upper()}`") < 2]
    assert not missing


def test_every_service_has_a_transcript() -> None:
    told = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "transcripts").glob("**/*.txt")}
    names = {path.stem for path in (ROOT / "dialogs" / "services").glob("*.yaml")}
    assert names
    assert not [name for name in names if not any(name in f"{stem}\n{text}" for stem, text in told.items())]


def test_nothing_else_stands_at_the_top_level() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked() if path.relative_to(ROOT).parts[0][0] != "."} <= TOP


def test_every_page_of_the_desk_has_its_template() -> None:
    pages = {path.stem for path in (ROOT / "handlers" / "desk").glob("*.py")} - {"__init__"}
    assert pages
    templates = {path.stem for path in (ROOT / "handlers" / "templates").glob("**/*.html")}
    assert not pages - templates


def test_no_download_address_is_in_the_tree() -> None:
    here = Path(__file__)
    for path in tracked():
        if path in {here, ROOT / "tests" / "suite.py"} or path.suffix in {".png", ".ico", ".woff2"}:
            continue
        assert not DOWNLOADS.findall(path.read_text(encoding="utf-8", errors="ignore")), path.relative_to(ROOT)


def test_no_lock_file_of_npm_is_in_the_tree() -> None:
    assert not [
        path for path in tracked() if path.name in {"package-lock.json", "yarn.lock", "pnpm-lock.yaml", "uv.lock"}
    ]


@pytest.mark.parametrize("lock", ["requirements.lock", "tests/requirements.lock"])
def test_every_locked_package_has_its_version_and_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip()]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]+\])?==\S+", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


def test_what_the_project_declares_is_locked() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for lock, wanted in (
        ("requirements.lock", declared["dependencies"]),
        ("tests/requirements.lock", declared["optional-dependencies"]["test"]),
    ):
        locked = {bare(line) for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "==" in line}
        assert not {bare(name) for name in wanted} - locked


def bare(requirement: str) -> str:
    return re.sub(r"[._-]+", "-", re.split(r"[\[<>=; ]", requirement)[0].lower())


def test_every_alert_watches_counts_that_exist() -> None:
    known = set(re.findall(r"^# TYPE (\S+)", Metrics().text().decode(), re.MULTILINE))
    rules = reading.read((ROOT / "deploy" / "alerts.yaml").read_text(encoding="utf-8")).value
    told = [rule for group in rules["groups"] for rule in group["rules"]]
    assert told
    for rule in told:
        assert {"summary", "look"} <= set(rule["annotations"]), rule["alert"]
        for name in re.findall(r"hongyan_\w+", f"{rule['expr']} {rule['annotations']['look']}"):
            assert {name, name.removesuffix("_bucket")} & known, f"{rule['alert']}: {name}"


def test_the_example_of_settings_names_what_is_needed_and_nothing_unknown() -> None:
    lines = (ROOT / "deploy" / "hongyan.env.example").read_text(encoding="utf-8").splitlines()
    named = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    assert named <= {PREFIX + name.upper() for name in known()}
    assert {"HONGYAN_SECRET_KEY", "HONGYAN_WECHAT_TOKEN", "HONGYAN_WECHAT_AES_KEY"} <= named


def test_the_container_holds_every_room() -> None:
    written = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    assert all(f"COPY {room} {room}" in written for room in ("dialogs", "storage", "bot", "handlers"))


def test_what_the_suite_leaves_out_is_said_and_in_ci_it_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HONGYAN_TEST_REDIS_URL", f"redis://127.0.0.1:{unused_port()}/0")
    monkeypatch.delenv("HONGYAN_TEST_POSTGRES_URL", raising=False)
    left_out = list(suite.absent())
    assert any("PostgreSQL" in part and "HONGYAN_TEST_POSTGRES_URL" in part for part in left_out)
    assert any("Redis" in part and "nothing answers" in part for part in left_out)
    assert suite.verdict([], left_out, strict=False) == 0
    assert suite.verdict([], left_out, strict=True) == 1
    assert suite.verdict(["mypy"], [], strict=False) == 1
    assert suite.verdict([], [], strict=True) == 0
    assert capsys.readouterr().out.count("LEFT OUT: PostgreSQL") == 2
