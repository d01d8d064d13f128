"""The font that ships with the product, for all it draws and prints; and what else to ask.

It holds what names are written with: every Han character of Unicode's main block and Extension A
but the seventeen newest, all 8,105 of the 通用规范汉字表, 2,500 rarer ones of the Extensions B to
G, and Hangul.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

NAMES_FONT = Path(__file__).parent / "NotoSansSC-Medium.ttf"
"""Noto Sans CJK SC Medium, with TrueType outlines; SIL OFL 1.1."""

FURTHER_FONTS = (
    Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"),  # Debian, Ubuntu: fonts-hanazono
    Path("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf"),
    Path("/usr/share/fonts/hanazono-fonts/HanaMinB.ttf"),
    Path("C:/Windows/Fonts/simsunb.ttf"),  # 宋体-ExtB
)
"""Where systems keep fonts of the rarest characters; asked, where they are, for what ours lacks."""


def visible(text: str) -> str:
    """``text`` in one line, without the characters that are never drawn.

    Control and joining marks and variation selectors go. What somebody should have seen stays, a
    character of private use as well, with which old systems wrote rare names.
    """
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    return "".join(character for character in line if not _unseen(character))


def _unseen(character: str) -> bool:
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) in ("Cc", "Cf", "Cs")
