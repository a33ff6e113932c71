"""Settings: the environment (`HONGYAN_*`) or a TOML file named by `HONGYAN_CONFIG`; the environment wins.

Every mistake is told at once, by the setting's name, and never with its value. An empty value is
no value. Secrets are `SecretStr`: they do not show in logs, tracebacks or `repr`.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from bot.channels.wechat.account import Account
    from storage.crypto import Keys

PREFIX = "HONGYAN_"
CONFIG = "HONGYAN_CONFIG"
# Read by the test suite only; not a slip in somebody's set-up.
_TESTS = "HONGYAN_TEST_"

Mode = Literal["safe", "plain", "compatible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One setting that cannot be used: its full name, and what to do about it in Chinese and in English."""

    name: str
    chinese: str
    english: str

    def __str__(self) -> str:
        return f"{self.name}：{self.chinese}（{self.english}）"


class WrongSettings(Exception):  # noqa: N818  it is told to a person, not handled
    """Settings are missing or cannot be used; every mistake is named."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        self.mistakes = mistakes
        head = f"有 {len(mistakes)} 项设置要改（{len(mistakes)} setting(s) to correct）："
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in mistakes)]))


def _wrong(chinese: str, english: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "{chinese}", {"chinese": chinese, "english": english})


def _trim(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _database(url: str) -> str:
    if url.startswith("sqlite+aiosqlite:///") and not url.endswith(("///", ":memory:")):
        return url
    if url.startswith("postgresql+psycopg://"):
        return _readable(url)
    raise _wrong(
        "要写成 sqlite+aiosqlite:///文件路径 或 postgresql+psycopg://…",
        "must be sqlite+aiosqlite:///PATH or postgresql+psycopg://…",
    )


def _redis(url: str) -> str:
    if url.startswith(("redis://", "rediss://", "unix://")):
        return _readable(url)
    raise _wrong("要以 redis:// 或 rediss:// 开头", "must begin with redis:// or rediss://")


def _readable(url: str) -> str:
    from storage.addresses import readable

    if not readable(url):
        raise _wrong(
            "地址读不懂，请检查主机、端口和选项；密码里的 @ / : # ? % 要写成 %40 %2F %3A %23 %3F %25",
            "cannot be read: check host, port and options; in a password @ / : # ? % are %40 %2F %3A %23 %3F %25",
        )
    return url


def _web(url: str) -> str:
    if re.match(r"https?://[^/\s]+", url):
        return url.rstrip("/")
    raise _wrong("要写成完整的 http:// 或 https:// 地址", "must be a whole http:// or https:// address")


def _key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        raise _wrong("太短，请用 32 个字符以上的随机文字", "too short: use random text of 32 characters or more")
    return value


def _aes(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9+/]{43}", value.get_secret_value()):
        raise _wrong(
            "EncodingAESKey 是 43 位的字母和数字，请从公众平台原样复制",
            "an EncodingAESKey has 43 letters and digits: copy it whole from the platform",
        )
    return value


def _folder(value: Path) -> Path:
    with suppress(OSError, ValueError):  # a name that is too long, or no name at all
        if value.is_dir():
            return value
    raise _wrong("没有这个文件夹", "there is no such folder")


Trimmed = BeforeValidator(_trim)
Text = Annotated[str, Trimmed, Field(min_length=1)]
Secret = Annotated[SecretStr, Trimmed, Field(min_length=1)]
AesKey = Annotated[SecretStr, Trimmed, AfterValidator(_aes)]
Web = Annotated[str, Trimmed, AfterValidator(_web)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Wechat(BaseModel):
    """The official account, as the platform's page 「设置与开发 → 基本配置」 has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: Text
    app_secret: Secret
    token: Secret
    token_previous: Secret | None = None
    mode: Mode = "safe"
    aes_key: AesKey | None = Field(default=None, validate_default=True)
    aes_key_previous: AesKey | None = None
    api_base: Web = "https://api.weixin.qq.com"
    max_age: Annotated[int, Field(ge=0)] = 600

    @field_validator("aes_key")
    @classmethod
    def _needed_except_in_plain_mode(cls, key: SecretStr | None, known: ValidationInfo) -> SecretStr | None:
        if key is None and known.data.get("mode") != "plain":
            raise _wrong("没有填；安全模式和兼容模式都需要 EncodingAESKey", "missing: needed in every mode but plain")
        return key

    def account(self, name: str = "main") -> Account:
        """Hand the settings to the channel in its own form; `name` is the last part of the push address."""
        from bot.channels.wechat.account import Account

        return Account(
            name=name,
            app_id=self.app_id,
            app_secret=_bare(self.app_secret),
            token=_bare(self.token),
            token_previous=_bare(self.token_previous),
            aes_key=_bare(self.aes_key),
            aes_key_previous=_bare(self.aes_key_previous),
            mode=self.mode,
            api_base=self.api_base,
            max_age=self.max_age,
        )


class Sources(BaseModel):
    """Settings of one kind; of what is set, each kind takes its own."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ServicesSettings(Sources):
    """What `services check` and `services show` look at; nothing is needed."""

    services_dir: Annotated[Path, AfterValidator(_folder)] | None = None


class DatabaseSettings(Sources):
    """What `migrate` needs."""

    database_url: Annotated[str, Trimmed, AfterValidator(_database)] = Field(
        default="sqlite+aiosqlite:///var/hongyan.db",
        repr=False,
    )

    @property
    def sqlite(self) -> bool:
        """Whether the store is the embedded one: one writing process, which also does the background work."""
        return self.database_url.startswith("sqlite")


class StoreSettings(DatabaseSettings):
    """What needs to read and write what members said."""

    secret_key: Annotated[SecretStr, Trimmed, AfterValidator(_key)]


class _Account(Sources):
    """The official account's own settings, shared by the service and the simulator."""

    wechat: Wechat


