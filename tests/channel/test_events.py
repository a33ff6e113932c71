"""Each kind of message and event of the platform, and what it becomes."""

from __future__ import annotations

import pytest

from bot.channels.wechat.messages import event_of
from bot.channels.wechat.parse import read
from dialogs.events import Followed, Left, MemberEvent, MemberSaid, MemberSent, MemberTapped, Noticed, Scanned
from tests.channel.platform import event_push, message, text_push


def became(xml: str) -> MemberEvent:
    return event_of(read(xml.encode("utf-8", "surrogatepass")))


def scan_info(result: str) -> str:
    return f"<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult><![CDATA[{result}]]></ScanResult></ScanCodeInfo>"


MEDIA = "<PicUrl><![CDATA[http://127.0.0.1/p.jpg]]></PicUrl><MediaId><![CDATA[m1]]></MediaId>"
PLACE = "<Location_X>{}</Location_X><Location_Y>{}</Location_Y><Scale>20</Scale><Label><![CDATA[人民路 1 号]]></Label>"
VOICE = "<MediaId>m1</MediaId><Format>amr</Format><Recognition><![CDATA[{}]]></Recognition>"
LINK = "<Title><![CDATA[一则通知]]></Title><Description>x</Description><Url><![CDATA[https://example.org/1]]></Url>"


@pytest.mark.parametrize(
    ("xml", "event"),
    [
        (text_push("  我要报到１ "), MemberSaid(text="  我要报到１ ", folded="我要报到1")),
        (text_push("流動黨員"), MemberSaid(text="流動黨員", folded="流动党员")),
        (text_push(""), MemberSaid(text="", folded="")),
        (text_push("满意").replace("</xml>", "<bizmsgmenuid>101</bizmsgmenuid></xml>"),
         MemberSaid(text="满意", folded="满意")),
        (message("image", MEDIA), MemberSent(what="photo", media="m1")),
        (message("voice", VOICE.format("我要报到")),
         MemberSaid(text="我要报到", folded="我要报到", voice=True, media="m1")),
        (message("voice", VOICE.format("")), MemberSent(what="voice", media="m1")),
        (message("voice", "<MediaId>m1</MediaId>"), MemberSent(what="voice", media="m1")),
        (message("voice", VOICE.replace("m1", "m" * 3000).format("")), MemberSent(what="voice", media="m" * 512)),
        (message("video", MEDIA), MemberSent(what="video", media="m1")),
        (message("shortvideo", MEDIA), MemberSent(what="video", media="m1")),
        (message("location", PLACE.format("31.38", "120.98")),
         MemberSent(what="place", text="人民路 1 号", latitude=31.38, longitude=120.98)),
        (message("location", PLACE.format("nan", "120.98")), MemberSent(what="place", text="人民路 1 号")),
        (message("location", PLACE.format("91", "")), MemberSent(what="place", text="人民路 1 号")),
        (message("link", LINK), MemberSent(what="link", text="一则通知\nhttps://example.org/1")),
        (message("file", "<Title><![CDATA[名单.zip]]></Title><FileKey>k</FileKey>"),
         MemberSent(what="file", text="名单.zip")),
        (message("hologram", ""), MemberSent(what="other", text="hologram")),
        (message("TEXT", "<Content>a</Content>"), MemberSaid(text="a", folded="a")),
        (event_push("subscribe"), Followed()),
        (event_push("subscribe", "qrscene_yushan-xincheng"), Followed(scene="yushan-xincheng")),
        (event_push("subscribe", "last_trade_no_4008072001"), Followed()),
        (event_push("unsubscribe"), Left()),
        (event_push("SCAN", "yushan-xincheng"), Scanned(scene="yushan-xincheng")),
        (event_push("scan", "7"), Scanned(scene="7")),
        (event_push("SCAN"), Noticed(what="scan")),
        (event_push("CLICK", "报到"), MemberTapped(key="报到")),
        (event_push("Click", "报到"), MemberTapped(key="报到")),
        (event_push("CLICK"), Noticed(what="click")),
        (event_push("VIEW", "https://example.org"), Noticed(what="view")),
        (event_push("scancode_waitmsg", "扫码", scan_info("yushan-xincheng")), Scanned(scene="yushan-xincheng")),
        (event_push("scancode_push", "扫码", scan_info("https://example.org/?q=1")), MemberTapped(key="扫码")),
        (event_push("scancode_waitmsg", "扫码"), MemberTapped(key="扫码")),
        (event_push("scancode_waitmsg", "", "<ScanCodeInfo/>"), Noticed(what="click")),
        (event_push("location_select", "6", "<SendLocationInfo><Label>x</Label></SendLocationInfo>"),
         Noticed(what="location_select")),
        (event_push("pic_weixin", "6"), Noticed(what="pic_weixin")),
        (event_push("LOCATION", "", "<Latitude>1</Latitude>"), Noticed(what="location")),
        (event_push("TEMPLATESENDJOBFINISH", "", "<MsgID>200163836</MsgID><Status>failed:user block</Status>"),
         Noticed(what="templatesendjobfinish 200163836 failed:user block")),
        (event_push("MASSSENDJOBFINISH", "", "<MsgID>1</MsgID><Status>send success</Status>"),
         Noticed(what="masssendjobfinish 1 send success")),
        (event_push("user_authorization_revoke"), Noticed(what="user_authorization_revoke")),
        (event_push("subscribe_scan", "1"), Noticed(what="subscribe_scan")),
        (event_push(""), Noticed(what="unknown")),
        (message("device_event", "<Event>bind</Event>"), Noticed(what="device_event")),
    ],
)  # fmt: skip
def test_every_kind_becomes_what_happened(xml: str, event: MemberEvent) -> None:
    assert became(xml) == event


def test_tags_are_known_in_any_case() -> None:
    shouted = text_push("hello").replace("Content", "CONTENT").replace("MsgType", "msgtype")
    assert became(shouted) == MemberSaid(text="hello", folded="hello")
