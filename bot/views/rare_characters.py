"""Tells, at the command line, which names and texts of a PDF hold characters that no font has."""

from __future__ import annotations

from collections.abc import Iterable

from bot.locale import translator

MISSING = "〓"
"""Stands for a character that no font holds: the printers' own mark, which is in no name."""


def rare_character_lines(found: Iterable[tuple[str, str]], language: str) -> list[str]:
    """Every text, the characters it is printed without, and what to do; nothing if there is none.

    :param found: pairs of a text, as whoever reads it knows it, and the characters.
    """
    _ = translator(language)
    lines = [
        f"  {text}  {' '.join(f'{mark} U+{ord(mark):04X}' for mark in characters)}"
        for text, characters in found
    ]
    if not lines:
        return []
    head = _("有 {count} 处的字字库里没有，印成了「{mark}」：").format(
        count=len(lines), mark=MISSING
    )
    todo = _("生僻字：装上字体（如 apt install fonts-hanazono）后再打印，或用笔补上；表情请改掉。")
    return [head, *lines, todo]
