"""What can be configured of the channels in which people have accounts: WeCom, Feishu, DingTalk.

Each class has ``missing``: the key without which it cannot work.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import Secret, setting
from bot.config.setting_kinds import a_pace, a_secret, a_url, a_word


@dataclass(frozen=True, slots=True)
class WecomSettings:
    """``[channels.wecom]``: cards of an application of the office's own in WeCom (企业微信).

    ``cards``: with buttons; else a link to the answer page. ``unknown_a_day``: so many numbers that
    are no member's may be looked up a day: WeCom locks out who asks for more than a fifth of the
    corporation's size.
    """

    corp_id: str = a_word()
    agent_id: int = setting(0, low=0, high=2**31 - 1)
    secret: Secret = a_secret()
    token: Secret = a_secret()
    aes_key: Secret = setting(
        Secret(),
        pattern=r"([A-Za-z0-9]{43})?",
        wanted_zh="企业微信给出的 43 个字母和数字",
        wanted_en="the 43 letters and digits that WeCom shows",
        hidden=True,
    )
    url: str = a_url("https://qyapi.weixin.qq.com")
    cards: bool = True
    unknown_a_day: int = setting(40, low=0, high=1_000_000)
    per_second: float = a_pace(10.0)

    @property
    def missing(self) -> str:
        """The key without which it cannot work; empty when nothing is missing."""
        return _first_empty(self, "corp_id", "agent_id", "secret", "token", "aes_key")


@dataclass(frozen=True, slots=True)
class FeishuSettings:
    """``[channels.feishu]``: cards of a bot of the office's own in Feishu (飞书)."""

    app_id: str = a_word()
    app_secret: Secret = a_secret()
    url: str = a_url("https://open.feishu.cn")
    per_second: float = a_pace(10.0)

    @property
    def missing(self) -> str:
        """The key without which it cannot work; empty when nothing is missing."""
        return _first_empty(self, "app_id", "app_secret")


@dataclass(frozen=True, slots=True)
class DingtalkSettings:
    """``[channels.dingtalk]``: cards of a robot of the office's own in DingTalk (钉钉).

    Without a ``card_template_id`` messages are sent, which people answer in words. ``people_url``:
    where people are looked up by their numbers; DingTalk's older API has an address of its own.
    """

    client_id: str = a_word()
    client_secret: Secret = a_secret()
    robot_code: str = a_word()
    card_template_id: str = a_word()
    url: str = a_url("https://api.dingtalk.com")
    people_url: str = a_url("https://oapi.dingtalk.com")
    per_second: float = a_pace(10.0)

    @property
    def missing(self) -> str:
        """The key without which it cannot work; empty when nothing is missing."""
        return _first_empty(self, "client_id", "client_secret", "robot_code")


def _first_empty(settings: object, *keys: str) -> str:
    return next((key for key in keys if not getattr(settings, key)), "")
