"""Composing a warning in a few taps. The draft is a conversation: a restart loses nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler

from alerts import alert_store
from alerts import conversation_store as conversations
from alerts.acts import ActKind
from alerts.drafts.deciding import released as proposal_released
from alerts.model import Alert, Draft, Family, State
from alerts.preview import MOST_NAMED, DraftProblem, check, check_areas, check_length, preview
from alerts.release import Released, count_if_large, release
from alerts.same_warnings import same_in_force
from bot.actions.release import PlaceChoice, ReleaseStep, ReleaseTap, chosen_place, opened_area
from bot.compose.release_draft import UnfinishedDraft
from bot.compose.release_line import parse_release_line
from bot.handlers import late
from bot.handlers.context import Context
from bot.handlers.offered_texts import offered
from bot.handlers.release_drafts import (
    draft_of,
    drawn_lines_of,
    issuing,
    save,
    unfinished_of,
    which_area,
)
from bot.handlers.release_places import (
    only_words,
    place_named,
    places_called,
    show_places,
    which_place,
)
from bot.handlers.routes import TapHandler, commands, edited_command
from bot.messages.facts import area_name, area_paths
from bot.views.division_menu import menu_within
from bot.views.late import preview_note
from bot.views.screen import Screen
from bot.views.warnings import place_menu
from bot.views.warnings import release_line as line_views
from bot.views.warnings import release_wizard as views
from bot.views.warnings.area_menu import datum_button
from contacts import place_store
from contacts.access import may_release, require
from contacts.divisions.gazetteer import Found, Resolution
from contacts.places import Place, PlaceKind
from data.database import Connection
from data.errors import InvalidInput


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command, written or edited."""
    return [*commands(warn=warn), edited_command("warn", line_edited)]


async def warn(context: Context) -> None:
    """/warn 红 暴雨 敦化市 立即转移低洼地群众."""
    await from_line(context, context.after_command)


async def line_edited(context: Context) -> None:
    """The line was changed: what is not released yet is read anew, and its preview is another."""
    context.commander()
    unfinished = unfinished_of(context)
    if unfinished is not None and unfinished.line_id == context.message.message_id:
        await from_line(
            context, context.after_command, note=line_views.line_renewed(context.language)
        )
    elif unfinished is not None:
        await context.say(line_views.edit_not_used(context.language))
    elif not await _edited_too_late(context):
        await from_line(context, context.after_command)


async def text_edited(context: Context, text: str) -> bool:
    """A text was changed that may be a warning's; ``False`` when it cannot be one."""
    unfinished = unfinished_of(context)
    if unfinished is None:
        return await _edited_too_late(context)
    if unfinished.text_id != context.message.message_id:
        await context.say(line_views.edit_not_used(context.language))
        return True
    check_length(text, context.services.rules.warnings)
    note = line_views.text_renewed(context.language)
    await go_on(context, replace(unfinished, text=text), new_message=True, note=note)
    return True


async def _edited_too_late(context: Context) -> bool:
    """Say that what was released does not change with it; ``False`` when nothing was since.

    What was cancelled or withdrawn may be written anew.
    """
    if context.person is None:
        return False
    sender_id, written_at = context.person.id, context.message.date

    def look(c: Connection) -> Screen | None:
        alert = alert_store.newest_since(c, sender_id, written_at, *_STANDING)
        if alert is None:
            return None
        return line_views.edited_too_late(alert, context.language, context.facts(c).area(alert))

    screen = await context.read(look)
    if screen is not None:
        await context.say(screen)
    return screen is not None


async def start(context: Context) -> None:
    """⚠️ 发布预警."""
    context.commander()
    await go_on(context, UnfinishedDraft(), new_message=True)


async def prepared(context: Context, unfinished: UnfinishedDraft, *, note: str = "") -> None:
    """A warning drafted elsewhere: to its preview, or what is open; ``note`` (HTML) above it."""
    context.commander()
    await go_on(context, unfinished, new_message=True, note=note)


