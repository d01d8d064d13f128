"""The buttons under the orders and the zero report: callback data and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.patrol.red_days.orders import Answer

_ID = re.compile(r"[1-9][0-9]{0,17}")
_ANSWERS = {answer.value: answer for answer in Answer}


@dataclass(frozen=True, slots=True)
class RedDayAnswer:
    """收到, 无火情 or 有火情 (``id``: what was asked)."""

    id: int
    answer: Answer

    def encode(self) -> str:
        """The callback data."""
        return f"ra:{self.id}:{self.answer.value}"


def _answer(parts: Sequence[str]) -> RedDayAnswer | None:
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or parts[1] not in _ANSWERS:
        return None
    return RedDayAnswer(int(parts[0]), _ANSWERS[parts[1]])


PARSERS: dict[str, Callable[[Sequence[str]], RedDayAnswer | None]] = {"ra": _answer}
