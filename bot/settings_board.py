"""What can be configured of the command board."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config_reader import Secret, setting


@dataclass(frozen=True, slots=True)
class Board:
    """Where the board listens, and the address people reach it by; port 0 is off."""

    listen: str = "127.0.0.1"
    port: int = setting(8090, low=0, high=65535)
    public_url: str = setting(
        "",
        pattern=r"(https?://[^\s?#]+)?",
        wanted_zh="http:// 或 https:// 开头的网址，不带 ? 和 #",
        wanted_en="an address that begins with http:// or https://, without ? and #",
    )
    secret: Secret = setting(  # noqa: RUF009 - a dataclass field
        Secret(),
        pattern=r"(\S{32,256})?",
        wanted_zh="32 到 256 个字符，不含空格",
        wanted_en="32 to 256 characters without blanks",
        hidden=True,
    )
