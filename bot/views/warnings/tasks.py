"""📋 我的任务: a person's warnings, and what is still to be done of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from alerts.calls import Call
from alerts.model import Alert
from alerts.reports import ReportFact, Where
from bot.actions.tasks import TaskAct, TaskListTap, TaskTap, TaskView
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.screen import Button, Inline, Screen, bold, shorten
from bot.views.tasks.card import ShownTask, due_line, title_line
from bot.views.warnings.call import answer_buttons
from bot.views.warnings.follow_up import recorded_report, recorded_reports
from bot.views.warnings.left_out import not_to_be_done
from bot.views.warnings.parts import title, todo


def tasks(
    calls: Sequence[tuple[Call, Alert]],
    places: Mapping[int, str],
    language: str,
    *,
    reports: Mapping[int, Sequence[ReportFact]] | None = None,
    names: Mapping[Where, str] | None = None,
    zone: tzinfo = BEIJING,
    listed: Sequence[ShownTask] = (),
    listed_total: int = 0,
) -> Screen:
    """Answer to 📋 我的任务: the person's warnings, those still open with their button.

    :param places: alert id -> name of its area.
    :param reports: call id -> all that was reported; of a call without, its last report.
    :param names: the names of places that were reported on by themselves.
    :param listed: the first tasks of the five lists, of ``listed_total``; below the warnings.
    """
    _ = translator(language)
    if not calls and not listed:
        return Screen(_("您现在没有任务。有预警时会直接发给您。"))
    blocks = [bold(_("📋 我的任务"))]
    rows: list[tuple[Button, ...]] = []
    for call, alert in calls[:5]:
        place = places.get(alert.id, "")
        lines = [title(alert, place, language)]
        if call.open and alert.chasing:
            lines.append(bold(_("⏳ 还没有收到您的回应")))
            rows += answer_buttons([(call, alert)], places, language).rows
        elif call.answered or call.answered_before:
            told = (reports or {}).get(call.id, ())
            lines += _answered_task(call, alert, told, names, language, zone)
        elif call.left_out:
            lines.append(not_to_be_done(alert.hazard, language))
        elif alert.in_force:
            lines.append(_("☑️ 已从名单中销号"))
        else:
            at = alert.released_at or alert.created_at
            lines.append(_("{time} 发布，已结束").format(time=day_clock(at, zone)))
        blocks.append("\n".join(lines))
    if listed:
        lines = [bold(_("📌 清单任务 {count} 项").format(count=listed_total))]
        for one in listed:
            lines += [title_line(one), "　" + due_line(one, language, zone)]
            text = f"#{one.task.id} {shorten(one.task.title, 24)}"
            rows.append((Button(text, TaskTap(one.task.id, TaskAct.SHOW).encode()),))
        if listed_total > len(listed):
            rows.append((Button(_("📋 看全部"), TaskListTap(TaskView.MINE).encode()),))
        blocks.append("\n".join(lines))
    return Screen("\n\n".join(blocks), Inline(tuple(rows)) if rows else None)


def _answered_task(
    call: Call,
    alert: Alert,
    told: Sequence[ReportFact],
    names: Mapping[Where, str] | None,
    language: str,
    zone: tzinfo,
) -> list[str]:
    """A task whose call is answered: when, what was reported, what is to be done."""
    _ = translator(language)
    lines = [_("✅ {time} 已回应").format(time=clock(call.answered_at, zone))]
    homeward = alert.hazard.homeward
    if told:
        lines.append(recorded_reports(told, language, zone, names, homeward=homeward))
    elif call.report is not None:
        lines.append(recorded_report(call, language, zone, homeward=homeward))
    if call.left_out:
        lines.append(not_to_be_done(alert.hazard, language))
    elif alert.in_force:
        lines.append(todo(alert.hazard, alert.level, call.role, alert.lead_minutes, language))
    return lines
