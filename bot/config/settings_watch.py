"""What can be configured of the watch over jiaoying itself, and of the command board."""

from __future__ import annotations

from dataclasses import dataclass

from bot.config.reader import Secret, setting


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """``[watch]``: where figures are given (port 0: nowhere), what is too late, the heartbeat.

    The address of the heartbeat is a key to whoever it calls: hidden.
    """

    listen: str = "127.0.0.1"
    port: int = setting(9464, low=0, high=65535)
    audit_seconds: float = setting(30.0, low=1, high=45)
    late_seconds: float = setting(60.0, low=1, high=3600)
    queue_seconds: float = setting(60.0, low=1, high=3600)
    claimed_seconds: float = setting(600.0, low=10, high=86_400)
    inbox_seconds: float = setting(60.0, low=1, high=3600)
    repeat_minutes: float = setting(30.0, low=1, high=1440)
    silent_seconds: float = setting(120.0, low=45, high=3600)
    heartbeat_url: Secret = setting(
        Secret(),
        pattern=r"(https?://\S+)?",
        wanted_zh="http:// 或 https:// 开头的网址",
        wanted_en="an address that begins with http:// or https://",
        hidden=True,
    )
    heartbeat_seconds: float = setting(60.0, low=5, high=3600)


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """``[board]``: where it listens, and the address people reach it by; port 0 is off."""

    listen: str = "127.0.0.1"
    port: int = setting(8090, low=0, high=65535)
    public_url: str = setting(
        "",
        pattern=r"(https?://[^\s?#]+)?",
        wanted_zh="http:// 或 https:// 开头的网址，不带 ? 和 #",
        wanted_en="an address that begins with http:// or https://, without ? and #",
    )
    secret: Secret = setting(
        Secret(),
        pattern=r"(\S{32,256})?",
        wanted_zh="32 到 256 个字符，不含空格",
        wanted_en="32 to 256 characters without blanks",
        hidden=True,
    )
