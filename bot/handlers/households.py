"""Who was moved: ticked by household; the sums by place, the frail (/frail), the shelters."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts import report
from alerts.lookup import watched_alert, watched_alerts
from alerts.loop.evacuation import card_store, standing, ticking
from alerts.loop.evacuation.ticking import Ticked, TickProblem
from alerts.model import IN_FORCE, Alert
from bot.actions.households import (
    AllMoved,
    AllMovedAsk,
    EvacuationPlaces,
    FrailPage,
    HouseholdOptions,
    HouseholdPage,
    HouseholdPick,
    HouseholdTick,
    ShelterPage,
)
from bot.actions.named_places import PlaceCommand
from bot.handlers.context import Context
from bot.handlers.named_places import alert_number, place_named
from bot.handlers.replied import taps_of
from bot.handlers.routes import TapHandler, commands
from bot.messages.households import (
    all_moved_screen,
    frail_screen,
    household_screen,
    may_see_all,
    options_screen,
    places_screen,
    shelter_screen,
)
from bot.views.screen import Screen
from bot.views.warnings import evacuated
from bot.views.warnings.households import tick_toast
from contacts.access import Access
from contacts.divisions.codes import overlap
from contacts.people import Person
from data.database import Connection
from data.errors import NotAllowed, NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(frail=frail)


async def frail(context: Context) -> None:
    """/frail; /frail 大石头镇: of one place; /frail 12: of one warning."""
    person, named = await context.read(context.on_watch), context.after_command.strip()
    number = alert_number(named)
    if number is not None:
        await context.say(
            await context.read(
                lambda c: _frail_of(c, context, watched_alert(c, number, person), person, "", 0)
            )
        )
        return
    code = await place_named(context, PlaceCommand.FRAIL, named)
    if code is not None:
        await frail_of_place(context, code)


async def frail_of_place(context: Context, code: str) -> None:
    """The frail of the only warning in force that has evacuation cards, or which is meant.

    :param code: of the place that was named; empty: all that the reader looks after.
    """
    person = await context.read(context.on_watch)

    def look(c: Connection) -> Screen:
        alerts = [
            alert
            for alert in watched_alerts(c, person, *IN_FORCE)
            if (not code or overlap([code], alert.areas)) and standing.anything(c, alert)
        ]
        if len(alerts) == 1:
            return _frail_of(c, context, alerts[0], person, code, 0)
        facts = context.facts(c)
        found = [(alert, facts.area(alert)) for alert in alerts]
        return evacuated.which_frail(found, context.language)

    await context.say(await context.read(look))


def _frail_of(
    c: Connection, context: Context, alert: Alert, person: Person, division: str, page: int
) -> Screen:
    """The list, for those in charge.

    :raises NotAllowed: names are not theirs to read.
    """
    scope = report.scope_of(person.division_code, alert.areas, wanted=division)
    facts = context.facts(c)
    if not may_see_all(facts, person, alert, scope):
        raise NotAllowed(Access.NOT_OF_VILLAGE, alert=alert.id, division=scope)
    return frail_screen(facts, alert, person, scope, page)


async def frail_page(context: Context, action: FrailPage) -> None:
    """🧓 A page of the frail who are not moved yet."""
    person = await context.read(context.on_watch)

    def look(c: Connection) -> Screen:
        alert = watched_alert(c, action.alert_id, person)
        return _frail_of(c, context, alert, person, action.division, action.page)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def places(context: Context, action: EvacuationPlaces) -> None:
    """🏘 转移进度: how it stands in the divisions below."""
    person = await context.read(context.on_watch)

    def look(c: Connection) -> Screen:
        alert = watched_alert(c, action.alert_id, person)
        return places_screen(context.facts(c), alert, person, action.division, action.page)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def shelters(context: Context, action: ShelterPage) -> None:
    """🏫 安置点: how full they are."""
    person = await context.read(context.on_watch)

    def look(c: Connection) -> Screen:
        alert = watched_alert(c, action.alert_id, person)
        return shelter_screen(context.facts(c), alert, person, action.page)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def household_page(context: Context, action: HouseholdPage | HouseholdPick) -> None:
    """🏘 逐户登记: below the card or the picture it hangs on; its own pages are edits of it."""
    account, now = context.account, context.now

    def look(c: Connection) -> Screen:
        person, alert, card = ticking.permit(c, action.alert_id, action.card_id, account, now)
        picking = isinstance(action, HouseholdPick)
        facts = context.facts(c)
        return household_screen(facts, alert, card, person, action.page, picking=picking)

    screen = await context.read(look)
    await context.toast()
    if _of_list(context):
        await context.show(screen)
    else:
        await context.say(screen)


def _of_list(context: Context) -> bool:
    """Whether the button pressed is under a list of households, or under what leads back to it."""
    kinds = (HouseholdTick, HouseholdOptions, HouseholdPick, AllMoved)
    return any(isinstance(tap, kinds) for tap in taps_of(context.message))


async def household_options(context: Context, action: HouseholdOptions) -> None:
    """⋯ beside a household."""
    account, now = context.account, context.now

    def look(c: Connection) -> Screen:
        household = card_store.household(c, action.household_id)
        if household is None:
            raise NotFound(TickProblem.NO_HOUSEHOLD, household=action.household_id)
        _, alert, card = ticking.permit(c, action.alert_id, household.card_id, account, now)
        facts = context.facts(c)
        return options_screen(facts, alert, card, household, context.language, action.page)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def household_tick(context: Context, action: HouseholdTick) -> None:
    """A household stands so now: recorded, and the list shows it."""
    account, now, rules = context.account, context.now, context.services.rules.warnings

    def unit(c: Connection) -> tuple[Ticked, str]:
        done = ticking.tick(
            c,
            action.alert_id,
            action.household_id,
            account,
            action.state,
            rules,
            now,
            done_at=context.done_at,
        )
        return _shown(c, context, done, action.page)

    done, by = await context.write(unit)
    await context.toast(tick_toast(done, context.language, by=by, zone=context.zone))


async def tick_again(context: Context, action: HouseholdTick) -> None:
    """A tick that came too late: the list of its card, as it is now."""

    def card_of(c: Connection) -> int:
        household = card_store.household(c, action.household_id)
        if household is None:
            raise NotFound(TickProblem.NO_HOUSEHOLD, household=action.household_id)
        return household.card_id

    card_id = await context.read(card_of)
    await household_page(context, HouseholdPage(action.alert_id, card_id, action.page))


async def all_moved_ask(context: Context, action: AllMovedAsk) -> None:
    """全部已转: how many that is; is it so?"""
    account, now = context.account, context.now

    def look(c: Connection) -> Screen:
        person, alert, card = ticking.permit(c, action.alert_id, action.card_id, account, now)
        facts = context.facts(c)
        asked = all_moved_screen(facts, alert, card, context.language)
        return asked or household_screen(facts, alert, card, person)

    screen = await context.read(look)
    await context.toast()
    await context.show(screen)


async def all_moved(context: Context, action: AllMoved) -> None:
    """✅ 是，全部已转."""
    account, now, rules = context.account, context.now, context.services.rules.warnings

    def unit(c: Connection) -> tuple[Ticked, str]:
        done = ticking.tick_rest(
            c, action.alert_id, action.card_id, account, rules, now, done_at=context.done_at
        )
        return _shown(c, context, done, 0)

    done, by = await context.write(unit)
    await context.toast(tick_toast(done, context.language, by=by, zone=context.zone))


def _shown(c: Connection, context: Context, done: Ticked, page: int) -> tuple[Ticked, str]:
    """The list as it is now, in the place of what was tapped; and who had ticked before."""
    facts = context.facts(c)
    context.will_show(c, household_screen(facts, done.alert, done.card, done.person, page))
    return done, facts.by(None if done.before is None else done.before.by_id)


TAPS: dict[type, TapHandler] = {
    HouseholdPage: household_page,
    HouseholdPick: household_page,
    HouseholdTick: household_tick,
    HouseholdOptions: household_options,
    AllMovedAsk: all_moved_ask,
    AllMoved: all_moved,
    EvacuationPlaces: places,
    FrailPage: frail_page,
    ShelterPage: shelters,
}
