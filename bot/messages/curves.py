"""The curve of a gauge as a picture: its facts are read when it leaves, then it is drawn."""

from __future__ import annotations

from datetime import timedelta

from alerts.model import Level
from alerts.sources.gauges import station_store
from alerts.sources.gauges.model import Quantity
from alerts.sources.gauges.overview import History, history
from alerts.sources.gauges.rules import WaterRules
from bot.locale import translator
from bot.messages.facts import Facts
from bot.pictures.curve import Bar, Curve, DrawnLine
from bot.pictures.marks import BLUE, GREY, VERMILION, Colour
from bot.views import water as views
from bot.views.clock import day_clock
from bot.views.screen import Screen
from contacts.access import may_watch
from contacts.people import Person

AHEAD = timedelta(hours=3)
"""For so long the slope is drawn further at most (ours)."""

_COLOURS: dict[Level | None, Colour] = {
    Level.RED: (190, 0, 0),
    Level.ORANGE: VERMILION,
    Level.YELLOW: (150, 120, 0),
    Level.BLUE: BLUE,
    None: GREY,
}


def curve(facts: Facts, gauge: str, reader: Person, language: str) -> tuple[Screen, Curve] | None:
    """The caption and the picture; ``None`` when there is no such gauge, or not for the reader.

    :param gauge: ``code:quantity``.
    """
    code, _colon, word = gauge.rpartition(":")
    station = station_store.station(facts.connection, code)
    if station is None:
        return None
    if not may_watch(reader, [station.division_code, *station.warns]).allowed:
        return None
    rules = facts.services.rules.water
    told = history(facts.connection, station, Quantity(word), facts.now, rules)
    caption = views.curve_caption(station, told.known, facts.now, language, zone=facts.zone)
    return caption, _drawn(facts, told, rules, language)


def _drawn(facts: Facts, told: History, rules: WaterRules, language: str) -> Curve:
    _ = translator(language)
    known, quantity = told.known, told.quantity
    believed = [one.reading for one in told.kept if one.doubt is None]
    last = max((one.at for one in believed), default=facts.now)
    begins = max(told.since, min((one.since for one in believed), default=told.since))
    goes_to = None
    if known is not None and known.until_next is not None and known.next is not None:
        left = min(known.until_next, AHEAD)
        share = left / known.until_next
        goes_to = known.at + left, known.value + (known.next.value - known.value) * share
    ends = max(last, begins + timedelta(hours=1)) if goes_to is None else goes_to[0]
    rain = (
        believed
        if quantity is Quantity.RAIN
        else [one.reading for one in told.rain if one.doubt is None]
    )
    lines = told.station.lines_of(quantity)
    if quantity is Quantity.RAIN:  # a bar reaches a line only where it lasts as long as its window
        bars = {one.minutes for one in rain}
        lines = tuple(line for line in lines if {line.minutes} == bars)
    footer = _("绘于 {time}").format(time=day_clock(facts.now, facts.zone))
    if any(one.doubt is not None for one in told.kept):
        footer = _("× 为存疑、没有采用的读数 · ") + footer
    return Curve(
        views.curve_title(told.station, quantity, language),
        views.curve_subtitle(known, language),
        _(views.UNITS[quantity]),
        begins,
        ends,
        () if quantity is Quantity.RAIN else [(one.at, one.value) for one in believed],
        [(one.reading.at, one.reading.value) for one in told.kept if one.doubt is not None]
        if quantity is not Quantity.RAIN
        else (),
        [
            DrawnLine(
                f"{_(views.LINES[line.kind])} {line.value:.2f}",
                line.value,
                _COLOURS[rules.level_of(line.kind)],
            )
            for line in lines
        ],
        [Bar(one.since, one.at, one.value) for one in rain if one.minutes <= 180],
        goes_to,
        footer,
        language,
        facts.zone,
    )
