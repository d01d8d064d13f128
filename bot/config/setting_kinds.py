"""Kinds of settings that several channels share: secrets, addresses, paces."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from bot.config.reader import Secret, setting


def a_secret(*, at_least: int = 1) -> Any:
    """A secret of ``at_least`` so many characters; empty is none."""
    return setting(
        Secret(),
        pattern=rf"(\S{{{at_least},512}})?",
        wanted_zh=f"{at_least} 到 512 个字符，不含空格",
        wanted_en=f"{at_least} to 512 characters without blanks",
        hidden=True,
    )


def a_word() -> Any:
    """A name or number without blanks that a provider gave out; empty is none."""
    return setting(
        "",
        pattern=r"\S{0,200}",
        wanted_zh="不含空格的文字",
        wanted_en="a text without blanks",
    )


def a_url(default: str) -> Any:
    """An address where numbers, tokens, links of answers travel: TLS, but inside; empty is none."""
    return setting(
        default,
        pattern=r"(https?://[^\s?#]+)?",
        check=unheard_on_the_way,
        wanted_zh="https:// 开头的网址，不带 ? 和 #；http:// 只能用于本机、内网的 IP 地址",
        wanted_en="an address that begins with https://, without ? and #;"
        " http:// only to an IP address of this machine or a private network",
    )


def a_pace(default: float) -> Any:
    """How many messages leave a second."""
    return setting(default, low=0.01, high=1000)


def unheard_on_the_way(url: str) -> bool:
    """Whether nobody outside hears what is sent there: numbers, and what is to be done."""
    if not url.startswith("http://"):
        return True
    try:
        return inside(urlsplit(url).hostname or "")  # what stands before an @ is no host
    except ValueError:
        return False


def inside(host: str) -> bool:
    """Whether a host is this machine, or an IP address of a private network."""
    try:
        return ipaddress.ip_address(host).is_private  # loopback too
    except ValueError:
        return host == "localhost"


def may_be_asked(address: str) -> bool:
    """Whether a request may go to this IP address: none of a link, of many, or of nobody.

    Private networks and this machine may be asked: a province's systems are there.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)


def literal_may_be_asked(host: str) -> bool:
    """As ``may_be_asked``, of a host that may be a name: names are looked at when resolved."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return may_be_asked(host)
