"""The published vectors and captured pushes of ../shared/vectors, through the real door."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bot.channels.wechat.crypto import AesKey, sign
from dialogs.events import Event, Followed, Left, MemberSaid, MemberSent, MemberTapped, Noticed, Scanned
from dialogs.text import clean
from tests.channel.conftest import Open
from tests.channel.platform import Platform, account
from tests.shared import rows

ENVELOPES = {"decrypt", "encrypt_deterministic", "negative"}


def crypto(*kinds: str) -> list[dict[str, Any]]:
    found = [row for row in rows("vectors/crypto.json") if row["kind"] in kinds]
    assert found
    return found


def test_every_kind_of_vector_is_looked_at() -> None:
    ours = ENVELOPES | {"url_verify_plain", "plain_signature", "msg_signature_only"}
    # The JS-SDK's signature belongs to pages in WeChat's browser, which this project does not have.
    assert {row["kind"] for row in rows("vectors/crypto.json")} - ours == {"jssdk_signature"}


async def test_the_address_is_verified_as_documented(opened: Open) -> None:
    for row in crypto("url_verify_plain"):
        door = await opened(account("plain", token=row["token"]))
        query = {name: row[name] for name in ("signature", "timestamp", "nonce", "echostr")}
        async with door.client.get("/wechat/main", params=query) as response:
            assert (response.status, await response.text()) == (200, row["echostr"])


async def test_plain_signatures_open_the_door(opened: Open) -> None:
    body = "<xml><FromUserName>o</FromUserName><MsgType>text</MsgType><Content>a</Content></xml>"
    for row in crypto("plain_signature"):
        door = await opened(account("plain", token=row["token"]))
        query = {name: row[name] for name in ("signature", "timestamp", "nonce")}
        assert (await door.push(query, body))[0] == 200
        query["signature"] = query["signature"][::-1]
        assert (await door.push(query, body))[0] == 403


def test_signatures_over_a_body_are_as_published() -> None:
    for row in crypto("msg_signature_only", "decrypt"):
        if "msg_signature" in row:
            parts = (row["token"], row["timestamp"], row["nonce"], row["encrypt"])
            assert sign(*parts) == row["msg_signature"], row["id"]


def test_envelopes_open_and_close_as_published() -> None:
    for row in crypto("decrypt", "encrypt_deterministic"):
        key = AesKey(row["encoding_aes_key"])
        message, app_id = key.open(row["encrypt"])
        assert (message.decode(), app_id.decode()) == (row["plaintext"], row["verify"]["receive_id"]), row["id"]
        prefix = bytes.fromhex(row["random_hex"]) if "random_hex" in row else row["random"].encode()
        assert key.seal(message, app_id, prefix=prefix) == row["encrypt"], row["id"]


async def test_published_pushes_come_through_the_door(opened: Open) -> None:
    for row in crypto("decrypt"):
        ours = account("safe", token=row["token"], aes_key=row["encoding_aes_key"], app_id=row["verify"]["receive_id"])
        door = await opened(ours)
        query = {name: row[name] for name in ("msg_signature", "timestamp", "nonce")}
        status, reply = await door.push(query, Platform().around(row["encrypt"]))
        if "<MsgType>" in row["plaintext"]:
            assert status == 200, row["id"]
            theirs = Platform(token=ours.token, aes_key=ours.aes_key, app_id=ours.app_id)
            assert "您好" in theirs.reads(reply)
        else:  # an echo, a mini-program's JSON, a notice to a platform operator: no member's message
            assert status == 403, row["id"]
            assert set(door.refused()) <= {"not_xml", "no_sender"}, row["id"]


async def test_the_published_forgery_is_refused(opened: Open) -> None:
    for row in crypto("negative"):
        door = await opened(account("safe", token=row["token"], aes_key=row["encoding_aes_key"], app_id=row["appid"]))
        query = {name: row[name] for name in ("msg_signature", "timestamp", "nonce")}
        assert (await door.push(query, Platform().around(row["encrypt"])))[0] == 403
        assert door.refused() == {"unsigned": 1}
        signed = Platform(token=row["token"]).signed(row["encrypt"])
        assert (await door.push(signed, Platform().around(row["encrypt"])))[0] == 403
        assert door.refused() == {"unsigned": 1, "wrong_key": 1}
        message, _ = AesKey(row["alt_encoding_aes_key"]).open(row["encrypt"])
        assert message.decode() == row["alt_plaintext"]


def wanted(fields: dict[str, Any]) -> type[Event]:
    """Say what a captured push must become, from its fields as a plain XML reader has them."""
    kind, event = fields["MsgType"].strip().lower(), (fields.get("Event") or "").strip().lower()
    if kind == "event":
        known: dict[str, type[Event]] = {"subscribe": Followed, "unsubscribe": Left, "scan": Scanned}
        if event == "click":
            return MemberTapped
        if event in {"scancode_push", "scancode_waitmsg"}:
            return Scanned if fields["ScanCodeInfo"]["ScanResult"].isalnum() else MemberTapped
        return known.get(event, Noticed)
    if kind.startswith("device_"):
        return Noticed
    return MemberSaid if kind == "text" or (kind == "voice" and fields.get("Recognition")) else MemberSent


@pytest.mark.parametrize("mode", ["plain", "safe"])
async def test_every_captured_push_is_answered_and_becomes_what_it_was(opened: Open, mode: Any) -> None:
    door = await opened(account(mode))
    for row in rows("vectors/payloads.json"):
        sealed = (Platform().plain(), row["raw"]) if mode == "plain" else Platform().safe(row["raw"])
        status, _ = await door.push(*sealed)
        fields = row["expected"]
        if "FromUserName" not in fields:
            assert 400 <= status < 500, row["id"]
            continue
        assert status == 200, row["id"]
        push = door.turns.came[-1]
        ends = (fields["FromUserName"].strip(), fields["ToUserName"].strip())  # documents are indented
        assert (push.member.user, push.to) == ends, row["id"]
        assert isinstance(push.event, wanted(fields)), row["id"]
        if isinstance(push.event, MemberSaid):
            assert push.event.text == clean(fields.get("Content") or fields["Recognition"]), row["id"]
        if isinstance(push.event, MemberSent):
            assert push.event.media == fields.get("MediaId", ""), row["id"]
    assert door.refused() == {"no_sender": 1}


async def test_pushes_of_the_sister_platform_never_break_the_door(opened: Open) -> None:
    door = await opened(account("plain"))
    for row in rows("vectors/wecom.json"):
        status, _ = await door.push(Platform().plain(), row["raw"])
        assert status == 200 or 400 <= status < 500, row["id"]
    assert "unreadable" not in door.refused()
    assert len(door.turns.came) > 50


async def test_pushes_that_broke_other_servers_meet_no_500(opened: Open) -> None:
    door = await opened(account("plain"))
    for row in rows("vectors/adversarial.json"):
        status, reply = await door.push(Platform().plain(), row["raw"])
        if row["kind"] in {"XXE", "entity expansion"}:
            assert status == 400, row["id"]
        else:
            assert status == 200, row["id"]
            assert ET.fromstring(reply).findtext("Content") == "您好"
    assert door.refused() == {"dtd": 2}