class Settings(StoreSettings, ServicesSettings, _Account):
    """What the service needs."""

    host: Text = "127.0.0.1"
    port: Port = 8080
    redis_url: Annotated[str, Trimmed, AfterValidator(_redis)] | None = Field(default=None, repr=False)
    media_url: Text | None = Field(default=None, repr=False)
    log: Literal["auto", "json", "console"] = "auto"


class SimulatorSettings(_Account):
    """What the platform in a box needs: the account's settings, its port, and where to push."""

    host: Text = "127.0.0.1"
    sim_port: Port = 8081
    sim_push_url: Web = "http://127.0.0.1:8080/wechat/main"


_S = TypeVar("_S", bound=Sources)


def keys(settings: StoreSettings) -> Keys:
    """Derive the keys that seal what is private."""
    from storage.crypto import Keys

    return Keys(settings.secret_key.get_secret_value())


def _bare(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def load(kind: type[_S]) -> _S:
    """Read the settings of this kind, or raise WrongSettings with every mistake."""
    try:
        found = kind.model_validate(_nested({**_file(), **_environment()}))
    except ValidationError as error:
        mistakes = tuple(_told(detail) for detail in error.errors(include_url=False, include_input=False))
        raise WrongSettings(mistakes + strangers()) from None
    if unknown := tuple(_stranger(f"{CONFIG} → ", name) for name in _file() if name not in known()):
        raise WrongSettings(unknown)
    return found


def known() -> frozenset[str]:
    """Return every setting's name in short, as in a file: `secret_key`, `wechat_app_id`."""
    fields = {**Settings.model_fields, **SimulatorSettings.model_fields}
    return frozenset(fields) - {"wechat"} | {f"wechat_{name}" for name in Wechat.model_fields}


def strangers(environ: Mapping[str, str] | None = None) -> tuple[Mistake, ...]:
    """Name what looks like a setting but is none: a slip of the pen is the usual reason why one is missing."""
    names = {name for name in (os.environ if environ is None else environ) if name.startswith(PREFIX)}
    meant = {PREFIX + name.upper() for name in known()} | {CONFIG}
    return tuple(_stranger("", name) for name in sorted(names - meant) if not name.startswith(_TESTS))


def _stranger(place: str, name: str) -> Mistake:
    full = name if name.startswith(PREFIX) else PREFIX + name.upper()
    near = difflib.get_close_matches(full, [PREFIX + short.upper() for short in known()], n=1)
    chinese, english = "没有这一项设置", "there is no such setting"
    if near:
        chinese, english = f"{chinese}，是不是 {near[0]}？", f"{english}; did you mean {near[0]}?"
    return Mistake(name=place + name, chinese=chinese, english=english)


_SENTENCES = {
    "missing": ("没有填，请填上", "missing or empty"),
    "string_too_short": ("没有填，请填上", "missing or empty"),
    "too_short": ("没有填，请填上", "missing or empty"),
    "literal_error": ("只能是 {expected}", "must be one of {expected}"),
    "int_parsing": ("要填整数", "must be a whole number"),
    "int_type": ("要填整数", "must be a whole number"),
    "greater_than_equal": ("不能小于 {ge}", "must be {ge} or more"),
    "less_than_equal": ("不能大于 {le}", "must be {le} or less"),
    "setting": ("{chinese}", "{english}"),
}


def _told(detail: ErrorDetails) -> Mistake:
    chinese, english = _SENTENCES.get(detail["type"], ("填得不对", detail["msg"]))
    about = detail.get("ctx", {})
    if "expected" in about:
        about = {"expected": about["expected"].replace(" or ", ", ").replace("'", "")}
    name = PREFIX + "_".join(str(part) for part in detail["loc"]).upper()
    return Mistake(name=name, chinese=chinese.format(**about), english=english.format(**about))


def _environment() -> dict[str, object]:
    """Read the environment as short flat names."""
    prefixed = {name.lower(): value for name, value in os.environ.items() if value.strip()}
    return {
        name.removeprefix(PREFIX.lower()): value for name, value in prefixed.items() if name.startswith(PREFIX.lower())
    }


def _file() -> dict[str, object]:
    """Read the file named by HONGYAN_CONFIG as short flat names; {} without one.

    `[wechat] app_id`, `wechat_app_id` and `HONGYAN_WECHAT_APP_ID` are the same setting.
    """
    path = os.environ.get(CONFIG, "").strip()
    if not path:
        return {}
    try:
        tree = dict(_flat("", tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))))
    except OSError as error:
        raise WrongSettings((_unreadable(f"读不到文件 {path}", f"cannot read {path}: {error.strerror}"),)) from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number without end, brackets without end
        raise WrongSettings((_unreadable(f"{path} 不是正确的 TOML", f"{path} is not TOML: {error}"),)) from None
    return {name: value for name, value in tree.items() if not (isinstance(value, str) and not value.strip())}


def _unreadable(chinese: str, english: str) -> Mistake:
    return Mistake(name=CONFIG, chinese=chinese, english=english)


def _flat(prefix: str, tree: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        name = f"{prefix}{key}".lower().removeprefix(PREFIX.lower())
        if isinstance(value, dict):
            yield from _flat(f"{name}_", value)
        else:
            yield name, value


def _nested(flat: Mapping[str, object]) -> dict[str, object]:
    """Give the flat names the form of the models. `wechat` is always there, so that each missing part is named."""
    wechat = {name.removeprefix("wechat_"): value for name, value in flat.items() if name.startswith("wechat_")}
    return {**{name: value for name, value in flat.items() if not name.startswith("wechat_")}, "wechat": wechat}
