"""What a tap says: callback data and back. Pure.

Callback data is public: anybody can forge it, and buttons of an older version live for years in
old chats. ``parse`` takes only what ``encode`` writes, and gives ``None`` for all else. That an
action parses says nothing about who may do it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol

from alerts.acknowledge import Proxy
from alerts.calls import Report
from bot.actions import patrol as patrol_callbacks

LONGEST = 64
"""Bytes Telegram takes."""


class Action(Protocol):
    """One thing a button can ask for."""

    def encode(self) -> str:
        """The callback data: at most 64 bytes."""


class WizardStep(Enum):
    """Where in the release wizard a button leads; ``Wizard.value`` says with what."""

    START = "start"  # from the beginning
    LEVEL = "level"  # value: a Level
    HAZARD = "hazard"  # value: a Hazard
    OPEN = "open"  # value: code, or code.page: show the divisions below it
    HERE = "here"  # value: code: this area is meant
    MORE = "more"  # one more area
    TEXT = "text"  # value: number of the template's text, or "own"
    LEAD = "lead"  # value: minutes, or "none"
    EXERCISE = "exercise"  # value: "1" or "0"
    CHANGE = "change"  # value: level, hazard, area, text or lead: choose that again
    CONFIRM = "confirm"  # value: the draft's nonce: 确认发布
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class _OnNumber:
    """An action on one thing with a number."""

    prefix: ClassVar[str] = ""
    id: int

    def encode(self) -> str:
        """The callback data."""
        return f"{self.prefix}:{self.id}"


class Answer(_OnNumber):
    """收到 under a call (``id``: the call)."""

    prefix = "a"


class GroupAnswer(_OnNumber):
    """收到 under a group's post (``id``: the alert)."""

    prefix = "g"


class DischargeAsk(_OnNumber):
    """Take one call off the list: asks for the reason (``id``: the call)."""

    prefix = "d"


class ConfirmAlert(_OnNumber):
    """The second person agrees (``id``: the alert)."""

    prefix = "c"


class RefuseAlert(_OnNumber):
    """The second person refuses, or the sender withdraws (``id``: the alert)."""

    prefix = "n"


class CancelAsk(_OnNumber):
    """取消预警, first tap (``id``: the alert)."""

    prefix = "x"


class CancelNow(_OnNumber):
    """取消预警, confirmed (``id``: the alert)."""

    prefix = "X"


class CloseAsk(_OnNumber):
    """销号, first tap (``id``: the alert)."""

    prefix = "z"


class CloseNow(_OnNumber):
    """销号, confirmed (``id``: the alert)."""

    prefix = "Z"


class StatusOf(_OnNumber):
    """The progress card of an alert (``id``)."""

    prefix = "s"


class DistressTake(_OnNumber):
    """我来处置 (``id``: the distress call)."""

    prefix = "t"


class DistressClear(_OnNumber):
    """The person is safe (``id``: the distress call)."""

    prefix = "k"


class DistressUndo(_OnNumber):
    """It was a mistake (``id``: the distress call)."""

    prefix = "u"


@dataclass(frozen=True, slots=True)
class DistressRaise:
    """求救, confirmed."""

    def encode(self) -> str:
        """The callback data."""
        return "h:yes"


@dataclass(frozen=True, slots=True)
class ReportTap:
    """已完成 / 已转移群众 / 无法执行 / 需要支援 under an answered call."""

    call_id: int
    report: Report

    def encode(self) -> str:
        """The callback data."""
        return f"r:{self.call_id}:{self.report.value}"


@dataclass(frozen=True, slots=True)
class ProxyTap:
    """An officer reached the person otherwise."""

    call_id: int
    how: Proxy

    def encode(self) -> str:
        """The callback data."""
        return f"p:{self.call_id}:{self.how.value}"


@dataclass(frozen=True, slots=True)
class CallOptions:
    """⋯ beside a silent person (``id``: the call); ``page`` of the list leads back."""

    id: int
    page: int = 0

    def encode(self) -> str:
        """The callback data."""
        return f"o:{self.id}:{self.page}"


