"""A command as people write it in a hurry: ／warn, /warn红 …, /Warn@jiaoying_bot. Pure."""

from __future__ import annotations

import re
import unicodedata

from data.simplified import simplified

_COMMAND = re.compile(r"\s*[/／]\s*([A-Za-zＡ-Ｚａ-ｚ_＿]+)(?:@[A-Za-z0-9_]+)?(?![A-Za-z0-9_])")

_BETWEEN = re.compile(r"[\s,，、;；]+")


def words_of(line: str) -> list[str]:
    """The words behind a command, with blanks or commas between them, in simplified characters."""
    return [word for word in _BETWEEN.split(simplified(line)) if word]


def written_command(text: str) -> tuple[str, str] | None:
    """The command in small letters and what stands behind it; ``None`` when it is none.

    Telegram marks as a command only what begins with a half-width slash and ends before the first
    Chinese character; people do not know that.
    """
    found = _COMMAND.match(text)
    if found is None:
        return None
    return unicodedata.normalize("NFKC", found[1]).lower(), text[found.end() :].strip()
