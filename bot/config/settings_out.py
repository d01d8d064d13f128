"""What can be configured of what goes out to others: the API, CAP files, webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from alerts.publishing.model import Happened
from bot.config.reader import Secret, setting
from bot.config.setting_kinds import (
    a_secret,
    a_url,
    literal_may_be_asked,
    unheard_on_the_way,
)

EVENTS = tuple(happened.value for happened in Happened)


def _may_be_told(url: str) -> bool:
    """Whether nobody else hears what is told there, and it is no address of a link."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return unheard_on_the_way(url) and (not url or literal_may_be_asked(host))


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """``[api]``: where other systems ask and act; without a ``url`` there is none.

    ``open_feed``: CAP messages may be read without a token, as what is published may.
    """

    url: str = a_url("")
    listen: str = "127.0.0.1"
    port: int = setting(8094, low=0, high=65535)
    open_feed: bool = False


@dataclass(frozen=True, slots=True)
class PublishSettings:
    """``[publish]``: CAP 1.2 messages as files, one each; without a ``directory`` there are none.

    ``sender``: who sends, as CAP's ``sender``; empty: the unit's code, as in the identifier.
    """

    directory: str = ""
    sender: str = setting(
        "",
        pattern=r"[^\s,<&]{0,120}",
        wanted_zh="不含空格、逗号、<、& 的文字，如 yj.example.gov.cn",
        wanted_en="a text without blanks, commas, < and &, such as yj.example.gov.cn",
    )
    contact: str = ""


@dataclass(frozen=True, slots=True)
class HookSettings:
    """One of ``[[webhooks]]``: another system that is told. Off without a ``url``."""

    name: str = setting(
        "",
        pattern=r"[A-Za-z0-9_-]{0,30}",
        wanted_zh="1 到 30 个字母、数字、_ 或 -",
        wanted_en="1 to 30 letters, digits, _ or -",
    )
    url: Secret = setting(
        Secret(),
        pattern=r"(https?://[^\s#@]{1,500})?",
        check=_may_be_told,
        wanted_zh="https:// 开头的网址；http:// 只能用于本机、内网的 IP 地址；不写用户名",
        wanted_en="an address that begins with https://, without a user;"
        " http:// only to an IP address of this machine or a private network",
        hidden=True,
    )
    secret: Secret = a_secret(at_least=32)
    events: tuple[str, ...] = setting(EVENTS, choices=EVENTS, not_empty=True)
