"""Whether a reading can be true: units, datum, jumps, gauges that stick or fall silent. Pure.

A doubted reading is kept and shown, and moves nothing. A jump waits for the next reading: a flood
wave is still there then, a spike is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from alerts.sources.gauges.model import Quantity, Reading
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import Line

LEAST_SAME = 6
"""Readings that must be the same before a gauge is said to stick."""

STUCK_RAIN_MM = 5.0
"""Rain of at least so much, the same again and again, is a gauge that sticks: drizzle is not."""

INTERVALS_SILENT = 4
"""So many of its own intervals without a reading: a gauge is silent."""


class Doubt(Enum):
    """Why a reading is kept and moves nothing."""

    UNIT = "unit"  # wrong by 100 or 1,000: centimetres, millimetres
    DATUM = "datum"  # far from all its lines: another datum, or another station's
    JUMP = "jump"  # waits for a second reading that says the same
    STUCK = "stuck"  # the same rain again and again


@dataclass(frozen=True, slots=True)
class Trace:
    """What is remembered of one quantity of a station to judge the next reading by."""

    last_at: datetime | None = None  # the last reading that was believed
    last_value: float = 0.0
    same_since: datetime | None = None  # since when it has not changed
    same: int = 0  # so many readings in a row
    every_s: float = 0.0  # its usual interval, seconds
    waits_at: datetime | None = None  # a jump that waits for the next reading
    waits_value: float = 0.0


def judge(
    trace: Trace, reading: Reading, lines: tuple[Line, ...], rules: WaterRules
) -> tuple[Trace, Doubt | None]:
    """Whether a reading is believed, and what is remembered then.

    One that is not newer than the last changes nothing that is remembered.
    """
    if reading.quantity is Quantity.LEVEL and (off := _off(reading.value, lines, rules)):
        return trace, off
    if trace.last_at is not None and reading.at <= trace.last_at:
        return trace, None
    jumps = reading.quantity is Quantity.LEVEL and _jumps(trace, reading, lines, rules)
    if jumps and not confirms(trace, reading, rules):
        return replace(trace, waits_at=reading.at, waits_value=reading.value), Doubt.JUMP
    believed = _believed(trace, reading)
    stuck = reading.quantity is Quantity.RAIN and reading.value >= STUCK_RAIN_MM
    return believed, Doubt.STUCK if stuck and believed.same >= LEAST_SAME else None


def confirms(trace: Trace, reading: Reading, rules: WaterRules) -> bool:
    """Whether a reading says the same as the jump that waits."""
    return (
        trace.waits_at is not None
        and reading.at > trace.waits_at
        and abs(reading.value - trace.waits_value) <= rules.jump_m
    )


def unit_meant(value: float, lines: tuple[Line, ...], rules: WaterRules) -> float | None:
    """By what a level must be multiplied to lie near its lines; ``None``: by nothing usual."""
    for scale in (0.01, 0.001, 100.0, 1000.0):
        if _near(value * scale, lines, rules):
            return scale
    return None


def stuck(trace: Trace, rules: WaterRules) -> bool:
    """Whether a level has not moved at all for long."""
    if trace.last_at is None or trace.same_since is None or trace.same < LEAST_SAME:
        return False
    return trace.last_at - trace.same_since >= rules.stuck


def silent_after(trace: Trace, quantity: Quantity, rules: WaterRules) -> timedelta:
    """After how long without a reading a station is silent."""
    usual = timedelta(seconds=INTERVALS_SILENT * trace.every_s)
    least = rules.silent_rain if quantity is Quantity.RAIN else rules.silent
    return max(least, min(usual, timedelta(days=2)))


def _off(value: float, lines: tuple[Line, ...], rules: WaterRules) -> Doubt | None:
    if not lines or _near(value, lines, rules):
        return None
    return Doubt.DATUM if unit_meant(value, lines, rules) is None else Doubt.UNIT


def _near(value: float, lines: tuple[Line, ...], rules: WaterRules) -> bool:
    """Whether a level can be one of this station: a flood crosses its lines before it passes them
    by metres, so that nothing is missed."""
    low = min(line.value for line in lines) - rules.below_m
    high = max(line.value for line in lines) + rules.above_m
    return low <= value <= high


def _jumps(trace: Trace, reading: Reading, lines: tuple[Line, ...], rules: WaterRules) -> bool:
    if trace.last_at is None:  # the first ever: one above a line is seen twice before it counts
        return any(reading.value >= line.value for line in lines)
    hours = (reading.at - trace.last_at).total_seconds() / 3600
    return abs(reading.value - trace.last_value) > rules.jump_m * max(1.0, hours)


def _believed(trace: Trace, reading: Reading) -> Trace:
    same = trace.last_at is not None and reading.value == trace.last_value
    passed = 0.0 if trace.last_at is None else (reading.at - trace.last_at).total_seconds()
    if not trace.every_s or not passed:
        every = passed
    else:  # a gap moves it by a quarter of itself at most
        every = trace.every_s + (min(passed, 2 * trace.every_s) - trace.every_s) / 4
    return Trace(
        reading.at,
        reading.value,
        trace.same_since if same else reading.at,
        trace.same + 1 if same else 1,
        every,
    )
