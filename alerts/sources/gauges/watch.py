"""One quantity of a station, as it is watched: how it stands, and what was proposed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from alerts.sources.gauges.crossings import Standing
from alerts.sources.gauges.judging import Trace
from alerts.sources.gauges.model import Quantity


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered between two readings. ``value`` is that of the last look: of rain, the
    sum of ``minutes``. ``proposed``: the rank of the line that was proposed last."""

    station: str
    quantity: Quantity
    trace: Trace = field(default_factory=Trace)
    standing: Standing = field(default_factory=Standing)
    value: float = 0.0
    minutes: int = 0
    proposed: int = 0
    proposal_id: int | None = None
    silent_at: datetime | None = None
    next_at: datetime | None = None
