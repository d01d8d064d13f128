"""What a provider said that nobody foresaw, so that an officer may read it. Pure.

Its text may hold a number, a token, an address of ours: what looks like one is left out. Of a code
less is: ``isv.BUSINESS_LIMIT_CONTROL`` is long, and 230013 is a number.
"""

from __future__ import annotations

import re

from contacts.channels import Channel

LONGEST = 80
"""Characters of it that are kept (ours)."""

_READ = 5 * LONGEST
"""Characters of what was said that are looked at: all of what is kept stands there."""

_LONGEST_CODE = 40
_NUMBER = re.compile(r"\d{5}")
_NOT_SAID = re.compile(r"https?://\S*|[A-Za-z0-9+/=_-]{20,}")
_NO_CODE = re.compile(r"\d{7,}|[A-Za-z0-9+/=_-]{20,}")


def in_words(code: str | int, text: object = "") -> str:
    """Its code and what it says, as far as anybody may read it; never empty."""
    said = text_to_read(text) if isinstance(text, str) else ""
    named = code_to_read(code) if isinstance(code, str) else str(code)[:_LONGEST_CODE]
    return f"{named} {said}".strip()[:LONGEST] or "?"


def text_to_read(text: str) -> str:
    """What was said, in one line; a word with a number of five digits in it is left out."""
    words = ("…" if _NUMBER.search(word) else word for word in _words(text))
    return " ".join(_NOT_SAID.sub("…", word) for word in words)


def code_to_read(code: str) -> str:
    """The same of a code, of whose long words only those with digits among letters are left out."""
    return _NO_CODE.sub(_unless_a_name, " ".join(_words(code)))[:_LONGEST_CODE]


def _unless_a_name(found: re.Match[str]) -> str:
    return "…" if any(map(str.isdigit, found[0])) else found[0]


def _words(text: str) -> list[str]:
    said = "".join(each for each in text[:_READ] if each.isprintable() or each.isspace())
    if len(text) > _READ:
        said = said.rstrip("0123456789")  # perhaps the beginning of a longer number
    return said.split()


def told_by(channel: Channel, words: str) -> str:
    """The same, and whose it is."""
    return f"{channel.value}: {words}"