async def from_line(context: Context, line: str, *, note: str = "") -> None:
    """A whole warning in one line; whatever it leaves open is asked for, then the preview.

    :param note: HTML that stands above the answer.
    """
    person, language = context.known(), context.language
    places = await context.read(lambda c: place_store.places_within(c, [person.division_code]))
    said = parse_release_line(
        line, context.services.gazetteer, within=person.division_code, places=places
    )
    own = may_release(person, [person.division_code])
    require(own, areas=said.areas or (person.division_code,))  # named as it was written
    note = "\n".join(filter(None, [note, line_views.line_notes(said.strange, language)]))
    named = len(said.areas) + len(said.also_unclear) + (said.unclear is not None)
    check_areas(named, MOST_NAMED)
    if said.level is None and said.hazard is None and not named:
        await context.say(line_views.with_note(note, views.warn_usage(language)))
        return
    if said.level is None and said.hazard is None:
        names = [context.services.gazetteer.name(code) for code in said.areas]
        names += [] if said.unclear is None else [said.unclear[0], *said.also_unclear]
        note = "\n".join(filter(None, [note, line_views.only_places(names, language)]))
    text = said.text
    if not text and said.level and said.hazard and said.unclear is None:
        text = (await offered(context, said.hazard, said.level))[0]
    unclear = () if said.unclear is None else (said.unclear[0], *said.also_unclear)
    unfinished = UnfinishedDraft(
        said.level,
        said.hazard,
        said.areas,
        text,
        lead_chosen=True,
        exercise=said.exercise,
        places=said.places,
        unclear=unclear,
        line_id=context.message.message_id,
    )
    await go_on(context, unfinished, new_message=True, note=note)


async def stepped(context: Context, action: ReleaseTap) -> None:
    """A button of the wizard."""
    context.commander()
    if action.step is ReleaseStep.START:
        await go_on(context, UnfinishedDraft())
        return
    unfinished = unfinished_of(context)
    if action.step is ReleaseStep.STOP:
        await _stop(context)
    elif unfinished is None:
        await context.toast()
        await context.show(views.wizard_lost(context.language))
    elif action.step is ReleaseStep.CONFIRM:
        await _confirm(context, unfinished, action.value)
    elif action.step is ReleaseStep.PLACE:
        await _choose_places(context, unfinished, action)
    elif action.step is ReleaseStep.OPEN:
        await _open(context, unfinished, action)
    elif action.step is ReleaseStep.TEXT and action.value == "own":
        await _ask_own_text(context, unfinished)
    elif action.step is ReleaseStep.HERE and action.value in context.services.gazetteer:
        await go_on(context, _with_area(context, unfinished, action.value))
    else:
        await go_on(context, await _chosen(context, unfinished, action))


async def typed(context: Context, text: str) -> None:
    """The name of an area, or the warning in own words: what the wizard asked for."""
    unfinished = unfinished_of(context)
    if unfinished is None or unfinished.level is None or unfinished.hazard is None:
        await context.say(views.wizard_lost(context.language))
    elif unfinished.typing:
        check_length(text, context.services.rules.warnings)
        await go_on(context, _with_text(context, unfinished, text), new_message=True)
    elif unfinished.choosing:
        await place_named(context, unfinished, text)
    elif not unfinished.areas or unfinished.adding or unfinished.unclear:
        await _named(context, unfinished, text)
    elif unfinished.text:
        await context.say(line_views.text_not_used(context.language))
    else:
        await go_on(context, _with_text(context, unfinished, text), new_message=True)


TAPS: dict[type, TapHandler] = {ReleaseTap: stepped}

_STANDING = (State.PENDING, State.RELEASED, State.CLOSED)


async def _ask_own_text(context: Context, unfinished: UnfinishedDraft) -> None:
    typing = replace(unfinished, typing=True)
    if unfinished.level is None or unfinished.hazard is None:  # a button of an older message
        await go_on(context, unfinished)
        return
    place = area_name(context.services, unfinished.areas)
    most = context.services.rules.warnings.max_text
    ask = views.ask_own_text(unfinished.level, unfinished.hazard, context.language, place, most)

    def unit(c: Connection) -> None:
        save(c, context, typing)
        context.will_say(c, ask)

    await context.write(unit)


def _with_text(context: Context, unfinished: UnfinishedDraft, text: str) -> UnfinishedDraft:
    return replace(unfinished, text=text, typing=False, text_id=context.message.message_id)


def _with_area(context: Context, unfinished: UnfinishedDraft, code: str) -> UnfinishedDraft:
    require(may_release(context.known(), [code]), areas=[code])
    return unfinished.with_area(code)


async def _named(context: Context, unfinished: UnfinishedDraft, text: str) -> None:
    found = _find(context, text)
    if found.outcome is Found.EXACT and found.division is not None:
        await go_on(context, _with_area(context, unfinished, found.division.code), new_message=True)
        return
    named = await places_called(context, text)
    if len(named) == 1:
        await go_on(context, _with_place(context, unfinished, named[0]), new_message=True)
    elif named:
        await context.say(which_place(context, unfinished, text, named))
    else:
        await context.say(which_area(unfinished, text, found, context.language))


def _with_place(context: Context, unfinished: UnfinishedDraft, place: Place) -> UnfinishedDraft:
    code = place.division_code
    require(may_release(context.known(), [code]), areas=[code])
    return unfinished.with_place(place)


