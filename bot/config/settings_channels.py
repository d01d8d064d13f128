"""What can be configured of the ways to reach people besides Telegram."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.config.reader import Secret, setting


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
class ChannelsSettings:
    """``[channels]``: a table for each."""

    page: PageSettings = field(default_factory=PageSettings)
