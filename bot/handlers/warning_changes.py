"""Changing a running warning in a few taps: 升级, 更正, 延长, 扩大, 缩小; previewed, confirmed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from alerts import conversation_store as conversations
from alerts.acts import ActKind
from alerts.closing import permit_end
from alerts.lifecycle import Change, Outcome
from alerts.model import Alert, Level
from alerts.preview import check_length
from alerts.updates.changing import changed, update
from alerts.updates.model import Changed, Updated
from alerts.updates.pending import known_change
from bot.actions.changes import ChangeStep, ChangeTap
from bot.compose.unfinished_change import Asking, UnfinishedChange
from bot.handlers.change_choices import chosen, written
from bot.handlers.change_drafts import children_of, of_warning, save, unfinished_of
from bot.handlers.context import Context
from bot.handlers.offered_texts import offered
from bot.handlers.routes import TapHandler
from bot.messages.changes import as_shown
from bot.messages.facts import area_name
from bot.views.division_menu import menu_within
from bot.views.late import preview_note
from bot.views.screen import Screen
from bot.views.warnings import change_confirmation as confirm_views
from bot.views.warnings import change_menu as menus
from bot.views.warnings import changes as views
from bot.views.warnings.release_line import with_note
from contacts.access import may_release
from contacts.divisions.area_lists import held_in
from contacts.divisions.gazetteer import Found
from data.database import Connection
from data.errors import Conflict


async def stepped(context: Context, action: ChangeTap) -> None:
    """A button of the change of a warning."""
    alert, place = await warning_of(context, action.alert_id)
    step, kept = action.step, of_warning(context, alert.id)
    begun = kept or UnfinishedChange(alert.id)
    if step is ChangeStep.MENU:
        await context.toast()  # a new message: the card that it hangs under is edited all the time
        await go_on(context, alert, UnfinishedChange(alert.id), new_message=True)
    elif step in _NEEDS_A_BEGINNING and kept is None:
        await context.toast()
        await context.show(views.outdated(alert, place, context.language))
    elif step is ChangeStep.STOP:
        await _stop(context, alert, place)
    elif step is ChangeStep.CONFIRM:
        await _confirm(context, alert, begun, action.value)
    else:
        unfinished, note = chosen(context, alert, begun, action)
        # What is asked in words opens the phone's keyboard: only a new message can.
        new = unfinished.asking is Asking.TEXT
        if new:
            await context.toast()
        await go_on(context, alert, unfinished, new_message=new, note=note)


async def typed(context: Context, text: str) -> None:
    """What was asked for, in words: a level, the text, a time, a place."""
    unfinished = unfinished_of(context)
    assert unfinished is not None
    alert, _place = await warning_of(context, unfinished.alert_id)
    changed, note = written(context, alert, unfinished, text)
    if not note and changed.says_nothing:
        note = views.nothing_changes(context.language)
    await go_on(context, alert, changed, new_message=True, note=note)


async def text_edited(context: Context, text: str) -> bool:
    """A text was changed from which a change is being made; ``False`` when none is."""
    unfinished = unfinished_of(context)
    if unfinished is None or unfinished.text_id != context.message.message_id:
        return False
    check_length(text, context.services.rules.warnings)
    alert, _place = await warning_of(context, unfinished.alert_id)
    note = views.text_renewed(context.language)
    await go_on(context, alert, unfinished.with_text(alert, text), new_message=True, note=note)
    return True


async def warning_of(context: Context, alert_id: int) -> tuple[Alert, str]:
    """The warning that the person may change now, and the names of its areas.

    :raises NotFound: no such warning.
    :raises NotAllowed: not a commander of its area or above.
    :raises Conflict: it is over already, or was never released.
    """
    person = context.known()

    def look(c: Connection) -> tuple[Alert, str]:
        alert = permit_end(c, alert_id, person, context.now)
        return alert, context.facts(c).area(alert)

    return await context.read(look)


async def go_on(
    context: Context,
    alert: Alert,
    unfinished: UnfinishedChange,
    *,
    new_message: bool = False,
    note: str = "",
) -> None:
    """Keep the change and ask for what is open; when nothing is, show the preview, or the menu.

    :param note: HTML that stands above it.
    """
    place = (await warning_of(context, alert.id))[1]
    unfinished = await _in_own_words(context, alert, unfinished)
    screen = None
    if unfinished.settled:
        unfinished = replace(unfinished, nonce=secrets.token_hex(4), version=alert.version)
        would = await _changed(context, alert, unfinished, place)
        if would is None:
            note = "\n".join(filter(None, [note, views.nothing_changes(context.language)]))
        else:
            shown = await context.read(lambda c: as_shown(context.facts(c), alert, would))
            screen = _preview(context, shown, unfinished, note)
    if screen is None:
        screen = _asked(context, alert, unfinished, place, note)

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)


async def _in_own_words(
    context: Context, alert: Alert, unfinished: UnfinishedChange
) -> UnfinishedChange:
    """A level that was chosen just now brings the office's own text for it."""
    before = unfinished_of(context)
    chosen = before is None or before.alert_id != alert.id or before.level is not unfinished.level
    if unfinished.level is None or not chosen:
        return unfinished
    own = {level: await offered(context, alert.hazard, level) for level in Level}
    return unfinished.in_own_words(alert, own)


