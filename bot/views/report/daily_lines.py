"""The rows of a daily report's files (XLSX, PDF): one truth for both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from alerts.loop.daily.figures import Figure, Figures
from alerts.loop.daily.reading import DailyReport
from alerts.loop.daily.remarks import Mark
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock, span
from bot.views.daily import SaidRemark, title
from bot.views.daily_figures import GROUPS, NAMES, hours, median_words, route_share
from bot.views.report.lines import Cell
from contacts.divisions.codes import tier_of
from contacts.divisions.gazetteer import Gazetteer

_IN_HOURS = (Figure.PATROL_SECONDS, Figure.DUTY_GAP_SECONDS)

MARKED = {Mark.GOOD: N_("好"), Mark.BAD: N_("差")}
"""As printed: paper has no 👍."""

MEDIAN, SLOWEST, SHARE = N_("半数回应用时（秒）"), N_("最慢回应（秒）"), N_("走过责任区")


@dataclass(frozen=True, slots=True)
class DailySheets:
    """A report to be written into a file, with the names of places and of who remarked."""

    report: DailyReport
    gazetteer: Gazetteer
    remarks: tuple[SaidRemark, ...]
    language: str = "zh"
    zone: tzinfo = BEIJING

    @property
    def title(self) -> str:
        """敦化市 日报 11月29日."""
        return title(self.report, self.gazetteer.name, self.language)

    @property
    def time(self) -> str:
        """From when to when, as it is read."""
        _ = translator(self.language)
        words = _("{since} 至 {until}")
        span = self.report.span
        return words.format(
            since=day_clock(span.since, self.zone), until=day_clock(span.until, self.zone)
        )


def summary_groups(sheets: DailySheets) -> list[tuple[str, list[tuple[str, Cell]]]]:
    """The figures of the whole that are not nothing, by what they are about."""
    _ = translator(sheets.language)
    report, figures = sheets.report, sheets.report.figures
    told: list[tuple[str, Cell]] = [(_("统计时段"), sheets.time)]
    if report.made_at is not None:
        told.append((_("统计时间"), day_clock(report.made_at, sheets.zone)))
    if figures.empty:
        told.append((_("情况"), _("没有预警、叫应、任务和热点，无异常。")))
    groups = [(_("报告"), told)]
    shown = set(shown_figures([figures]))
    for name, of_it in GROUPS.items():
        pairs = [(_(NAMES[each]), _value(figures, each)) for each in of_it if each in shown]
        if Figure.CALLS in of_it:
            pairs += _times(sheets)
        if Figure.PATROLLERS in of_it and (share := route_share(figures)):
            pairs.append((_(SHARE), share))
        if pairs:
            groups.append((_(name), pairs))
    return groups


def summary_rows(sheets: DailySheets) -> list[list[Cell]]:
    """The same a row each: what it is about, its name, its value."""
    return [
        [group, name, value] for group, pairs in summary_groups(sheets) for name, value in pairs
    ]


def _times(sheets: DailySheets) -> list[tuple[str, Cell]]:
    """How long the answers took, as it is read."""
    _ = translator(sheets.language)
    figures, language = sheets.report.figures, sheets.language
    if figures.median is None or figures.slowest is None:
        return []
    place = sheets.gazetteer.name(figures.slowest.division_code)
    return [
        (_("半数回应用时"), median_words(figures, language)),
        (_("最慢回应"), f"{span(figures.slowest.seconds, language)}（{place}）"),
    ]


def below_rows(sheets: DailySheets) -> list[list[Cell]]:
    """A row for each division below of which anything is known, each under the one it lies in.

    A division's row holds all that lies below it: the rows of one tier add up to the whole.
    """
    _ = translator(sheets.language)
    report = sheets.report
    rows = list(_below(report))
    figures = [found for _code, found in rows]
    shown = shown_figures(figures)
    marks = {said.remark.division_code: said for said in sheets.remarks}
    head: list[Cell] = [_("单位"), _("区划代码")]
    head += [_(NAMES[figure]) for figure in shown]
    head += [_(MEDIAN), _(SLOWEST), _(SHARE), _("点评")]
    table: list[list[Cell]] = [head]
    own = tier_of(report.division_code).depth
    for code, found in rows:
        indent = "　" * max(0, tier_of(code).depth - own)
        said = marks.get(code)
        row: list[Cell] = [indent + sheets.gazetteer.name(code), code]
        row += [_value(found, figure) for figure in shown]
        row += [
            found.median,
            None if found.slowest is None else found.slowest.seconds,
            route_share(found),
            None if said is None else _(MARKED[said.remark.mark]),
        ]
        table.append(row)
    return table


def tier_rows(sheets: DailySheets) -> list[tuple[str, Figures, str]]:
    """Those right below: name, figures, the newest remark; the division's own part last."""
    _ = translator(sheets.language)
    report = sheets.report
    marks = {said.remark.division_code: _(MARKED[said.remark.mark]) for said in sheets.remarks}
    found = [
        (sheets.gazetteer.name(code), figures, marks.get(code, ""))
        for code, figures in report.below.items()
        if code != report.division_code
    ]
    own = report.below.get(report.division_code)
    if found and own is not None:
        found.append((_("本级"), own, ""))
    return found


