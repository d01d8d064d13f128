"""Whoever answers for several places reports on each by itself: the list, and one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.model import Alert
from alerts.reports import PostReport, Where
from bot.actions.warnings import ReportPlace, ReportPlaces
from bot.locale import translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import moved_figures
from bot.views.paging import last_page, page_buttons
from bot.views.screen import Button, Inline, Screen, bold, name, shorten
from bot.views.vocabulary import report_name
from bot.views.warnings.parts import heading, report_buttons

PAGE_SIZE = 10
"""Places on a page."""


def places_list(
    alert: Alert,
    call_id: int,
    places: Sequence[PostReport],
    names: Mapping[Where, str],
    language: str,
    area: str,
    *,
    page: int = 0,
    zone: tzinfo = BEIJING,
) -> Screen:
    """The places that a call is for, what was reported of each, and a button for each.

    :param places: all of them, in the order of their numbers.
    :param page: counted from 0; one that is not there is the last.
    """
    _ = translator(language)
    last = last_page(len(places), PAGE_SIZE)
    page = min(page, last)
    told = sum(place.report is not None for place in places)
    shout = bold(_("📍 您负责 {count} 处，已报告 {told} 处").format(count=len(places), told=told))
    lines = [heading(alert, shout, area, language), ""]
    rows: list[tuple[Button, ...]] = []
    numbered = list(enumerate(places, start=1))
    for number, place in numbered[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]:
        stands = how_it_stands(place, language, zone)
        lines.append(f"{number}. {name(names[place.where])}：{stands}")
        mark = "▫️" if place.report is None else "📝"
        words = f"{mark} {number}. {shorten(names[place.where], 24)}"
        rows.append((Button(words, ReportPlace(call_id, number).encode()),))
    turn = page_buttons(page, last, lambda to: ReportPlaces(call_id, to), language)
    return Screen("\n".join(lines), Inline((*rows, *([turn] if turn else []))))


def one_place(
    alert: Alert,
    call_id: int,
    number: int,
    place: PostReport,
    named: str,
    language: str,
    area: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One of them, with the buttons of its report.

    :param number: of the place, counted from 1.
    """
    _ = translator(language)
    shout = bold(_("📍 {place}：做了什么？").format(place=shorten(named, 40)))
    lines = [heading(alert, shout, area, language)]
    if place.report is not None:
        lines.append("📝 " + how_it_stands(place, language, zone))
    lines.append(_("只报这一处。"))
    return Screen("\n".join(lines), report_buttons(call_id, language, place=number))


def how_it_stands(place: PostReport, language: str, zone: tzinfo) -> str:
    """What was last reported of a place, in a line (HTML): 03:40 已转移群众（12 户 35 人）."""
    _ = translator(language)
    if place.report is None:
        return _("未报告")
    text = f"{clock(place.reported_at, zone)} {report_name(place.report, language)}"
    figures = moved_figures(place.households, place.persons, language)
    return text + (_("（{figures}）").format(figures=figures) if figures else "")
