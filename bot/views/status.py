"""/status: the warnings that run, and the last ones that are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from alerts.model import Alert
from alerts.report import Progress
from bot.actions.warnings import StatusOf
from bot.locale import translator
from bot.views.clock import BEIJING, clock, day_clock
from bot.views.progress import bar, percent
from bot.views.screen import Button, Inline, Screen, bold, shorten
from bot.views.vocabulary import state_name
from bot.views.warning import plain_title, title

SHOWN = 10


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One alert as ``/status`` shows it."""

    alert: Alert
    place: str
    progress: Progress


def status_list(
    lines: Sequence[StatusLine], language: str, now: datetime, *, zone: tzinfo = BEIJING
) -> Screen:
    """One block and one button for each alert."""
    _ = translator(language)
    if not lines:
        return nothing_running(language)
    text, rows = [bold(_("📊 预警态势")) + f" · {clock(now, zone)}"], []
    for line in lines[:SHOWN]:
        alert, progress = line.alert, line.progress
        done, every = progress.answered, progress.calls
        at = day_clock(alert.released_at or alert.created_at, zone)
        figures = _("已回应 {done} / {every}").format(done=done, every=every)
        silent = _("未回应 {count}").format(count=progress.waiting)
        text += [
            "",
            title(alert, shorten(line.place, 40), language),
            f"{state_name(alert.state, language)} · {at}",
            f"{bar(done, every)} {percent(done, every)} {figures}"
            + (f" · <b>{silent}</b>" if progress.waiting else ""),
        ]
        words = plain_title(alert, shorten(line.place, 20), language)
        rows.append((Button(words, StatusOf(alert.id).encode()),))
    if len(lines) > SHOWN:
        text += ["", _("……另有 {count} 个").format(count=len(lines) - SHOWN)]
    return Screen("\n".join(text), Inline(tuple(rows)))


def nothing_running(language: str) -> Screen:
    """There is no warning in force for this person's division."""
    _ = translator(language)
    return Screen(_("现在没有正在叫应的预警。"))