def day_rows(sheets: DailySheets) -> list[list[Cell]]:
    """A row for each day, the first first."""
    _ = translator(sheets.language)
    curve = sheets.report.curve
    shown = shown_figures(curve.values())
    table: list[list[Cell]] = [
        [_("日期"), *(_(NAMES[figure]) for figure in shown), _(MEDIAN), _(SLOWEST), _(SHARE)],
    ]
    for day, figures in sorted(curve.items()):
        row: list[Cell] = [day.isoformat()]
        row += [_value(figures, figure) for figure in shown]
        slowest = None if figures.slowest is None else figures.slowest.seconds
        table.append([*row, figures.median, slowest, route_share(figures)])
    return table


def remark_rows(sheets: DailySheets) -> list[list[Cell]]:
    """Every remark on the division and those below."""
    _ = translator(sheets.language)
    table: list[list[Cell]] = [
        [_("日期"), _("单位"), _("点评单位"), _("点评"), _("内容"), _("点评人"), _("时间")]
    ]
    for said in sheets.remarks:
        remark = said.remark
        table.append(
            [
                remark.day.isoformat(),
                sheets.gazetteer.path(remark.division_code),
                sheets.gazetteer.name(remark.from_code),
                _(MARKED[remark.mark]),
                remark.words,
                said.by,
                day_clock(remark.at, sheets.zone),
            ]
        )
    return table


def shown_figures(found: Iterable[Figures]) -> list[Figure]:
    """The figures of which any of these has anything, in their order."""
    given = list(found)
    return [figure for figure in NAMES if any(figures[figure] for figures in given)]


# -- curves --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, and its value on each day; ``None``: there is none, and a gap."""

    name: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of curves of one unit over the same days."""

    title: str
    days: Sequence[date]
    lines: Sequence[Line]


_CHARTS: Mapping[str, tuple[Figure, ...]] = {
    N_("叫应与回应（人次）"): (Figure.CALLS, Figure.ANSWERED, Figure.WAITING),
    N_("转移（人、户）"): (Figure.PERSONS, Figure.HOUSEHOLDS),
    N_("应转、已转、未转（人）"): (
        Figure.TARGET_PERSONS,
        Figure.EVACUATED_PERSONS,
        Figure.LEFT_PERSONS,
    ),
    N_("任务（项）"): (Figure.TASKS_DUE, Figure.TASKS_DONE, Figure.TASKS_OVERDUE),
    N_("巡护（人、次）"): (Figure.PATROLLERS, Figure.POSITIONS),
    N_("热点（个）"): (Figure.HOTSPOTS, Figure.HOTSPOTS_SETTLED, Figure.FIRES),
    N_("中断与空岗"): (Figure.SILENT_SOURCES, Figure.DUTY_GAPS, Figure.HELP_OPEN),
}


def charts(sheets: DailySheets) -> Iterator[Chart]:
    """The curves worth drawing: of what there was anything; of one day alone there are none."""
    _ = translator(sheets.language)
    curve = dict(sorted(sheets.report.curve.items()))
    if len(curve) < 2:
        return
    days = list(curve)
    for name, figures in _CHARTS.items():
        lines = [
            Line(_(NAMES[figure]), [float(curve[day][figure]) for day in days])
            for figure in figures
            if any(curve[day][figure] for day in days)
        ]
        if lines:
            yield Chart(_(name), days, lines)
    medians = [curve[day].median for day in days]
    if any(medians):
        values = [None if median is None else median / 60 for median in medians]
        yield Chart(_("半数回应用时（分钟）"), days, [Line(_("半数用时"), values)])


# -- parts -----------------------------------------------------------------------------------------


def _below(report: DailyReport) -> Iterator[tuple[str, Figures]]:
    """The division itself, then all below it that have anything, with sums of each."""
    code = report.division_code
    yield code, report.figures
    for each, figures in sorted(report.sums.items()):
        if each != code:
            yield each, figures


def _value(figures: Figures, figure: Figure) -> Cell:
    return hours(figures[figure]) if figure in _IN_HOURS else figures[figure]