async def _choose_places(context: Context, unfinished: UnfinishedDraft, action: ReleaseTap) -> None:
    """🎯 改叫应谁: everybody, all places of a kind, or single ones."""
    choice, value = chosen_place(action)
    if choice is PlaceChoice.DONE:
        await go_on(context, replace(unfinished, choosing=False))
        return
    if choice is PlaceChoice.EVERYBODY:
        await go_on(context, replace(unfinished, choosing=False, places=()))
        return
    if choice is PlaceChoice.ONLY:
        known = await context.read(
            lambda c: place_store.places_within(c, [context.known().division_code])
        )
        place = next((place for place in known.all() if place.token == value), None)
        await go_on(
            context, unfinished if place is None else _with_place(context, unfinished, place)
        )
        return
    known = await context.read(lambda c: place_store.places_within(c, unfinished.areas))
    places, page = known.all(), int(value) if value.isdecimal() else 0
    at = next((n for n, place in enumerate(places) if place.token == value), None)
    if choice is PlaceChoice.ONE and at is not None:
        unfinished = unfinished.toggled(places[at].code)
        page = at // place_menu.ON_A_PAGE
    elif choice is PlaceChoice.KIND and value in {kind.value for kind in PlaceKind}:
        unfinished = unfinished.toggled(value)
    await context.toast()
    await show_places(context, unfinished, places, page=page)


def _find(context: Context, name: str) -> Resolution:
    within = context.known().division_code
    return context.services.gazetteer.find(name, within=within, careful=True)


async def _open(context: Context, unfinished: UnfinishedDraft, action: ReleaseTap) -> None:
    """Show the divisions below one."""
    code, page = opened_area(action)
    screen = _ask_area(context, unfinished, code, page)
    await context.toast()

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        context.will_show(c, screen)

    await context.write(unit)


async def _confirm(context: Context, unfinished: UnfinishedDraft, nonce: str) -> None:
    """确认发布: the draft is consumed in the transaction that releases it, so twice is once."""
    person, now, rules = context.commander(), context.now, context.services.rules.warnings
    if nonce != unfinished.nonce or not unfinished.complete:
        await context.toast()
        outdated = views.preview_outdated if unfinished.complete else views.wizard_lost
        await context.show(outdated(context.language))
        return
    draft, place = await draft_of(context, unfinished)
    if await _look_again(context, unfinished, draft):
        return
    account = context.account
    counted = await context.read(lambda c: count_if_large(c, draft, person.id, rules))

    def unit(c: Connection) -> bool:
        still = conversations.get(c, account, now)
        if still is None or still.state.get("nonce") != nonce:
            context.will_show(c, views.wizard_lost(context.language))
            return False
        if set(_ids(same_in_force(c, draft, person, now))) - set(unfinished.same):
            return True
        conversations.end(c, account)
        released = release(c, draft, person, rules, now, counted=counted)
        proposal_released(c, unfinished.proposal_id, person, released.alert_id, now)
        context.will_show(c, _released(c, context, released, draft, place))
        return False

    if await context.write(unit):  # somebody else released the same meanwhile: they read it first
        note = line_views.same_meanwhile(context.language)
        await go_on(context, unfinished, new_message=True, note=note)


def _released(
    c: Connection, context: Context, released: Released, draft: Draft, place: str
) -> Screen:
    proposal = None
    if released.state is State.PENDING:
        facts = context.facts(c)
        proposal = facts.proposal(released.alert_id, context.known(), context.language)
    zone = context.zone
    return views.released_now(released, draft, context.language, place, proposal, zone=zone)


def _ids(same: Sequence[Alert]) -> tuple[int, ...]:
    return tuple(alert.id for alert in same)


async def _look_again(context: Context, unfinished: UnfinishedDraft, draft: Draft) -> bool:
    """Whether the preview was too old to be confirmed, or the tap came too late: then anew."""
    assert context.conversation is not None
    rules, shown_at = context.services.rules.acts, context.conversation.updated_at
    if not (
        rules.old_preview(shown_at, context.now)
        or rules.late(ActKind.RELEASE, context.done_at, context.now)
    ):
        return False
    since = await context.read(lambda c: late.changes(c, context, draft.areas, shown_at))
    note = preview_note(shown_at, context.now, context.language, zone=context.zone)
    await context.toast()
    context.preface = f"{note}\n{since}"
    await go_on(context, unfinished, new_message=True)
    return True


