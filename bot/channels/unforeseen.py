"""What a provider said that nobody foresaw, so that an officer may read it. Pure.

Its text may hold a number, a token, an address of ours: what looks like one is left out.
"""

from __future__ import annotations

import re

from contacts.channels import Channel

LONGEST = 80
"""Characters of it that are kept (ours)."""

_NOT_SAID = re.compile(r"https?://\S*|\S*\d{5,}\S*|[A-Za-z0-9+/=_-]{20,}")


def in_words(code: str | int, text: object = "") -> str:
    """Its code and what it says, as far as anybody may read it; never empty."""
    said = text if isinstance(text, str) else ""
    said = " ".join("".join(filter(str.isprintable, _NOT_SAID.sub("…", said))).split())
    return f"{str(code)[:40]} {said}".strip()[:LONGEST] or "?"


def told_by(channel: Channel, words: str) -> str:
    """The same, and whose it is."""
    return f"{channel.value}: {words}"
