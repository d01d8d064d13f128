"""What is known of a quantity of a station now, worked out of its readings."""

from __future__ import annotations

from datetime import timedelta

from alerts.sources.gauges import reading_store
from alerts.sources.gauges.crossings import sight
from alerts.sources.gauges.facts import Figures, figures, rain_figures
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.rain import rain_sight
from alerts.sources.gauges.rising import LOOK_BACK
from alerts.sources.gauges.rules import WaterRules
from alerts.sources.gauges.station import WINDOWS, Station
from alerts.sources.gauges.watch import Watch
from data.database import Connection

LONGEST_WINDOW = timedelta(minutes=max(WINDOWS))


def figures_now(
    connection: Connection, station: Station, watch: Watch, rules: WaterRules
) -> Figures | None:
    """What is known of a quantity of a station; ``None``: nothing yet."""
    at = watch.standing.seen_at or watch.trace.last_at
    if at is None:
        return None
    held, code = watch.standing.held, station.code
    if watch.quantity is Quantity.RAIN:
        intervals = reading_store.believed(
            connection, code, Quantity.RAIN, at - LONGEST_WINDOW, at + LONGEST_WINDOW
        )
        seen, total = rain_sight(intervals, at, station.lines_of(Quantity.RAIN), rules)
        return rain_figures(station, seen, total, held)
    recent = reading_store.believed(connection, code, watch.quantity, at - 2 * LOOK_BACK, at)
    if not recent:
        return None
    seen = sight(recent[-1].at, recent[-1].value, station.lines_of(watch.quantity), rules)
    points = [(one.at, one.value) for one in recent]
    return figures(station, watch.quantity, seen, points, held)
