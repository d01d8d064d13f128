"""What can be configured of the clouds that ring people up and write SMS: Aliyun, Tencent, Twilio.

Each class has ``missing(channel)``: the key without which it cannot serve that channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.config.reader import Secret, setting
from bot.config.setting_kinds import a_secret, a_url, a_word
from contacts.channels import Channel

VARIABLES = ("warning", "text", "text1", "text2", "text3", "sender")
"""What a registered template may have in its places; ``text``: the beginning of text1 to text3."""


def _in_a_template(*names: str) -> Any:
    return setting(names, choices=VARIABLES, not_empty=True)


@dataclass(frozen=True, slots=True)
class AliyunSettings:
    """``[channels.aliyun]``: voice calls with keys (语音服务) and SMS (短信服务) of Aliyun.

    What became of them comes by ``queues``, which we ask, or to an address that holds
    ``callback_token``; without either no answer would ever arrive.
    """

    access_key_id: str = a_word()
    access_key_secret: Secret = a_secret()
    voice_url: str = a_url("https://dyvmsapi.aliyuncs.com")
    sms_url: str = a_url("https://dysmsapi.aliyuncs.com")
    token_url: str = a_url("https://dybaseapi.aliyuncs.com")
    queue_url: str = a_url("https://1943695596114318.mns.cn-hangzhou.aliyuncs.com")
    queues: tuple[str, ...] = setting(
        (),
        pattern=r"[\w-]{1,120}-(VoiceReport|VoiceCallReport|SmsReport|SmsUp)",
        wanted_zh="控制台上的队列名，以 -VoiceReport、-VoiceCallReport、-SmsReport 或 -SmsUp 结尾",
        wanted_en="queues as the console names them, ending in -VoiceReport, -VoiceCallReport,"
        " -SmsReport or -SmsUp",
    )
    callback_token: Secret = a_secret(at_least=16)
    show_number: str = a_word()
    start_template: str = a_word()
    received_template: str = a_word()
    help_template: str = a_word()
    bye_template: str = a_word()
    test_template: str = a_word()
    voice_news_template: str = a_word()
    voice_variables: tuple[str, ...] = _in_a_template("warning", "text", "sender")
    play_times: int = setting(2, low=1, high=3)
    key_seconds: int = setting(10, low=1, high=60)
    sign_name: str = a_word()
    sms_template: str = a_word()
    sms_test_template: str = a_word()
    sms_news_template: str = a_word()
    sms_variables: tuple[str, ...] = _in_a_template("warning", "text")

    def missing(self, channel: Channel) -> str:
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        spoken = ("show_number", "start_template", "received_template", "help_template")
        written = ("sign_name", "sms_template")
        keys = spoken if channel is Channel.VOICE else written
        first = _first_empty(self, "access_key_id", "access_key_secret", *keys)
        return first or ("" if self.queues or self.callback_token else "queues")


@dataclass(frozen=True, slots=True)
class TencentSettings:
    """``[channels.tencent]``: SMS of Tencent Cloud (腾讯云短信)."""

    secret_id: str = a_word()
    secret_key: Secret = a_secret()
    url: str = a_url("https://sms.tencentcloudapi.com")
    region: str = setting("ap-guangzhou", choices=("ap-guangzhou", "ap-beijing", "ap-nanjing"))
    sdk_app_id: str = a_word()
    sign_name: str = a_word()
    template_id: str = a_word()
    test_template_id: str = a_word()
    news_template_id: str = a_word()
    template_variables: tuple[str, ...] = _in_a_template("warning", "text")
    callback_token: Secret = a_secret(at_least=16)

    def missing(self, channel: Channel) -> str:  # noqa: ARG002 - it serves only one
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        app = ("sdk_app_id", "sign_name", "template_id", "callback_token")
        return _first_empty(self, "secret_id", "secret_key", *app)


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """``[channels.twilio]``: voice calls and SMS of Twilio, for numbers abroad."""

    account_sid: str = a_word()
    auth_token: Secret = a_secret()
    url: str = a_url("https://api.twilio.com")
    from_number: str = setting(
        "",
        pattern=r"(\+\d{7,15})?",
        wanted_zh="带国家码的号码，如 +15005550006",
        wanted_en="a number with its country code, as +15005550006",
    )
    ring_seconds: int = setting(40, low=5, high=600)
    key_seconds: int = setting(8, low=1, high=60)

    def missing(self, channel: Channel) -> str:  # noqa: ARG002 - both need the same
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        return _first_empty(self, "account_sid", "auth_token", "from_number")


def _first_empty(settings: object, *keys: str) -> str:
    return next((key for key in keys if not getattr(settings, key)), "")
