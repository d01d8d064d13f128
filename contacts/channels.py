"""The channels by which a person is called, why one may fail, what comes back from it. Pure.

Telegram is first. Every telephone number of a person is an address of voice and SMS; elsewhere an
address is an account (WeCom's userid, Feishu's open_id, DingTalk's userId) or an e-mail address.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from contacts.people import Person
from contacts.phones import CHINA, is_mobile

_EXTENSION = "x"  # in a stored number


class Channel(Enum):
    """A way to call somebody."""

    TELEGRAM = "telegram"
    VOICE = "voice"
    SMS = "sms"
    WECOM = "wecom"
    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    EMAIL = "email"
    GATEWAY = "gateway"


ACCOUNTS = frozenset({Channel.WECOM, Channel.FEISHU, Channel.DINGTALK})
"""Channels in which a person has an account; its provider finds it by their mobile number."""


class Cause(Enum):
    """Why somebody was not reached by a channel."""

    POWERED_OFF = "powered_off"  # 关机
    NO_ANSWER = "no_answer"  # 无人接听
    BUSY = "busy"  # 占线
    REJECTED = "rejected"  # 拒接
    NO_SUCH_NUMBER = "no_such_number"  # 空号
    SUSPENDED = "suspended"  # 停机: not paid for, or given up
    OUT_OF_REACH = "out_of_reach"  # 无法接通: no signal, or nobody knows why
    CUT_SHORT = "cut_short"  # 接通未听完
    CARRIER_BLOCKED = "carrier_blocked"  # 运营商拦截
    NOT_LINKED = "not_linked"  # 未绑定: no address in this channel
    BLOCKED = "blocked"  # 已屏蔽: by the person


class Receipt(Enum):
    """How far a message has come, as the provider tells."""

    ACCEPTED = "accepted"  # by the provider
    DELIVERED = "delivered"  # to the telephone: it rang and was picked up; the SMS arrived
    READ = "read"
    HEARD = "heard"  # to the end


def telephones(person: Person, channel: Channel) -> list[str]:
    """Where voice or SMS reaches a person without anything said of it: their telephones.

    The number they are known by comes first. An SMS goes to no Chinese landline; a line with an
    extension is rung by no machine.
    """
    each_once = dict.fromkeys(person.numbers)
    numbers = [number for number in each_once if _EXTENSION not in number]
    if channel is Channel.VOICE:
        return numbers
    if channel is Channel.SMS:
        return [number for number in numbers if is_mobile(number) or not number.startswith(CHINA)]
    return []


def known_by(person: Person, accounts: Sequence[str], channel: Channel) -> list[str]:
    """Where a channel reaches a person.

    :param accounts: their known accounts or e-mail addresses in it, the first to be tried first.
        Without an account they are looked up by their first mobile number.
    """
    if channel not in ACCOUNTS and channel is not Channel.EMAIL:
        return telephones(person, channel)
    if accounts or channel is Channel.EMAIL:
        return list(dict.fromkeys(accounts))
    return [number for number in telephones(person, Channel.SMS) if is_mobile(number)][:1]
