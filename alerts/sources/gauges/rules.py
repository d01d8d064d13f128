"""The numbers by which readings are judged. Pure. All are ours unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from alerts.model import Level
from alerts.sources.gauges.station import LineKind

LEVELS: Mapping[LineKind, Level | None] = {
    LineKind.DEFENCE: Level.BLUE,
    LineKind.WARNING: Level.YELLOW,
    LineKind.GUARANTEE: Level.ORANGE,
    LineKind.HIGHEST: Level.RED,
    LineKind.LIMIT: None,
    LineKind.DESIGN: Level.ORANGE,
    LineKind.CHECK: Level.RED,
    LineKind.READY: Level.ORANGE,
    LineKind.MOVE: Level.RED,
}
"""Which warning a line proposes; ``None``: none. Of rivers by the measures for releasing
hydrological warnings (水情预警发布管理办法, 2013): near 警戒 blue, at 警戒 yellow, 保证 orange, the
highest on record red. 设防 stands for "near 警戒". Of reservoirs and rain ours."""


@dataclass(frozen=True, slots=True)
class WaterRules:
    """How readings are judged, and when something is proposed."""

    levels: Mapping[LineKind, Level | None] = field(default_factory=lambda: dict(LEVELS))
    margin_m: float = 0.1  # so far below a line a level is no longer at it
    margin_share: float = 0.1  # the same for flow and rain, as a share of the line
    calm: timedelta = timedelta(hours=6)  # so long below, before lifting is proposed
    jump_m: float = 3.0  # from one reading to the next, or in an hour: a second must say the same
    above_m: float = 5.0  # above the highest line: something is wrong with unit or datum
    below_m: float = 100.0  # below the lowest: the same
    stuck: timedelta = timedelta(hours=24)  # a level that does not move at all
    silent: timedelta = timedelta(hours=2)  # a gauge that says nothing, or four of its intervals
    silent_rain: timedelta = timedelta(
        hours=26
    )  # rain stations report every morning, or when it rains
    keep: timedelta = timedelta(days=10)  # readings, for the curve and the sums

    def level_of(self, kind: LineKind) -> Level | None:
        """The warning that a line proposes; ``None``: none."""
        return self.levels.get(kind)