@dataclass(frozen=True, slots=True)
class SilentPage:
    """A page of the silent list; ``division`` may be empty (the whole alert), pages from 0."""

    alert_id: int
    division: str = ""
    page: int = 0

    def encode(self) -> str:
        """The callback data."""
        return f"l:{self.alert_id}:{self.division}:{self.page}"


@dataclass(frozen=True, slots=True)
class Wizard:
    """A step of the release wizard; the draft itself is kept in the conversation."""

    step: WizardStep
    value: str = ""

    def encode(self) -> str:
        """The callback data."""
        return f"w:{self.step.value}:{self.value}"


@dataclass(frozen=True, slots=True)
class HandbookIn:
    """The handbook of a division; ``page`` from 0."""

    code: str
    page: int = 0

    def encode(self) -> str:
        """The callback data."""
        return f"b:{self.code}:{self.page}" if self.page else f"b:{self.code}"


_NUMBERED: dict[str, type[_OnNumber]] = {
    kind.prefix: kind
    for kind in (
        Answer,
        GroupAnswer,
        DischargeAsk,
        ConfirmAlert,
        RefuseAlert,
        CancelAsk,
        CancelNow,
        CloseAsk,
        CloseNow,
        StatusOf,
        DistressTake,
        DistressClear,
        DistressUndo,
    )
}
_REPORTS = {report.value: report for report in Report}
_PROXIES = {how.value: how for how in Proxy}
_STEPS = {step.value: step for step in WizardStep}

_ID = re.compile(r"[1-9][0-9]{0,17}")  # fits a signed 64-bit column
_PAGE = re.compile(r"0|[1-9][0-9]{0,4}")
_CODE = re.compile(r"[0-9]{12}")
_VALUE = re.compile(r"[A-Za-z0-9._-]{0,40}")


def parse(data: str) -> Action | None:
    """The action that ``data`` encodes; ``None`` when it is forged or of another version."""
    if len(data) > LONGEST or not data.isascii():
        return None
    prefix, _, rest = data.partition(":")
    if (kind := _NUMBERED.get(prefix)) is not None:
        return kind(int(rest)) if _ID.fullmatch(rest) else None
    if prefix == "h":
        return DistressRaise() if rest == "yes" else None
    parser = _PARSERS.get(prefix) or patrol_callbacks.PARSERS.get(prefix)
    return None if parser is None else parser(rest.split(":"))


def _report(parts: list[str]) -> Action | None:
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or parts[1] not in _REPORTS:
        return None
    return ReportTap(int(parts[0]), _REPORTS[parts[1]])


def _proxy(parts: list[str]) -> Action | None:
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or parts[1] not in _PROXIES:
        return None
    return ProxyTap(int(parts[0]), _PROXIES[parts[1]])


def _silent(parts: list[str]) -> Action | None:
    if len(parts) != 3 or not _ID.fullmatch(parts[0]) or not _PAGE.fullmatch(parts[2]):
        return None
    if parts[1] and not _CODE.fullmatch(parts[1]):
        return None
    return SilentPage(int(parts[0]), parts[1], int(parts[2]))


def _options(parts: list[str]) -> Action | None:
    if len(parts) != 2 or not _ID.fullmatch(parts[0]) or not _PAGE.fullmatch(parts[1]):
        return None
    return CallOptions(int(parts[0]), int(parts[1]))


def _wizard(parts: list[str]) -> Action | None:
    if len(parts) != 2 or parts[0] not in _STEPS or not _VALUE.fullmatch(parts[1]):
        return None
    return Wizard(_STEPS[parts[0]], parts[1])


def _handbook(parts: list[str]) -> Action | None:
    if len(parts) not in (1, 2) or not _CODE.fullmatch(parts[0]):
        return None
    if len(parts) == 2 and (not _PAGE.fullmatch(parts[1]) or parts[1] == "0"):
        return None
    return HandbookIn(parts[0], int(parts[1]) if len(parts) == 2 else 0)


_PARSERS = {"r": _report, "p": _proxy, "l": _silent, "o": _options, "w": _wizard, "b": _handbook}
