"""A file that a command leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from bot.locale import translator
from data.private_files import write_private


def written(file: Path, content: bytes, language: str, out: TextIO) -> bool:
    """Whether the file could be written; if not, that is said."""
    try:
        write_private(file, content)
    except OSError as error:
        text = translator(language)("写不了 {file}：{reason}")
        reason = error.strerror or type(error).__name__
        out.write(text.format(file=file, reason=reason) + "\n")
        return False
    return True
