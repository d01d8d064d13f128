"""What an import of gauges and rain stations prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.sources.gauges.station import Station
from alerts.sources.gauges.station_import import StationReport
from alerts.sources.gauges.station_sheet import COLUMNS
from bot.locale import translator
from bot.views.roster.patrol_import_text import cell_problem_text, ending_line, refused_lines

NAMED = 10
"""Stations named in one line of the answer; the others are counted."""


def station_lines(report: StationReport, language: str) -> Iterator[str]:
    """The whole answer to an import of stations."""
    _ = translator(language)
    problems = report.problems
    if problems.total:
        for problem in problems.shown:
            yield cell_problem_text(problem, COLUMNS, report.file, language)
        yield from refused_lines(problems.total, len(problems.shown), language)
        return
    if report.ignored_columns:
        yield _("不用的列：{columns}").format(columns=", ".join(report.ignored_columns))
    yield _("水文、雨量站：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        new=len(report.new), changed=len(report.changed), unchanged=report.unchanged
    )
    if report.without_lines:
        words = _("⚠️ 没有写任何一条线、永远不会建议预警的 {count} 站：{names}")
        yield words.format(
            count=len(report.without_lines), names=_names(report.without_lines, language)
        )
    if report.at_large:
        words = _("⚠️ 预警整个县或更大范围的 {count} 站：{names}。要少叫应些人，请填「预警村」。")
        yield words.format(count=len(report.at_large), names=_names(report.at_large, language))
    yield ending_line(report.dry_run, report.written, report.file, language)


def _names(stations: Sequence[Station], language: str) -> str:
    shown = [f"{station.code} {station.name}" for station in stations[:NAMED]]
    if len(stations) > NAMED:
        shown.append("……")
    return translator(language)("、").join(shown)
