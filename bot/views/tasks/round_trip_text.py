"""What a workbook of tasks changed when it came back, in lines for the command line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from alerts.loop.tasks.round_trip import Conflict, Left, RoundTrip
from alerts.loop.tasks.task_file import TASK_COLUMNS
from bot.locale import N_, translator
from bot.views.clock import day_clock
from bot.views.roster.patrol_import_text import cell_problem_text, ending_line, refused_lines
from contacts.roster.columns import Column

_COLUMNS = (
    Column("number", ("编号",)),
    Column("organisation", ("部门或地点",)),
    *TASK_COLUMNS,
)
_SHOWN = 30
_LEFT: Mapping[Left, str] = {
    Left.CHANGED_SINCE: N_(
        "第 {row} 行 #{number} 没有改：导出以后这里改过（{when}{by}），表里也改了{columns}。"
        "请重新导出，看过再改"
    ),
    Left.SUBMITTED: N_(
        "第 {row} 行 #{number} 没有改：已报完成，正在核查，表里改了{columns}。要改先退回"
    ),
    Left.ENDED: N_("第 {row} 行 #{number} 没有改：已经销号或撤销，表里改了{columns}"),
}


def round_trip_lines(done: RoundTrip, language: str, zone: tzinfo) -> Iterator[str]:
    """The whole answer: mistakes, or what was changed, made, left; and whether it was written."""
    _ = translator(language)
    if done.problems.total:
        for problem in done.problems.shown:
            yield cell_problem_text(problem, _COLUMNS, done.file, language)
        yield from refused_lines(done.problems.total, len(done.problems.shown), language)
        return
    yield from back_lines(done, language, zone)
    yield ending_line(done.dry_run, done.written, done.file, language)


def back_lines(done: RoundTrip, language: str, zone: tzinfo) -> Iterator[str]:
    """What it holds: its mistakes, or what is changed, made, left."""
    _ = translator(language)
    if done.problems.total:
        for problem in done.problems.shown:
            yield cell_problem_text(problem, _COLUMNS, done.file, language)
        return
    yield _("清单任务：新增 {new} 项，修改 {changed} 项，没有变 {unchanged} 项").format(
        new=len(done.new), changed=len(done.changes), unchanged=done.unchanged
    )
    for change in done.changes[:_SHOWN]:
        yield _("第 {row} 行 #{number}：改了{columns}").format(
            row=change.row, number=change.task.id, columns=_("、").join(change.columns)
        )
    for conflict in done.conflicts:
        yield "⚠️ " + _conflict(conflict, language, zone)


def _conflict(conflict: Conflict, language: str, zone: tzinfo) -> str:
    _ = translator(language)
    when = "" if conflict.at is None else day_clock(conflict.at, zone)
    return _(_LEFT[conflict.left]).format(
        row=conflict.row,
        number=conflict.task.id,
        columns=_("、").join(conflict.columns),
        when=when,
        by=f" {conflict.by}" if conflict.by else "",
    )
