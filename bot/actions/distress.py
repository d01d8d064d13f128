"""The button that sends a call for help at once: callback data and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ID = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class DistressConfirm:
    """🆘 立即求救: the second tap (``id``: the distress call)."""

    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"dc:{self.id}"


def _confirm(parts: Sequence[str]) -> DistressConfirm | None:
    if len(parts) != 1 or not _ID.fullmatch(parts[0]):
        return None
    return DistressConfirm(int(parts[0]))


PARSERS: dict[str, Callable[[Sequence[str]], DistressConfirm | None]] = {"dc": _confirm}
