"""What can be configured of the ways to reach people besides Telegram."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from bot.config.reader import Secret, setting
from contacts.channels import Channel

_PER_SECOND = {"low": 0.01, "high": 1000}


def _unheard_on_the_way(url: str) -> bool:
    """Whether nobody outside hears what is sent there: numbers, and what is to be done."""
    scheme, _, rest = url.partition("://")
    if scheme != "http":
        return True
    host = rest.partition("/")[0]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        return ipaddress.ip_address(host).is_private  # loopback too
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class PageSettings:
    """``[channels.page]``: where the answer page listens, and the address it is reached by.

    Without a ``url`` there is none. ``hours``: how long a link is good; 0: as long as its warning.
    """

    url: str = setting(
        "",
        pattern=r"(https?://[^\s?#]+)?",
        wanted_zh="http:// 或 https:// 开头的网址，不带 ? 和 #",
        wanted_en="an address that begins with http:// or https://, without ? and #",
    )
    listen: str = "127.0.0.1"
    port: int = setting(8091, low=0, high=65535)
    secret: Secret = setting(  # noqa: RUF009 - a dataclass field
        Secret(),
        pattern=r"(\S{32,256})?",
        wanted_zh="32 到 256 个字符，不含空格",
        wanted_en="32 to 256 characters without blanks",
        hidden=True,
    )
    hours: float = setting(0.0, low=0, high=168)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """``[channels.gateway]``: a county's own server that rings people up and writes SMS.

    Off without a ``secret``. ``url``: where calls are handed to it; ``pull``: it fetches them from
    us instead. ``port``: where we take its reports and answers, 0 is nowhere.
    """

    url: str = setting(
        "",
        pattern=r"(https?://[^\s?#]+)?",
        check=_unheard_on_the_way,
        wanted_zh="https:// 开头的网址，不带 ? 和 #；http:// 只能用于本机、内网的 IP 地址",
        wanted_en="an address that begins with https://, without ? and #;"
        " http:// only to an IP address of this machine or a private network",
    )
    secret: Secret = setting(  # noqa: RUF009 - a dataclass field
        Secret(),
        pattern=r"(\S{32,256})?",
        wanted_zh="32 到 256 个字符，不含空格",
        wanted_en="32 to 256 characters without blanks",
        hidden=True,
    )
    listen: str = "127.0.0.1"
    port: int = setting(8092, low=0, high=65535)
    pull: bool = False
    voice_per_second: float = setting(10.0, **_PER_SECOND)
    sms_per_second: float = setting(20.0, **_PER_SECOND)

    @property
    def pushes(self) -> bool:
        """Whether calls are handed to the county's server."""
        return bool(self.url and self.secret) and not self.pull

    def per_second(self, channel: Channel) -> float | None:
        """How many calls of a channel leave a second; ``None`` where the gateway fetches them."""
        if self.pull:
            return None
        return self.voice_per_second if channel is Channel.VOICE else self.sms_per_second

    @property
    def missing(self) -> str:
        """The key without which no gateway can work; empty when nothing is missing."""
        if not self.secret:
            return "secret"
        if not (self.url or self.pull):
            return "url"
        return "" if self.port else "port"  # without it no answer would ever arrive


@dataclass(frozen=True, slots=True)
class ChannelsSettings:
    """``[channels]``: a table for each."""

    page: PageSettings = field(default_factory=PageSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