async def _changed(
    context: Context, alert: Alert, unfinished: UnfinishedChange, place: str
) -> Changed | None:
    """What the change would do; ``None``: it says what holds already."""
    change = _change(context, alert, unfinished, place)
    person, rules, now = context.known(), context.services.rules.warnings, context.now
    try:
        return await context.read(lambda c: changed(c, alert.id, change, person, rules, now))
    except Conflict as refused:
        if refused.code is Outcome.NOTHING_NEW:
            return None
        raise


def _change(context: Context, alert: Alert, unfinished: UnfinishedChange, place: str) -> Change:
    if unfinished.areas is not None:
        place = area_name(context.services, unfinished.areas)
    return unfinished.as_change(alert, place, partial(children_of, context))


async def _confirm(
    context: Context, alert: Alert, unfinished: UnfinishedChange, nonce: str
) -> None:
    """✅ 确认升级: consumed in the transaction that makes the change, so twice is once."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings
    place = (await warning_of(context, alert.id))[1]
    if nonce != unfinished.nonce or not unfinished.settled:
        await context.toast()
        await context.show(views.outdated(alert, place, context.language))
        return
    if await _look_again(context, alert, unfinished):
        return
    account = context.account
    change = _change(context, alert, unfinished, place)
    counted = await _changed(context, alert, unfinished, place)

    def unit(c: Connection) -> bool:
        still = conversations.get(c, account, now)
        if still is None or still.state.get("nonce") != nonce:
            context.will_show(c, views.outdated(alert, place, context.language))
            return False
        still_so = permit_end(c, alert.id, person, now).version == unfinished.version
        if not still_so or counted is None:
            return True
        updated = update(c, alert.id, change, person, rules, now, counted=counted)
        conversations.end(c, account)
        shown = as_shown(context.facts(c), alert, counted)
        context.will_show(c, _done(c, context, shown, updated))
        return False

    if await context.write(unit):  # somebody else changed it meanwhile: they read that first
        await _anew(context, unfinished)


async def _anew(context: Context, unfinished: UnfinishedChange) -> None:
    """The preview again, of the warning as it is by now."""

    def look(c: Connection) -> tuple[Alert, str]:
        alert = permit_end(c, unfinished.alert_id, context.known(), context.now)
        last, zone = context.facts(c).last_change(alert), context.zone
        return alert, views.changed_meanwhile(alert, last, context.language, zone)

    alert, note = await context.read(look)
    await go_on(context, alert, unfinished, new_message=True, note=note)


def _done(c: Connection, context: Context, shown: views.Changing, updated: Updated) -> Screen:
    if updated.pending is not None:
        change = known_change(c, updated.pending)
        areas, facts = shown.terms.areas, context.facts(c)
        proposal = facts.proposal_of_change(change, areas, context.known(), context.language)
        zone = context.zone
        return confirm_views.waiting(shown, change.id, proposal, context.language, zone)
    return views.changed_now(shown, updated.version, context.language, context.zone)


async def _look_again(context: Context, alert: Alert, unfinished: UnfinishedChange) -> bool:
    """Whether the preview was too old to be confirmed, or the tap came too late: then anew."""
    assert context.conversation is not None
    rules, shown_at = context.services.rules.acts, context.conversation.updated_at
    if not (
        rules.old_preview(shown_at, context.now)
        or rules.late(ActKind.RELEASE, context.done_at, context.now)
    ):
        return False
    note = preview_note(shown_at, context.now, context.language, zone=context.zone)
    await context.toast()
    await go_on(context, alert, unfinished, new_message=True, note=note)
    return True


def _preview(
    context: Context, changing: views.Changing, unfinished: UnfinishedChange, note: str
) -> Screen:
    done = changing.changed
    seconds = context.time_to_finish(
        done.called_reachable + done.asked + done.told + done.stood_down,
        done.groups + done.groups_left,
    )
    return views.preview(
        changing,
        seconds,
        context.language,
        nonce=unfinished.nonce,
        note=note,
        zone=context.zone,
    )


async def _stop(context: Context, alert: Alert, place: str) -> None:
    def unit(c: Connection) -> None:
        conversations.end(c, context.account)
        context.will_show(c, views.stopped(alert, place, context.language))

    await context.write(unit)


_NEEDS_A_BEGINNING = frozenset(
    {ChangeStep.CONFIRM, ChangeStep.STOP, ChangeStep.UNCLEAR, ChangeStep.MEANT, ChangeStep.BACK}
)


def _asked(
    context: Context, alert: Alert, unfinished: UnfinishedChange, place: str, note: str
) -> Screen:
    """What is asked for now; the menu when nothing is."""
    language, zone, gazetteer = context.language, context.zone, context.services.gazetteer
    if unfinished.unclear:
        name = unfinished.unclear[0][1]
        found = gazetteer.find(name, within=context.known().division_code, careful=True)
        theirs = [
            each
            for each in found.candidates
            if may_release(context.known(), [each.division.code]).allowed
        ]
        candidates = [(each.division.code, each.path) for each in theirs]
        several = found.outcome is not Found.UNKNOWN
        screen = menus.ask_unclear(alert, place, name, candidates, language, several=several)
    elif unfinished.meant:
        names = [gazetteer.name(code) for code in unfinished.meant]
        screen = menus.ask_meant(alert, place, names, language)
    elif unfinished.asking is Asking.LEVEL:
        screen = menus.ask_level(alert, place, language)
    elif unfinished.asking is Asking.TEXT:
        most = context.services.rules.warnings.max_text
        screen = menus.ask_text(alert, place, language, most)
    elif unfinished.asking is Asking.TIME:
        screen = menus.ask_time(alert, place, context.now, language, zone)
    elif unfinished.asking is Asking.ADD:
        screen = _ask_added(context, alert, unfinished, place)
    elif unfinished.asking is Asking.NARROW:
        parts = _parts(context, alert, unfinished)
        screen = menus.ask_narrowed(alert, place, parts, unfinished.page, language)
    else:
        return menus.menu(alert, place, language, note=note, zone=zone)
    return with_note(note, screen)


def _ask_added(context: Context, alert: Alert, unfinished: UnfinishedChange, place: str) -> Screen:
    gazetteer, own = context.services.gazetteer, context.known().division_code
    now = alert.areas if unfinished.areas is None else unfinished.areas
    menu = menu_within(gazetteer, unfinished.opened, own=own)
    added = [gazetteer.name(code) for code in now if not held_in(alert.areas, code)]
    held = held_in(now, menu.code)
    return menus.ask_added(
        alert, place, menu, added, context.language, held=held, page=unfinished.page
    )


def _parts(context: Context, alert: Alert, unfinished: UnfinishedChange) -> list[menus.Part]:
    """The parts of the warned area that can stay or go: of one division those below it."""
    gazetteer = context.services.gazetteer
    now = alert.areas if unfinished.areas is None else unfinished.areas
    parts: Sequence[str] = alert.areas
    if len(parts) == 1:
        parts = children_of(context, parts[0]) or parts
    return [menus.Part(code, gazetteer.name(code), held_in(now, code)) for code in parts]


TAPS: dict[type, TapHandler] = {ChangeTap: stepped}
