"""What can be configured of the clouds that ring people up and write SMS: Aliyun, Tencent, Twilio.

Each class has ``missing(channel)``: the key without which it cannot serve that channel.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import Secret
from bot.config.setting_kinds import a_secret, a_url, a_word
from contacts.channels import Channel


@dataclass(frozen=True, slots=True)
class AliyunSettings:
    """``[channels.aliyun]``: voice calls with keys (语音服务) and SMS (短信服务) of Aliyun."""

    access_key_id: str = a_word()
    access_key_secret: Secret = a_secret()
    voice_url: str = a_url("https://dyvmsapi.aliyuncs.com")
    sms_url: str = a_url("https://dysmsapi.aliyuncs.com")

    def missing(self, channel: Channel) -> str:  # noqa: ARG002 - further keys differ by channel
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        return _first_empty(self, "access_key_id", "access_key_secret")


@dataclass(frozen=True, slots=True)
class TencentSettings:
    """``[channels.tencent]``: SMS of Tencent Cloud."""

    secret_id: str = a_word()
    secret_key: Secret = a_secret()
    url: str = a_url("https://sms.tencentcloudapi.com")

    def missing(self, channel: Channel) -> str:  # noqa: ARG002 - as the others have it
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        return _first_empty(self, "secret_id", "secret_key")


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """``[channels.twilio]``: voice calls and SMS of Twilio, for numbers abroad."""

    account_sid: str = a_word()
    auth_token: Secret = a_secret()
    url: str = a_url("https://api.twilio.com")

    def missing(self, channel: Channel) -> str:  # noqa: ARG002 - as the others have it
        """The key without which it cannot serve a channel; empty when nothing is missing."""
        return _first_empty(self, "account_sid", "auth_token")


def _first_empty(settings: object, *keys: str) -> str:
    return next((key for key in keys if not getattr(settings, key)), "")
