"""What a person sees who sets the service up: each slip by its name, all at once, never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import CONFIG, PREFIX, Settings, SimulatorSettings, WrongSettings, known, load, strangers

AES = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
GOOD = {
    "HONGYAN_SECRET_KEY": "s" * 16 + "t" * 16,
    "HONGYAN_WECHAT_APP_ID": "wx1234567890abcdef",
    "HONGYAN_WECHAT_APP_SECRET": "app-secret-value",
    "HONGYAN_WECHAT_TOKEN": "token-value",
    "HONGYAN_WECHAT_AES_KEY": AES,
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def setting(monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)


def mistakes(kind: type[Settings | SimulatorSettings] = Settings) -> dict[str, str]:
    with pytest.raises(WrongSettings) as caught:
        load(kind)
    return {mistake.name: str(mistake) for mistake in caught.value.mistakes}


def test_the_defaults_are_the_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch)
    got = load(Settings)
    assert (got.host, got.port, got.redis_url, got.services_dir, got.media_url) == ("127.0.0.1", 8080, None, None, None)
    assert got.database_url.startswith("sqlite+aiosqlite:///var/")
    assert got.sqlite
    assert (got.wechat.mode, got.wechat.max_age, got.wechat.token_previous) == ("safe", 600, None)
    assert load(SimulatorSettings).sim_port == 8081


def test_nothing_set_names_everything_at_once() -> None:
    assert set(mistakes()) == set(GOOD)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["", "   ", None])
def test_a_missing_or_empty_one_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    setting(monkeypatch)
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert set(mistakes()) == {name}


def test_an_empty_value_is_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_PORT="", HONGYAN_REDIS_URL="  ", HONGYAN_WECHAT_MAX_AGE="\n")
    got = load(Settings)
    assert (got.port, got.redis_url, got.wechat.max_age) == (8080, None, 600)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("HONGYAN_SECRET_KEY", "s" * 31, "32"),
        ("HONGYAN_WECHAT_AES_KEY", AES[:-1], "43"),
        ("HONGYAN_WECHAT_AES_KEY_PREVIOUS", AES + "x", "43"),
        ("HONGYAN_WECHAT_MODE", "open", "safe, plain, compatible"),
        ("HONGYAN_WECHAT_MAX_AGE", "-1", "0"),
        ("HONGYAN_WECHAT_API_BASE", "api.example", "https://"),
        ("HONGYAN_DATABASE_URL", "mysql://somewhere", "sqlite"),
        ("HONGYAN_DATABASE_URL", "sqlite+aiosqlite:///:memory:", "sqlite"),
        ("HONGYAN_REDIS_URL", "localhost:6379", "redis://"),
        ("HONGYAN_PORT", "eighty", "整数"),
        ("HONGYAN_PORT", "70000", "65535"),
        ("HONGYAN_SERVICES_DIR", "/no/such/folder", "文件夹"),
    ],
)
def test_a_value_that_cannot_be_used_says_what_would_do(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str
) -> None:
    setting(monkeypatch, **{name: value})
    told = mistakes()
    assert set(told) == {name}
    assert word in told[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg://"),
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg://u:p@SECRET@127.0.0.1/x"),
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg://u:p@SECRET/x@127.0.0.1/x"),
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg://u:p@h:SECRET/x"),
        ("HONGYAN_REDIS_URL", "redis://"),
        ("HONGYAN_REDIS_URL", "redis://:SECRET/x@127.0.0.1:6379/7"),
        ("HONGYAN_REDIS_URL", "redis://:S@SECRET@127.0.0.1:6379/7"),
        ("HONGYAN_REDIS_URL", "redis://:SECRET#x@127.0.0.1:6379/7"),
        ("HONGYAN_REDIS_URL", "redis://127.0.0.1:6379/SECRET"),
        ("HONGYAN_REDIS_URL", "redis://127.0.0.1:6379/7?bogus=SECRET"),
        ("HONGYAN_REDIS_URL", "redis://127.0.0.1:6379/7?socket_timeout=SECRET"),
        ("HONGYAN_SERVICES_DIR", "/" + "SECRET" * 60),
    ],
)
def test_an_odd_address_is_named_and_nothing_of_it_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    setting(monkeypatch, **{name: value})
    told = mistakes()
    assert set(told) == {name}
    assert "SECRET" not in told[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg://u:p%40w@[::1]:5432/x?sslmode=require"),
        ("HONGYAN_DATABASE_URL", "postgresql+psycopg:///x?host=/var/run/postgresql"),
        ("HONGYAN_REDIS_URL", "redis://127.0.0.1"),
        ("HONGYAN_REDIS_URL", "rediss://u:p%2Fw@redis.example:6380/1?socket_timeout=3"),
        ("HONGYAN_REDIS_URL", "unix:///run/redis.sock?db=1"),
    ],
)
def test_a_good_address_is_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    setting(monkeypatch, **{name: value})
    assert value in {load(Settings).database_url, load(Settings).redis_url}


def test_several_slips_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_PORT="x", HONGYAN_WECHAT_TOKEN="", HONGYAN_WECHAT_MODE="y")
    assert set(mistakes()) == {"HONGYAN_PORT", "HONGYAN_WECHAT_TOKEN", "HONGYAN_WECHAT_MODE"}


def test_plain_mode_needs_no_aes_key_and_the_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_WECHAT_AES_KEY="", HONGYAN_WECHAT_MODE="plain")
    assert load(Settings).wechat.aes_key is None
    monkeypatch.setenv("HONGYAN_WECHAT_MODE", "compatible")
    assert set(mistakes()) == {"HONGYAN_WECHAT_AES_KEY"}


def test_a_slip_of_the_pen_is_told_with_what_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_WECHAT_TOKEN="", HONGYAN_WECHAT_TOKN="token-value")
    assert "HONGYAN_WECHAT_TOKEN？" in mistakes()["HONGYAN_WECHAT_TOKN"]
    assert not strangers({"HONGYAN_TEST_REDIS_URL": "", "PATH": "", CONFIG: ""})


@pytest.mark.parametrize(
    "written",
    [
        'port = 9000\n[wechat]\ntoken = "from-file"',
        'HONGYAN_PORT = 9000\nHONGYAN_WECHAT_TOKEN = "from-file"',
        '[hongyan]\nport = 9000\n[hongyan.wechat]\ntoken = "from-file"',
    ],
)
def test_a_file_is_read_however_it_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str) -> None:
    path = tmp_path / "hongyan.toml"
    path.write_text(written, encoding="utf-8")
    setting(monkeypatch, HONGYAN_CONFIG=str(path))
    monkeypatch.delenv("HONGYAN_WECHAT_TOKEN")
    got = load(Settings)
    assert got.port == 9000
    assert got.wechat.token.get_secret_value() == "from-file"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "hongyan.toml"
    path.write_text('port = 9000\nhost = "0.0.0.0"\nmedia_url = ""\n[wechat]\nmode = "plain"\nmax_age = 5\n')
    setting(monkeypatch, HONGYAN_CONFIG=str(path), HONGYAN_PORT="9100", HONGYAN_WECHAT_MAX_AGE="0")
    got = load(Settings)
    assert (got.port, got.host, got.media_url) == (9100, "0.0.0.0", None)
    assert (got.wechat.max_age, got.wechat.mode) == (0, "plain")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "读不到"),
        ("port = = 3", "TOML"),
        ("prot = 3", "HONGYAN_PORT？"),
        pytest.param("port = " + "9" * 5000, "TOML", id="a number without end"),
        pytest.param("a = " + "[" * 3000, "TOML", id="brackets without end"),
        pytest.param("a." * 3000 + "a = 1", "TOML", id="names without end"),
    ],
)
def test_a_file_with_mistakes_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, word: str
) -> None:
    path = tmp_path / "hongyan.toml"
    if content is not None:
        path.write_text(content)
    setting(monkeypatch, HONGYAN_CONFIG=str(path))
    assert word in " ".join(mistakes().values())


def test_secrets_never_show(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_DATABASE_URL="postgresql+psycopg://hongyan:pass-word@db/hongyan")
    shown = repr(load(Settings)) + str(load(Settings))
    monkeypatch.setenv("HONGYAN_SECRET_KEY", "short-secret")
    monkeypatch.setenv("HONGYAN_WECHAT_AES_KEY", "bad-aes-key")
    shown += " ".join(mistakes().values())
    for secret in [*list(GOOD.values())[2:], GOOD["HONGYAN_SECRET_KEY"], "short-secret", "bad-aes-key", "pass-word"]:
        assert secret not in shown


def test_what_is_copied_with_spaces_is_trimmed(monkeypatch: pytest.MonkeyPatch) -> None:
    setting(monkeypatch, HONGYAN_WECHAT_TOKEN=" token-value \n", HONGYAN_WECHAT_AES_KEY=f"{AES}\n")
    got = load(Settings).wechat
    assert got.token.get_secret_value() == "token-value"
    assert got.aes_key is not None
    assert got.aes_key.get_secret_value() == AES


def test_the_names_are_the_plans() -> None:
    assert {
        *("database_url", "redis_url", "host", "port", "secret_key", "services_dir", "media_url"),
        *("wechat_app_id", "wechat_app_secret", "wechat_token", "wechat_token_previous", "wechat_aes_key"),
        *("wechat_aes_key_previous", "wechat_mode", "wechat_api_base", "wechat_max_age", "sim_port", "sim_push_url"),
    } <= known()
