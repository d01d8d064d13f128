"""Strangers of the channels beside Telegram are told seldom, and few of them."""

from __future__ import annotations

from bot.services.greetings import AT_ONCE, EVERY_SECONDS, GREETED_SECONDS, Greetings
from contacts.channels import Channel


def test_each_stranger_is_told_once_in_ten_minutes_and_all_of_them_slowly() -> None:
    now = 0.0
    greetings = Greetings(lambda: now)
    assert greetings.greets(Channel.SMS, "+8613900000001")
    assert not greetings.greets(Channel.SMS, "+8613900000001")
    many = [greetings.greets(Channel.SMS, f"+86139{number:08}") for number in range(100, 1300)]
    assert sum(many) == AT_ONCE - 1
    assert greetings.greets(Channel.WECOM, "stranger"), "another channel has its own share"
    now = EVERY_SECONDS
    assert not greetings.greets(Channel.SMS, "+8613900000001")
    assert greetings.greets(Channel.SMS, "+8613900009999")
    now = 2 * EVERY_SECONDS
    unanswered = f"+86139{1299:08}"
    assert greetings.greets(Channel.SMS, unanswered), "told nothing at first, and not for that"
    assert not greetings.greets(Channel.SMS, unanswered)
    now = GREETED_SECONDS
    assert greetings.greets(Channel.SMS, "+8613900000001")
