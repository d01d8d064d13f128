"""What arrives from Telegram: parse, call one use case, answer. No rules here."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler, CallbackQueryHandler

from bot.handlers import (
    board,
    change_lines,
    daily,
    drafts,
    duty,
    errors,
    evacuation,
    field_reports,
    fire_danger,
    hotspots,
    households,
    linking,
    membership,
    new_tasks,
    patrol_results,
    positions,
    progress,
    release_wizard,
    responses,
    roll_calls,
    roster,
    silent_list,
    stages,
    task_charts,
    tasks,
    templates,
    water,
    words,
)
from bot.handlers.routes import handled_by
from bot.handlers.taps import tapped


def all_handlers() -> list[BaseHandler[Any, Any, Any]]:
    """Every handler; the first that wants an update gets it. Taps come by the thousand: first."""
    return [
        CallbackQueryHandler(handled_by(tapped)),
        *linking.handlers(),
        *membership.handlers(),
        *progress.handlers(),
        *silent_list.handlers(),
        *roster.handlers(),
        *release_wizard.handlers(),
        *drafts.handlers(),
        *responses.handlers(),
        *stages.handlers(),
        *templates.handlers(),
        *task_charts.handlers(),
        *tasks.handlers(),
        *new_tasks.handlers(),
        *change_lines.handlers(),
        *board.handlers(),
        *fire_danger.handlers(),
        *hotspots.handlers(),
        *households.handlers(),
        *water.handlers(),
        *daily.handlers(),
        *evacuation.handlers(),
        *roll_calls.handlers(),
        *duty.handlers(),
        *patrol_results.handlers(),
        *positions.handlers(),
        *field_reports.handlers(),
        *words.handlers(),
        *errors.handlers(),
    ]
