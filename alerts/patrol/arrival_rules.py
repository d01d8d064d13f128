"""The rules of a position that comes (``alerts.patrol.check_in``)."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.patrol.positions.model import CheckInRules
from alerts.patrol.shifts.model import ShiftRules


@dataclass(frozen=True, slots=True)
class ArrivalRules:
    """When a position is doubted, when it meets a check-in, when it is far away (metres)."""

    check_in: CheckInRules
    shifts: ShiftRules
    far_m: float
