"""Initials of Chinese words by pinyin: 山洪 is sh. Pure.

GB 2312 orders its 3,755 common characters by their reading, so the first letter follows from the
code: no dictionary of megabytes is needed. Rarer characters have none, and are passed over.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache

_BEGINS = (
    (0xB0A1, "a"),
    (0xB0C5, "b"),
    (0xB2C1, "c"),
    (0xB4EE, "d"),
    (0xB6EA, "e"),
    (0xB7A2, "f"),
    (0xB8C1, "g"),
    (0xB9FE, "h"),
    (0xBBF7, "j"),
    (0xBFA6, "k"),
    (0xC0AC, "l"),
    (0xC2E8, "m"),
    (0xC4C3, "n"),
    (0xC5B6, "o"),
    (0xC5BE, "p"),
    (0xC6DA, "q"),
    (0xC8BB, "r"),
    (0xC8F6, "s"),
    (0xCBFA, "t"),
    (0xCDDA, "w"),
    (0xCEF4, "x"),
    (0xD1B9, "y"),
    (0xD4D1, "z"),
)
_CODES = [code for code, _letter in _BEGINS]
_END = 0xD7FA
_READ_OTHERWISE = {"瞭": "l", "汛": "x", "涝": "l", "堰": "y", "嘹": "l", "飑": "b", "霾": "m"}
"""Words of the field that lie among the rarer ones."""


def initials(text: str) -> str:
    """The first letters of the pinyin of its characters; letters and digits stay as they are."""
    return "".join(_initial(char) for char in text)


@lru_cache(maxsize=4096)
def _initial(char: str) -> str:
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    if char in _READ_OTHERWISE:
        return _READ_OTHERWISE[char]
    try:
        code = int.from_bytes(char.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not _CODES[0] <= code < _END:
        return ""
    return _BEGINS[bisect_right(_CODES, code) - 1][1]
