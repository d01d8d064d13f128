"""The button under a list of silent patrollers: callback data and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class PatrolReached:
    """✅ 已联系上: an officer spoke with a silent patroller (``id``: the person)."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"sr:{self.id}"


def _reached(parts: Sequence[str]) -> PatrolReached | None:
    if len(parts) != 1 or not _ID.fullmatch(parts[0]):
        return None
    return PatrolReached(int(parts[0]))


PARSERS: dict[str, Callable[[Sequence[str]], PatrolReached | None]] = {"sr": _reached}
