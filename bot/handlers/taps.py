"""A button was pressed: which, and who handles it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from telegram import Message

from alerts.conversation_store import FORGOTTEN_AFTER
from bot.actions.changes import ChangeStep, ChangeTap
from bot.actions.codec import Action
from bot.actions.parsing import parse
from bot.actions.release import ReleaseStep, ReleaseTap
from bot.actions.stages import PlanStep, PlanTap
from bot.actions.tasks import NewTaskStep, NewTaskTap
from bot.actions.warnings import CloseWithReason, DischargeNow, DoubtTyped
from bot.handlers import (
    change_areas,
    change_confirmation,
    change_lines,
    confirmation,
    cut_off,
    daily,
    departments,
    distress,
    drafted_changes,
    drafts,
    duty,
    duty_calendar,
    ending,
    evacuation,
    expiry,
    field_reports,
    fire_danger,
    follow_up,
    handbook_cards,
    heat_sources,
    holding,
    hotspots,
    households,
    late,
    linking,
    new_tasks,
    patrol_results,
    place_meant,
    positions,
    progress,
    proxy_reports,
    release_areas,
    release_waters,
    release_wizard,
    responses,
    returns,
    roll_calls,
    roster,
    roster_checks,
    sent_tables,
    silent_list,
    sky_pictures,
    stages,
    task_charts,
    tasks,
    template_lists,
    templates,
    test_calls,
    typed_words,
    warning_changes,
    water,
    withdrawals,
)
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.views.problems import old_button
from bot.views.questions import spent

HANDLERS: dict[type, TapHandler] = {
    **follow_up.TAPS,
    **linking.TAPS,
    **place_meant.TAPS,
    **confirmation.TAPS,
    **change_confirmation.TAPS,
    **ending.TAPS,
    **expiry.TAPS,
    **warning_changes.TAPS,
    **change_areas.TAPS,
    **change_lines.TAPS,
    **drafted_changes.TAPS,
    **holding.TAPS,
    **progress.TAPS,
    **silent_list.TAPS,
    **cut_off.TAPS,
    **departments.TAPS,
    **withdrawals.TAPS,
    **proxy_reports.TAPS,
    **roster.TAPS,
    **handbook_cards.TAPS,
    **roster_checks.TAPS,
    **test_calls.TAPS,
    **release_wizard.TAPS,
    **release_areas.TAPS,
    **release_waters.TAPS,
    **drafts.TAPS,
    **water.TAPS,
    **daily.TAPS,
    **evacuation.TAPS,
    **responses.TAPS,
    **stages.TAPS,
    **template_lists.TAPS,
    **templates.TAPS,
    **task_charts.TAPS,
    **tasks.TAPS,
    **sent_tables.TAPS,
    **new_tasks.TAPS,
    **distress.TAPS,
    **field_reports.TAPS,
    **fire_danger.TAPS,
    **roll_calls.TAPS,
    **positions.TAPS,
    **hotspots.TAPS,
    **households.TAPS,
    **returns.TAPS,
    **heat_sources.TAPS,
    **sky_pictures.TAPS,
    **duty.TAPS,
    **duty_calendar.TAPS,
    **patrol_results.TAPS,
    **typed_words.TAPS,
}
"""Who handles each button; how late each counts is said in ``late``."""


async def tapped(context: Context) -> None:
    """Parse what the button says; forged data, and buttons of an older version, end here.

    So does any button forged in a group: it would answer into the group what its person alone may
    read: a list with phone numbers, the handbook. (The buttons that a group's messages have are
    answers, ``bot.runtime.answer_taps``, and those of pictures.)
    """
    query = context.incoming.callback_query
    action = None if query is None or query.data is None else parse(query.data)
    handler = None if action is None else HANDLERS.get(type(action))
    if action is None or handler is None or _misplaced(context, action):
        await context.toast(old_button(context.language), alert=True)
        return
    if _spent(context, action):
        await context.toast(spent(context.language), alert=True)
    elif not await late.asked_again(context, action):
        await handler(context, action)


_CONFIRMING = (CloseWithReason, DischargeNow, DoubtTyped)
_CONFIRMING_STEPS: Mapping[type, Enum] = {
    ReleaseTap: ReleaseStep.CONFIRM,
    ChangeTap: ChangeStep.CONFIRM,
    PlanTap: PlanStep.CONFIRM,
    NewTaskTap: NewTaskStep.CONFIRM,
}


def _spent(context: Context, action: Action) -> bool:
    """Whether a button that confirms what its person chose or wrote was pressed before, or they
    left that: nothing is kept of it. What its message says of what became of it stays."""
    step = getattr(action, "step", None)
    confirms = isinstance(action, _CONFIRMING) or (
        step is not None and _CONFIRMING_STEPS.get(type(action)) is step
    )
    query = context.incoming.callback_query
    message = None if query is None else query.message
    if not confirms or context.conversation is not None or not isinstance(message, Message):
        return False
    shown_at = message.edit_date or message.date
    return context.now - shown_at < FORGOTTEN_AFTER


def _misplaced(context: Context, action: Action) -> bool:
    """Whether it is the button of a private chat in a group, or the other way round."""
    chat = context.incoming.effective_chat
    in_group = chat is None or chat.type != "private"
    return in_group != isinstance(action, tuple(sky_pictures.TAPS))
