"""The buttons of roll calls: callback data and back. Pure.

The wizard keeps nothing: each button holds all that was chosen, so it never gets lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from alerts.patrol.roll_calls.model import LONGEST_MINUTES, Whom

_ID = re.compile(r"[1-9][0-9]{0,17}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}")
_CODE = re.compile(r"[0-9]{12}")
_WHOM = {one.value: one for one in Whom}


@dataclass(frozen=True, slots=True)
class RollCallArea:
    """Show a division and those below it."""

    code: str
    page: int = 0

    def encode(self) -> str:
        """The callback data."""
        return f"qa:{self.code}:{self.page}"


@dataclass(frozen=True, slots=True)
class RollCallDraft:
    """What was chosen so far; whole, it shows the preview, and with ``go`` it starts."""

    code: str
    whom: Whom | None = None
    minutes: int | None = None
    go: bool = False

    def encode(self) -> str:
        """The callback data."""
        parts = [self.code]
        if self.whom is not None:
            parts.append(self.whom.value)
            if self.minutes is not None:
                parts.append(str(self.minutes))
        return ":".join(["qg" if self.go else "qd", *parts])


@dataclass(frozen=True, slots=True)
class RollCallStop:
    """✖️ 不点了."""

    def encode(self) -> str:
        """The callback data."""
        return "qx:0"


class RollCallDo(Enum):
    """What can be done with a roll call."""

    SHOW = "show"
    AGAIN = "again"
    MAP = "map"
    CLOSE = "close"
    SILENT = "silent"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class RollCallTap:
    """One of them, for the roll call ``id``; ``page`` of a list."""

    id: int
    do: RollCallDo
    page: int = 0

    def encode(self) -> str:
        """The callback data."""
        return f"qt:{self.id}:{self.do.value}:{self.page}"


RollCallAction = RollCallArea | RollCallDraft | RollCallStop | RollCallTap

_DO = {one.value: one for one in RollCallDo}


def _area(parts: Sequence[str]) -> RollCallAction | None:
    if len(parts) != 2 or not _CODE.fullmatch(parts[0]) or not _NUMBER.fullmatch(parts[1]):
        return None
    return RollCallArea(parts[0], int(parts[1]))


def _draft(parts: Sequence[str], *, go: bool = False) -> RollCallAction | None:
    if not 1 <= len(parts) <= 3 or not _CODE.fullmatch(parts[0]):
        return None
    if len(parts) > 1 and parts[1] not in _WHOM:
        return None
    whom = _WHOM[parts[1]] if len(parts) > 1 else None
    minutes = None
    if len(parts) == 3:
        if not _NUMBER.fullmatch(parts[2]) or not 1 <= int(parts[2]) <= LONGEST_MINUTES:
            return None
        minutes = int(parts[2])
    return RollCallDraft(parts[0], whom, minutes, go)


def _go(parts: Sequence[str]) -> RollCallAction | None:
    return _draft(parts, go=True) if len(parts) == 3 else None


def _stop(parts: Sequence[str]) -> RollCallAction | None:
    return RollCallStop() if list(parts) == ["0"] else None


def _tap(parts: Sequence[str]) -> RollCallAction | None:
    if len(parts) != 3 or not _ID.fullmatch(parts[0]) or parts[1] not in _DO:
        return None
    if not _NUMBER.fullmatch(parts[2]):
        return None
    return RollCallTap(int(parts[0]), _DO[parts[1]], int(parts[2]))


PARSERS: dict[str, Callable[[Sequence[str]], RollCallAction | None]] = {
    "qa": _area,
    "qd": _draft,
    "qg": _go,
    "qx": _stop,
    "qt": _tap,
}
