"""Settings that cannot work are refused at the start, all of them, by name and never by value."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.wechat import Account
from tests.channel.platform import AES_KEY, account


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"app_id": ""}, "HONGYAN_WECHAT_APP_ID"),
        ({"app_secret": " "}, "HONGYAN_WECHAT_APP_SECRET"),
        ({"token": ""}, "HONGYAN_WECHAT_TOKEN"),
        ({"aes_key": ""}, "HONGYAN_WECHAT_AES_KEY"),
        ({"aes_key": AES_KEY[:-1]}, "HONGYAN_WECHAT_AES_KEY"),
        ({"aes_key_previous": "short"}, "HONGYAN_WECHAT_AES_KEY_PREVIOUS"),
        ({"mode": "open"}, "HONGYAN_WECHAT_MODE"),
        ({"api_base": "api.example.org"}, "HONGYAN_WECHAT_API_BASE"),
        ({"max_age": -1}, "HONGYAN_WECHAT_MAX_AGE"),
    ],
)
def test_a_setting_that_cannot_work_is_named(change: dict[str, Any], setting: str) -> None:
    with pytest.raises(ValueError, match=f"^{setting} [^\n]*$"):
        account(**({"mode": "safe"} | change))


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ValueError, match="APP_ID") as wrong:
        Account(app_id="", app_secret="", token="", mode="safe")
    assert len(str(wrong.value).splitlines()) == 4


def test_plain_mode_needs_no_key() -> None:
    assert account("plain", aes_key="").mode == "plain"


def test_secrets_do_not_show() -> None:
    shown = repr(account("safe", token="mytoken", app_secret="mysecret"))
    assert not any(secret in shown for secret in ("mytoken", "mysecret", AES_KEY))
