"""A gauge or rain station: its lines, and whom it warns. Pure. Metres, m³/s, mm, WGS-84.

The lines of a river are 设防, 警戒 and 保证 (FRZ, WRZ, GRZ), and the highest level ever seen; those
of a reservoir 汛限, 设计 and 校核. Rain has two lines in each window, as the flash-flood tables of
counties do: 准备转移 (get ready) and 立即转移 (go now).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from alerts.model import Hazard
from alerts.sources.gauges.model import Quantity


class LineKind(Enum):
    """A line that a value may reach."""

    DEFENCE = "frz"  # 设防
    WARNING = "wrz"  # 警戒
    GUARANTEE = "grz"  # 保证
    HIGHEST = "hhz"  # 历史最高
    LIMIT = "fsl"  # 汛限
    DESIGN = "dsz"  # 设计洪水位
    CHECK = "ckz"  # 校核洪水位
    READY = "ready"  # 准备转移
    MOVE = "move"  # 立即转移

    @property
    def rank(self) -> int:
        """The higher, the worse; among the lines of one quantity at one station."""
        return _RANKS[self]


_RANKS = {
    LineKind.DEFENCE: 1,
    LineKind.LIMIT: 1,
    LineKind.READY: 1,
    LineKind.WARNING: 2,
    LineKind.MOVE: 2,
    LineKind.GUARANTEE: 3,
    LineKind.DESIGN: 3,
    LineKind.HIGHEST: 4,
    LineKind.CHECK: 4,
}

WINDOWS = (60, 180, 360, 1440)
"""Minutes in which rain is summed: 1, 3, 6 and 24 hours."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, in the unit of its quantity; ``minutes`` is the window of rain."""

    quantity: Quantity
    kind: LineKind
    value: float
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Station:
    """One station. It warns the divisions of ``warns`` and the places of ``places``."""

    code: str
    name: str
    division_code: str  # where it stands: who commands there is in charge of it
    river: str = ""
    lon: float | None = None
    lat: float | None = None
    hazard: Hazard = Hazard.RIVER_FLOOD
    lines: tuple[Line, ...] = ()
    warns: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    stretch: str = ""  # of a river, by its name in the rivers file: what lies along it is warned
    active: bool = True

    def lines_of(self, quantity: Quantity) -> tuple[Line, ...]:
        """Its lines of one quantity, the lowest rank first; of a rank the shortest window first."""
        mine = [line for line in self.lines if line.quantity is quantity]
        return tuple(sorted(mine, key=lambda line: (line.kind.rank, line.minutes)))

    def quantities(self) -> tuple[Quantity, ...]:
        """What it has lines for."""
        return tuple(each for each in Quantity if self.lines_of(each))


def next_line(lines: Iterable[Line], value: float, rank: int = 0) -> Line | None:
    """The lowest line above ``value`` and of a higher rank; ``None``: there is none."""
    above = [line for line in lines if line.value > value and line.kind.rank > rank]
    return min(above, key=lambda line: line.value, default=None)
