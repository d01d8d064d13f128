"""Where numbers leave by the board only, none leaves by Telegram, whichever view shows it."""

from __future__ import annotations

import orjson
import pytest

from bot.telegram.phone_numbers import numbers_in, without_numbers
from contacts.phones import display


@pytest.mark.parametrize(
    "phone", ["+8613900000001", "+8643362301100", "+861062301100", "+85291234567", "+12125550123"]
)
@pytest.mark.parametrize("words", ["{}", "王 {} 值班", "（{}）", "<b>{}</b>", "{}/{}"])
def test_a_number_as_it_is_shown_loses_its_middle(phone: str, words: str) -> None:
    assert_hidden(display(phone), phone, words)
    assert_hidden(phone, phone, words)


def assert_hidden(shown: str, phone: str, words: str) -> None:
    body = orjson.dumps({"text": words.replace("{}", shown)})
    left = without_numbers(body)
    assert set(numbers_in(body)) == {shown} and numbers_in(left) == ()
    assert shown.encode() not in left
    assert b"****" + phone[-4:].encode() in left
    assert orjson.loads(left)["text"].count("****") == words.count("{}")


def test_an_extension_goes_with_its_number() -> None:
    shown = display("+864336230110x801")
    body = orjson.dumps({"text": f"值班 {shown}，请拨"})
    assert numbers_in(body) == (shown,)
    assert orjson.loads(without_numbers(body))["text"] == "值班 0433-****0110，请拨"


@pytest.mark.parametrize(
    "body",
    [
        {"chat_id": 13900000001, "text": "预警 2026-07-01 03:00，转移 139 户 0000 人"},
        {"reply_markup": {"inline_keyboard": [[{"callback_data": "ia:13900000001:77"}]]}},
        {"text": "12119、110，43.37200 128.23200"},
        {"text": "2026-11-29 08:35"},
        {"photo": "AgACAgUAAxk13900000001", "caption": "第 139 0000 号"},
    ],
)
def test_nothing_else_is_changed(body: dict[str, object]) -> None:
    written = orjson.dumps(body)
    assert without_numbers(written) == written
