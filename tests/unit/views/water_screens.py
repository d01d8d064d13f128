"""The texts about gauges, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from alerts.model import Hazard, Level
from alerts.sources.gauges.crossings import Sight, Standing
from alerts.sources.gauges.facts import Figures, figures, rain_figures
from alerts.sources.gauges.judging import Trace
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rain import RainSum
from alerts.sources.gauges.shown import Row
from alerts.sources.gauges.station import Line, LineKind, Station
from alerts.sources.gauges.watch import Watch
from bot.views import water
from bot.views.screen import Screen

View = Callable[[str], Screen]

NOW = datetime(2026, 7, 1, 20, 5, tzinfo=UTC)
AT = NOW - timedelta(minutes=5)
LEVELS = tuple(
    Line(Quantity.LEVEL, kind, value)
    for kind, value in (
        (LineKind.DEFENCE, 339.0),
        (LineKind.WARNING, 340.0),
        (LineKind.GUARANTEE, 341.5),
    )
)
RIVER = Station("10800", "<b>黄泥河</b>", "222403101000", "牡丹江", lines=LEVELS)
RAIN = Station(
    "P1",
    "威虎岭雨量站",
    "222403101000",
    hazard=Hazard.FLASH_FLOOD,
    lines=(
        Line(Quantity.RAIN, LineKind.READY, 60.0, 180),
        Line(Quantity.RAIN, LineKind.MOVE, 90.0, 180),
    ),
)


def _row(station: Station, quantity: Quantity, held: int, value: float, *, hours: float) -> Row:
    trace = Trace(AT, value)
    standing = Standing(held, AT if held else None, AT if held else None, None, AT)
    silent = NOW + timedelta(hours=hours)
    return Row(
        station, quantity, Watch(station.code, quantity, trace, standing, value, silent_at=silent)
    )


def _river(value: float, slope: float) -> Figures:
    points = [(AT - timedelta(minutes=60), value - slope), (AT, value)]
    line = next((one for one in reversed(LEVELS) if value >= one.value), None)
    rank = 0 if line is None else line.kind.rank
    return figures(RIVER, Quantity.LEVEL, Sight(AT, value, rank, rank, line), points)


def _rows() -> list[tuple[Row, Figures | None, Level | None]]:
    wet = rain_figures(RAIN, Sight(AT, 61.0, 1, 1, RAIN.lines[0]), RainSum(AT, 180, 61.0, 120))
    return [
        (_row(RIVER, Quantity.LEVEL, 2, 340.6, hours=2), _river(340.6, 0.42), Level.YELLOW),
        (_row(RAIN, Quantity.RAIN, 1, 61.0, hours=2), wet, Level.ORANGE),
        (_row(RIVER, Quantity.LEVEL, 0, 337.2, hours=2), _river(337.2, -0.1), None),
        (_row(RIVER, Quantity.LEVEL, 0, 337.2, hours=-1), _river(337.2, 0.0), None),
        (Row(RIVER, Quantity.LEVEL), None, None),
    ]


def water_screens() -> Iterator[tuple[str, View]]:
    """Every screen about gauges."""
    yield "water_list", lambda la: water.water_list(_rows(), 25, 1, "敦化市", NOW, la)
    yield "water_none", lambda la: water.water_list([], 0, 0, "敦化市", NOW, la)
    yield "water_unknown", lambda la: water.not_one([], "<没有>", la)
    yield "water_several", lambda la: water.not_one([RIVER, RAIN], "河", la)
    yield (
        "water_curve",
        lambda la: water.curve_caption(RIVER, _river(340.6, 0.42), NOW, la),
    )
    yield (
        "water_curve_old",
        lambda la: water.curve_caption(RIVER, _river(337.2, -0.1), NOW + timedelta(hours=5), la),
    )
    yield "water_curve_empty", lambda la: water.curve_caption(RAIN, None, NOW, la)
