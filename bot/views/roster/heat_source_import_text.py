"""What an import of steady heat sources prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alerts.patrol.hotspots.heat_source_file import COLUMNS
from alerts.patrol.hotspots.heat_source_import import HeatSourceReport
from alerts.patrol.hotspots.heat_source_model import ListedSource
from bot.locale import translator
from bot.views.roster.patrol_import_text import cell_problem_text, ending_line, refused_lines
from contacts.divisions.gazetteer import Gazetteer

NAMED = 10
"""Sources named in one line of the answer; the others are counted."""


def heat_source_lines(
    report: HeatSourceReport, gazetteer: Gazetteer, language: str
) -> Iterator[str]:
    """The whole answer to an import of heat sources."""
    _ = translator(language)
    problems = report.problems
    if problems.total:
        for problem in problems.shown:
            yield cell_problem_text(problem, COLUMNS, report.file, language)
        yield from refused_lines(problems.total, len(problems.shown), language)
        return
    if report.ignored_columns:
        yield _("不用的列：{columns}").format(columns=", ".join(report.ignored_columns))
    yield _("已知热源：新增 {new}，变更 {changed}，不变 {unchanged}").format(
        new=len(report.new), changed=len(report.changed), unchanged=report.unchanged
    )
    if report.removed:
        words = _("⚠️ 指挥员已取消、不屏蔽的 {count} 处：{names}。要重新屏蔽，「屏蔽」列填“是”。")
        yield words.format(
            count=len(report.removed), names=_names(report.removed, gazetteer, language)
        )
    if report.absent:
        words = _("⚠️ 文件里没有、仍在屏蔽的 {count} 处：{names}。不再屏蔽的，在「屏蔽」列填“否”。")
        yield words.format(
            count=len(report.absent), names=_names(report.absent, gazetteer, language)
        )
    yield ending_line(report.dry_run, report.written, report.file, language)


def _names(sources: Sequence[ListedSource], gazetteer: Gazetteer, language: str) -> str:
    _ = translator(language)
    shown = [f"{gazetteer.name(source.county_code)} {source.name}" for source in sources[:NAMED]]
    if len(sources) > NAMED:
        shown.append("……")
    return _("、").join(shown)
