"""WeCom's signature and encryption, by its own published examples; its letters as they come."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from defusedxml import ElementTree

from bot.channels.wecom.letters import (
    LARGEST,
    CardNow,
    Event,
    LetterFault,
    card_reply,
    envelope,
    read_envelope,
    read_letter,
    text_reply,
)
from bot.channels.wecom.sealing import Seal, SealFault, signature
from data.errors import InvalidInput, NotAllowed

# The example of document/path/90968 and of the sample programs of the official libraries.
CORP, TOKEN = "wx5823bf96d3bd56c7", "QDG6eK"
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
POST = ("477715d11cdb4164915debcba66cb864d751f3e6", "1409659813", "1372623149")
POSTED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3Qczc"
    "dCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLj"
    "vd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMn"
    "vw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k"
    "22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2Yoy"
    "yH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
GET = ("5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1409659589", "263014780")
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
SEAL = Seal(TOKEN, KEY, CORP)
NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
RANDOM = b"0123456789abcdef"

PRESSED = b"""<xml>
<ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>
<FromUserName><![CDATA[ZhangSan]]></FromUserName>
<CreateTime>1782932400</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[template_card_event]]></Event>
<EventKey><![CDATA[1]]></EventKey>
<TaskId><![CDATA[812-1@1782950400]]></TaskId>
<CardType><![CDATA[button_interaction]]></CardType>
<ResponseCode><![CDATA[ResponseCode]]></ResponseCode>
<AgentID>1</AgentID>
</xml>"""


def test_the_published_message_is_opened_and_the_published_echo_too() -> None:
    assert signature(TOKEN, POST[1], POST[2], POSTED) == POST[0]
    letter = read_letter(SEAL.opened(*POST, POSTED))
    assert (letter.event, letter.account, letter.text) == (Event.TEXT, "mycreate", "hello")
    assert letter.corp_id == CORP and letter.message_id == letter.name == "4561255354251345929"
    assert letter.at == datetime(2014, 9, 2, 12, 10, 13, tzinfo=UTC)
    assert SEAL.opened(*GET, ECHO) == b"1616140317555161061"


@pytest.mark.parametrize("text", ["", "收到", "x" * 26, "x" * 27, "]]>" * 700])
def test_what_is_closed_is_opened_again(text: str) -> None:
    encrypted, signed = SEAL.closed(text.encode(), "1782932400", "n1", RANDOM)
    assert len(base64.b64decode(encrypted)) % 32 == 0
    assert SEAL.opened(signed, "1782932400", "n1", encrypted) == text.encode()


def _changed(encrypted: str) -> str:
    sealed = bytearray(base64.b64decode(encrypted))
    sealed[-1] ^= 1
    return base64.b64encode(sealed).decode()


def test_what_is_forged_changed_or_for_another_corporation_is_not_opened() -> None:
    def fault(seal: Seal, given: str, timestamp: str, nonce: str, encrypted: str) -> object:
        with pytest.raises(NotAllowed) as refused:
            seal.opened(given, timestamp, nonce, encrypted)
        return refused.value.code

    given, timestamp, nonce = POST
    for changed in (
        ("0" * 40, timestamp, nonce, POSTED),
        ("", timestamp, nonce, POSTED),
        ("收到\udc80", timestamp, nonce, POSTED),
        (given, "1409659814", nonce, POSTED),
        (given, timestamp, "1", POSTED),
        (given, timestamp, nonce, _changed(POSTED)),
    ):
        assert fault(SEAL, *changed) is SealFault.FORGED
    other_token = Seal("other", KEY, CORP)
    assert fault(other_token, given, timestamp, nonce, POSTED) is SealFault.FORGED
    other_corp = Seal(TOKEN, KEY, "ww0000")
    assert fault(other_corp, given, timestamp, nonce, POSTED) is SealFault.NOT_OURS
    for encrypted in ("", "no base64!", "收到", "QUJD", POSTED[:-44], _changed(POSTED)):
        signed = signature(TOKEN, timestamp, nonce, encrypted)
        assert fault(SEAL, signed, timestamp, nonce, encrypted) is SealFault.UNREADABLE
    other_key = Seal(TOKEN, "a" * 43, CORP)
    assert fault(other_key, given, timestamp, nonce, POSTED) is SealFault.UNREADABLE


def test_a_button_that_was_pressed_is_one_event_however_often_it_comes() -> None:
    letter = read_letter(PRESSED)
    assert (letter.event, letter.key, letter.task_id) == (Event.PRESSED, "1", "812-1@1782950400")
    assert letter.account == "ZhangSan" and letter.at == NOW
    later = read_letter(PRESSED.replace(b"1782932400", b"1782932401"))
    assert later.name == letter.name
    assert read_letter(PRESSED.replace(b"[1]", b"[2]")).name != letter.name


@pytest.mark.parametrize(
    ("told", "event"),
    [
        (b"enter_agent", Event.OPENED),
        (b"subscribe", Event.JOINED),
        (b"unsubscribe", Event.LEFT),
        (b"LOCATION", Event.OTHER),
    ],
)
def test_other_events_are_known_or_left_alone(told: bytes, event: Event) -> None:
    body = PRESSED.replace(b"template_card_event", told)
    assert read_letter(body).event is event


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", LetterFault.NOT_XML),
        (b"{}", LetterFault.NOT_XML),
        (b"<xml><Encrypt>", LetterFault.NOT_XML),
        (b"\xff\xfe<\x00x\x00", LetterFault.NOT_XML),
        (b'<?xml version="1.0" encoding="nothing"?><xml/>', LetterFault.NOT_XML),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Encrypt>&a;</Encrypt></xml>', LetterFault.NOT_XML),
        ('<!DOCTYPE x [<!ENTITY a "b">]><xml/>'.encode("utf-16"), LetterFault.NOT_XML),
        (b"<xml><Encrypt></Encrypt></xml>", LetterFault.MISSING),
        (b"<xml>" + b" " * LARGEST, LetterFault.TOO_LONG),
    ],
)
def test_what_is_no_envelope_is_refused(body: bytes, fault: LetterFault) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_envelope(body)
    assert refused.value.code is fault


def test_a_letter_without_what_it_must_say_is_refused() -> None:
    for change in ((b"[ZhangSan]", b"[]"), (b"1782932400", b"soon"), (b"1782932400", b"9" * 30)):
        with pytest.raises(InvalidInput):
            read_letter(PRESSED.replace(*change))
    with pytest.raises(InvalidInput):
        read_letter(PRESSED.replace(b"<TaskId><![CDATA[812-1@1782950400]]></TaskId>", b""))


def test_a_reply_is_read_as_it_was_meant_whatever_stands_in_it() -> None:
    letter = read_letter(PRESSED)
    said = ElementTree.fromstring(text_reply(letter, "收到 ]]> <b> \x00\x0b&", NOW))
    assert said.findtext("Content") == "收到 ]]> <b> &"
    assert said.findtext("ToUserName") == "ZhangSan" and said.findtext("FromUserName") == CORP
    now = CardNow("敦化市暴雨红色预警", "立即转移", "已记录您收到。", "✅ 已记录")
    card = ElementTree.fromstring(card_reply(letter, now, NOW))
    assert card.findtext("MsgType") == "update_template_card"
    assert card.findtext("TemplateCard/CardType") == "button_interaction"
    assert card.findtext("TemplateCard/MainTitle/Title") == "敦化市暴雨红色预警"
    assert card.findtext("TemplateCard/ReplaceText") == "✅ 已记录"
    sealed = ElementTree.fromstring(envelope("QUJD", "0" * 40, "1782932400", "n"))
    assert [element.tag for element in sealed] == [
        "Encrypt", "MsgSignature", "TimeStamp", "Nonce",
    ]  # fmt: skip
