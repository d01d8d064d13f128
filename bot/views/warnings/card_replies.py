"""What a card says after a button was pressed, and what is said to accounts nobody has. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import NamedTuple

from bot.locale import translator
from bot.views.clock import BEIJING, day_clock


class LinkWords(NamedTuple):
    """What stands around the link to the answer page: on a card, and where there are no cards."""

    asked: str
    tapped: str
    button: str


def link_words(language: str) -> LinkWords:
    """On a card beside its buttons, for clients that show none."""
    _ = translator(language)
    return LinkWords(_("没有按钮？"), _("打开网页答复"), _("答复"))


def text_hint(language: str) -> str:
    """How a message without buttons is answered."""
    return translator(language)("收到请回复 1；有事请直接写下来，值班员会看到。")


def recorded_mark(name: str, at: datetime, language: str, zone: tzinfo = BEIJING) -> str:
    """In place of the buttons: who answered, and when.

    :param name: may be empty.
    """
    _ = translator(language)
    return (
        _("✅ 已记录 {name} {time}").format(name=name, time=day_clock(at, zone)).replace("  ", " ")
    )


def not_recorded_mark(language: str) -> str:
    """In place of the buttons, where nothing was recorded."""
    return translator(language)("没有记录")


def spent_mark(language: str, *, asked_anew: bool) -> str:
    """In place of the buttons of a card that nobody is to press any more.

    :param asked_anew: another card asks since.
    """
    _ = translator(language)
    return _("请按新的一张") if asked_anew else _("不用按了")


def later_help(language: str) -> str:
    """On a card whose buttons are gone: what to do if it gets worse."""
    return translator(language)("之后需要支援，回复「需要支援」；别的事直接写下来。")


def not_your_card(language: str) -> str:
    """To somebody who pressed a button of a card that was not sent to them, or that is gone."""
    return translator(language)(
        "没有记录：这张卡片不是发给您的，或者已经失效。有您自己的卡片，请按那一张。"
    )


def unknown_account(account: str, language: str) -> str:
    """To a member of the corporation who is nobody we know."""
    return translator(language)(
        "没有记录：通讯录里还没有您的企业微信账号（{account}）。请把这个账号告诉通讯录管理员。"
    ).format(account=account)


def unknown_member(language: str) -> str:
    """To somebody who wrote from an account that is nobody's we know, found by mobile numbers."""
    return translator(language)(
        "没有记录：通讯录里没有找到您。请把您登录这里用的手机号告诉通讯录管理员。"
    )