async def _chosen(
    context: Context, unfinished: UnfinishedDraft, action: ReleaseTap
) -> UnfinishedDraft:
    by_number = action.step is ReleaseStep.TEXT and action.value.isdecimal()
    if by_number and unfinished.level and unfinished.hazard:
        texts = await offered(context, unfinished.hazard, unfinished.level)
        return unfinished.with_offered(int(action.value), texts)
    if action.step is ReleaseStep.CHANGE and action.value == "signal":
        return unfinished.with_next_signal(issuing(context, unfinished))
    return unfinished.chosen(action.step, action.value)


async def _stop(context: Context) -> None:
    def unit(c: Connection) -> None:
        conversations.end(c, context.account)
        context.will_show(c, views.stopped(context.language))

    await context.write(unit)


async def go_on(
    context: Context, unfinished: UnfinishedDraft, *, new_message: bool = False, note: str = ""
) -> None:
    """Save the draft and ask for what is missing; when nothing is, show the preview.

    :param note: HTML that stands above it.
    """
    if unfinished.complete:
        unfinished = replace(unfinished, nonce=secrets.token_hex(4))
        try:
            screen, unfinished = await _preview(context, unfinished)
        except InvalidInput as error:
            # The next thing typed is another area.
            if error.code in (DraftProblem.NOBODY, DraftProblem.NOBODY_THERE):
                without = unfinished.without("area")
                await context.write(lambda c: save(c, context, without))
            raise
    else:
        screen = await _asked(context, unfinished)
    screen = line_views.with_note(note, screen)

    def unit(c: Connection) -> None:
        save(c, context, unfinished)
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)


async def _asked(context: Context, unfinished: UnfinishedDraft) -> Screen:
    """What is asked for next; of a name that several places bear, which of them."""
    if unfinished.unclear:
        named = await places_called(context, unfinished.unclear[0])
        if len(named) > 1:
            return which_place(context, unfinished, unfinished.unclear[0], named)
    if unfinished.level and unfinished.hazard and not unfinished.text:
        return _next(
            context, unfinished, await offered(context, unfinished.hazard, unfinished.level)
        )
    return _next(context, unfinished)


def _next(context: Context, unfinished: UnfinishedDraft, texts: Sequence[str] = ()) -> Screen:
    language = context.language
    if unfinished.level is None:
        return views.ask_level(language, unfinished.hazard)
    if unfinished.hazard is None:
        return views.ask_hazard(unfinished.level, language)
    if unfinished.unclear:
        name = unfinished.unclear[0]
        return which_area(unfinished, name, _find(context, name), language, in_line=True)
    if not unfinished.areas or unfinished.adding:
        return _ask_area(context, unfinished, "", 0)
    place = area_name(context.services, unfinished.areas)
    if not unfinished.text:
        return views.ask_text(unfinished.level, unfinished.hazard, language, place, texts)
    return views.ask_lead(unfinished.level, unfinished.hazard, language, place)


def _ask_area(context: Context, unfinished: UnfinishedDraft, code: str, page: int) -> Screen:
    person, gazetteer = context.known(), context.services.gazetteer
    if unfinished.level is None or unfinished.hazard is None:
        return _next(context, replace(unfinished, areas=()))
    return views.ask_area(
        context.language,
        menu_within(gazetteer, code, own=person.division_code),
        page=page,
        level=unfinished.level,
        hazard=unfinished.hazard,
        chosen=area_name(context.services, unfinished.areas),
        waters=unfinished.hazard.family is Family.FLOOD,
    )


async def _preview(context: Context, unfinished: UnfinishedDraft) -> tuple[Screen, UnfinishedDraft]:
    """The preview, and the draft with the warnings that the preview names."""
    person, rules, now = context.known(), context.services.rules.warnings, context.now
    draft, place = await draft_of(context, unfinished)
    check(draft, rules, draft.areas)
    counts = await context.read(lambda c: preview(c, draft, person, rules, context.now))
    seconds = context.time_to_finish(counts.reachable, counts.groups)

    def same_named(c: Connection) -> list[tuple[Alert, str]]:
        facts = context.facts(c)
        return [(alert, facts.area(alert)) for alert in same_in_force(c, draft, person, now)]

    same = await context.read(same_named)
    screen = views.preview(
        draft,
        counts,
        seconds,
        context.language,
        place,
        nonce=unfinished.nonce,
        same=same,
        where=area_paths(context.services, draft.areas),
        signalled=bool(issuing(context, unfinished)),
        drawn=await drawn_lines_of(context, unfinished),
        datum=datum_button(unfinished.drawn, context.language),
        only=await only_words(context, draft.places),
        places=not draft.hazard.response
        and await context.read(lambda c: place_store.any_within(c, draft.areas)),
        channels=await context.channel_times(draft),
        zone=context.zone,
    )
    return screen, replace(unfinished, same=_ids([alert for alert, _ in same]))
