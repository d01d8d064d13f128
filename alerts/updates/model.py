"""What is said of a change of a warning, and how one that waits is stored. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from alerts.lifecycle import Applied, Change, ChangeKind, Terms
from alerts.model import Draft, Level, Status

DECIDE_WITHIN = timedelta(hours=1)
"""How long a change waits for its second person (ours): after that it is another situation."""


class ChangeProblem(Enum):
    """Why a warning cannot be changed so; beside ``alerts.lifecycle.Outcome``."""

    NOT_PENDING = "change_not_pending"  # decided, superseded or lapsed meanwhile
    UNKNOWN = "unknown_change"
    ENDS_EARLIER = "ends_earlier"  # before the end that holds: that is to lift it


class ChangeState(Enum):
    """What became of a change that needed a second person."""

    PENDING = "pending"
    MADE = "made"
    REFUSED = "refused"
    SUPERSEDED = "superseded"  # another change was proposed instead
    LAPSED = "lapsed"  # its warning ended, or nobody decided in time


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that waits, or waited, for a second person. Times are aware UTC."""

    id: int
    alert_id: int
    change: Change
    by_id: int
    proposed_at: datetime
    state: ChangeState
    decided_by: int | None = None
    decided_at: datetime | None = None
    command_line: str | None = None

    @property
    def decide_before(self) -> datetime:
        """When it lapses."""
        return self.proposed_at + DECIDE_WITHIN

    @property
    def moot(self) -> bool:
        """Whether it ended because the warning had become another meanwhile, before its time."""
        if self.state is not ChangeState.LAPSED or self.decided_at is None:
            return False
        return self.decided_at < self.decide_before


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change would do: shown before the button that makes it.

    Persons: ``asked`` again (the level rises), ``called`` for the first time, ``told`` only what
    changed, ``stood_down`` as it is no more for where they are.
    """

    before: Terms
    applied: Applied
    asked: int = 0
    called: int = 0
    called_reachable: int = 0
    told: int = 0
    stood_down: int = 0
    groups: int = 0  # that get a post
    groups_left: int = 0  # that are told it is no more for them
    second_person: bool = False

    @property
    def after(self) -> Terms:
        """What it would say."""
        return self.applied.life.terms

    @property
    def kinds(self) -> tuple[ChangeKind, ...]:
        """All that it is, the weightiest first."""
        return self.applied.kinds


@dataclass(frozen=True, slots=True)
class Updated:
    """What came of it. ``pending``: nothing was changed yet, but a second person asked.

    The persons are counted as in ``Changed``, just before: of many, the last are dealt with some
    seconds later; the trail says at the end how many it came to.
    """

    alert_id: int
    version: int
    kinds: tuple[ChangeKind, ...]
    asked: int = 0
    called: int = 0
    told: int = 0
    stood_down: int = 0
    pending: int | None = None  # the number of the change that waits


def as_draft(terms: Terms, like: Any) -> Draft:
    """What a warning would say, as a draft: for the rules of a release.

    :param like: the warning: its hazard, its status.
    """
    return Draft(
        terms.level,
        like.hazard,
        terms.areas,
        terms.description,
        exercise=like.status is Status.EXERCISE,
        lead_minutes=terms.lead_minutes,
        headline=terms.headline,
        issued_by=terms.issued_by,
        places=terms.places,
        besides=terms.besides,
        shape=terms.shape,
        stage=terms.stage,
    )


def to_json(change: Change) -> dict[str, Any]:
    """A change as it is stored."""
    values: dict[str, Any] = {
        "ending": None if change.ending is None else change.ending.value,
        "level": None if change.level is None else change.level.value,
        "text": change.text,
        "headline": change.headline,
        "longer": None if change.longer is None else change.longer.total_seconds(),
        "expires_at": None if change.expires_at is None else change.expires_at.timestamp(),
        "add": list(change.add),
        "remove": list(change.remove),
        "places": None if change.places is None else list(change.places),
        "lead_minutes": change.lead_minutes,
        "note": change.note,
        "besides": None if change.besides is None else list(change.besides),
        "shape": change.shape,
        "drawn": change.drawn or None,
        "stage": change.stage,
        "issued_by": change.issued_by,
    }
    return {name: value for name, value in values.items() if value is not None}


def from_json(values: Mapping[str, Any]) -> Change:
    """The change that was stored so."""
    longer, until, places = values.get("longer"), values.get("expires_at"), values.get("places")
    ending, level = values.get("ending"), values.get("level")
    return Change(
        None if ending is None else ChangeKind(ending),
        None if level is None else Level(level),
        values.get("text"),
        values.get("headline"),
        None if longer is None else timedelta(seconds=longer),
        None if until is None else datetime.fromtimestamp(until, UTC),
        tuple(values.get("add", ())),
        tuple(values.get("remove", ())),
        None if places is None else tuple(places),
        values.get("lead_minutes"),
        values.get("note", ""),
        None if values.get("besides") is None else tuple(values["besides"]),
        values.get("shape"),
        values.get("stage"),
        values.get("issued_by"),
        values.get("drawn", ""),
    )
