"""A change of a warning in one line: /update 12 升级 红, /lift 12, /cancel 12."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler

from alerts import alert_store
from alerts.closing import permit_end
from alerts.lookup import may_know_of
from alerts.model import IN_FORCE, Alert
from bot.actions.changes import PickWarning
from bot.actions.warnings import CancelAsk, LiftAsk
from bot.compose.change_line import ChangeLine, Ending
from bot.compose.unfinished_change import UnfinishedChange
from bot.handlers.change_choices import read_line, with_line
from bot.handlers.change_drafts import save, unfinished_of
from bot.handlers.context import Context
from bot.handlers.ending import cancel_ask, lift_ask
from bot.handlers.routes import TapHandler, commands, edited_command
from bot.handlers.warning_changes import go_on, warning_of
from bot.views.warnings import change_menu as menus
from bot.views.warnings import changes as views
from bot.views.warnings import release_line as line_views
from bot.views.warnings.release_line import with_note
from contacts.access import may_cancel, may_see_alert
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The commands, written; /update also edited."""
    return [
        *commands(update=update, lift=lift, cancel=cancel),
        edited_command("update", line_edited),
    ]


async def update(context: Context) -> None:
    """/update 12 升级 红 延长 6小时; alone it says how, and shows what is in force."""
    await _from_line(context, context.after_command)


async def lift(context: Context) -> None:
    """/lift 12: 解除, which is asked about first."""
    await _from_line(context, f"解除 {context.after_command}")


async def cancel(context: Context) -> None:
    """/cancel 12: 取消, which is asked about first."""
    await _from_line(context, f"取消 {context.after_command}")


async def line_edited(context: Context) -> None:
    """The line was changed: what is not confirmed yet is read anew, and its preview is another."""
    unfinished = unfinished_of(context)
    if unfinished is None or unfinished.line_id != context.message.message_id:
        await context.say(menus.edit_not_used(context.language))
        return
    await _from_line(context, context.after_command, note=line_views.line_renewed(context.language))


async def picked(context: Context, action: PickWarning) -> None:
    """Which of several warnings the line is about."""
    unfinished = unfinished_of(context)
    alert, _place = await warning_of(context, action.id)
    if unfinished is None or not unfinished.line:
        await go_on(context, alert, UnfinishedChange(alert.id))
        return
    said = read_line(context, unfinished.line, numbered=True)
    await _apply(context, alert, said, unfinished.line_id, new_message=False)


TAPS: dict[type, TapHandler] = {PickWarning: picked}


async def _from_line(context: Context, line: str, *, note: str = "") -> None:
    said, language = read_line(context, line, numbered=True), context.language
    if said.alert_id is not None:
        alert, _place = await warning_of(context, said.alert_id)
        await _apply(context, alert, said, context.message.message_id, note=note)
        return
    person = context.known()
    found = await context.read(lambda c: _changeable(c, context, person, said))
    if len(found) == 1 and said.says_anything:
        await _apply(context, found[0][0], said, context.message.message_id, note=note)
    elif not said.says_anything:
        words = menus.line_notes(language, strange=said.strange)
        note = "\n".join(filter(None, [note, words]))
        await context.say(with_note(note, menus.update_usage(found, language)))
    elif not found:
        await context.say(with_note(note, menus.none_in_force(language)))
    else:
        kept = UnfinishedChange(0, line=line, line_id=context.message.message_id)
        screen = with_note(note, menus.which_warning(found, language))

        def unit(c: Connection) -> None:
            save(c, context, kept)
            context.will_say(c, screen)

        await context.write(unit)


def _changeable(
    c: Connection, context: Context, person: Person, said: ChangeLine
) -> Sequence[tuple[Alert, str]]:
    """The warnings in force that the line may be about, and the names of their areas.

    :raises NotAllowed: there are some that concern the person, who commands none of them.
    """
    found = [
        alert
        for alert in alert_store.alerts(c, *IN_FORCE)
        if may_know_of(person, alert)
        and alert.expires_at > context.now
        and (not said.of_areas or overlap(said.of_areas, alert.areas))
        and said.of_hazard in (None, alert.hazard)
    ]
    theirs = [alert for alert in found if may_cancel(person, alert.areas).allowed]
    concerned = [alert for alert in found if may_see_alert(person, alert.areas).allowed]
    if concerned and not theirs:
        permit_end(c, concerned[0].id, person, context.now)
    facts = context.facts(c)
    return [(alert, facts.area(alert)) for alert in theirs]


async def _apply(
    context: Context,
    alert: Alert,
    said: ChangeLine,
    line_id: int,
    *,
    note: str = "",
    new_message: bool = True,
) -> None:
    """What the line says, of this warning: the question before its end, or the preview."""
    if said.ending is not None:
        await _ask_to_end(context, alert, said.ending)
        return
    begun = UnfinishedChange(alert.id, line_id=line_id)
    if not said.says_anything:  # a number alone
        words = menus.line_notes(context.language, strange=said.strange)
        note = "\n".join(filter(None, [note, words]))
        await go_on(context, alert, begun, new_message=new_message, note=note)
        return
    unfinished, words = with_line(context, alert, begun, said)
    if not words and unfinished.says_nothing:
        words = views.nothing_changes(context.language)
    note = "\n".join(filter(None, [note, words]))
    await go_on(
        context,
        alert,
        replace(unfinished, line_id=line_id),
        new_message=new_message,
        note=note,
    )


async def _ask_to_end(context: Context, alert: Alert, ending: Ending) -> None:
    if ending is Ending.LIFT:
        await lift_ask(context, LiftAsk(alert.id))
    else:
        await cancel_ask(context, CancelAsk(alert.id))
