"""Our encryption against packages written by other hands (npm): they push to us, and they read our reply."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dialogs.events import MemberSaid
from tests.channel.conftest import Open
from tests.channel.platform import AES_KEY, APP_ID, NOW, TOKEN, Platform, account, text_push
from tests.shared import left_out

PEERS = Path(__file__).resolve().parents[1] / "peers"
NASTY = "我要报到 ]]> & <b>党员</b> 😀\n第二行"

pytestmark = pytest.mark.peers


def peer(name: str, act: str, **asked: str) -> dict[str, Any]:
    """Run one act of a peer; what it is asked goes in and what it found comes out as JSON."""
    node = shutil.which("node")
    if node is None or not (PEERS / "node_modules").exists():
        left_out("the npm peers are not installed (tests/peers/install.sh)")
    assert node is not None
    told = json.dumps({"token": TOKEN, "aesKey": AES_KEY, "appId": APP_ID} | asked)
    command = [node, "--no-deprecation", str(PEERS / f"{name}.mjs"), act]
    done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ["wechat-crypto", "wecom-crypto"])
async def test_a_peer_pushes_to_us_and_reads_our_reply(name: str, opened: Open) -> None:
    door = await opened(account("safe", max_age=600))
    door.turns.say = NASTY
    moment, nonce = str(int(NOW.timestamp())), "1372623149"

    sealed = peer(name, "push", message=text_push(NASTY), timestamp=moment, nonce=nonce)
    query = {"timestamp": moment, "nonce": nonce, "encrypt_type": "aes", "msg_signature": sealed["signature"]}
    status, reply = await door.push(query, Platform().around(sealed["encrypt"]))
    assert status == 200
    event = door.turns.came[0].event
    assert isinstance(event, MemberSaid)
    assert event.text == NASTY

    envelope = {child.tag: child.text or "" for child in ET.fromstring(reply)}
    read = peer(name, "read", encrypt=envelope["Encrypt"], timestamp=envelope["TimeStamp"], nonce=envelope["Nonce"])
    assert read["signature"] == envelope["MsgSignature"]
    assert read["id"] == APP_ID
    assert ET.fromstring(read["message"]).findtext("Content") == NASTY


@pytest.mark.parametrize("name", ["wechat-crypto", "wecom-crypto"])
async def test_a_peer_with_another_key_is_refused(name: str, opened: Open) -> None:
    door = await opened(account("safe"))
    sealed = peer(name, "push", message=text_push("你好"), timestamp="1", nonce="2", aesKey=AES_KEY[::-1])
    query = {"timestamp": "1", "nonce": "2", "msg_signature": sealed["signature"]}
    assert (await door.push(query, Platform().around(sealed["encrypt"])))[0] == 403
    assert door.refused() == {"wrong_key": 1}
