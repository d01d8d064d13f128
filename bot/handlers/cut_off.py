"""Villages that are cut off (三断): the list, who goes there, and the runner's word."""

from __future__ import annotations

from alerts import conversation_store as conversations
from alerts.conversation_store import ConversationTopic
from alerts.cut_off import errands, finding
from alerts.cut_off.errands import ErrandResult
from alerts.lookup import watched_alert
from bot.actions.cut_off import (
    AssignRunner,
    CutOffPage,
    CutOffVillage,
    ErrandArrived,
    ErrandDeclined,
    ErrandFailed,
    ErrandGoing,
    FindRunner,
    MarkAsk,
    MarkVillage,
    Unmark,
)
from bot.handlers.context import Context
from bot.handlers.roster import looked_up
from bot.handlers.routes import TapHandler
from bot.messages.cut_off import contact, errand_screen, list_screen, one_village
from bot.views.warnings import cut_off as views
from contacts.divisions.codes import Tier, overlap
from data.database import Connection

MOST_FOUND = 6
"""Persons shown of those found by name (ours)."""


async def page(context: Context, action: CutOffPage) -> None:
    """🚧 三断: the list as it is now."""
    officer = await context.read(context.on_watch)
    screen = await context.read(
        lambda c: list_screen(context.facts(c), watched_alert(c, action.id, officer), officer)
    )
    await context.toast()
    await context.show(screen)


async def village(context: Context, action: CutOffVillage) -> None:
    """One of the villages."""
    await context.write(lambda c: _show_village(c, context, action.id))
    await context.toast()


async def assign(context: Context, action: AssignRunner) -> None:
    """🏃 派……去: one tap."""
    account, now, rules = context.account, context.now, context.services.rules.cut_off

    def unit(c: Connection) -> ErrandResult:
        done = errands.assign(c, action.cut_off, account, action.person, rules, now)
        _show_village(c, context, action.cut_off)
        return done

    done = await context.write(unit)
    await context.toast(
        views.assigned_toast(
            done.outcome, done.runner.name, context.language, by_telegram=done.runner.reachable
        ),
        alert=not done.runner.reachable,
    )


async def find_runner(context: Context, action: FindRunner) -> None:
    """🔎: who goes?"""
    account, now = context.account, context.now

    def unit(c: Connection) -> None:
        _, alert, cut_off = finding.permit(c, action.id, account, now)
        conversations.put(c, account, ConversationTopic.RUNNER, {"cut_off": cut_off.id}, now)
        facts = context.facts(c)
        place = facts.place(cut_off.division_code)
        context.will_say(c, views.ask_runner(alert, place, context.language, facts.area(alert)))

    await context.write(unit)
    await context.toast()


async def runner_told(context: Context, text: str) -> None:
    """The name that was asked for: who was found in the handbook, a button each."""
    account, now, wanted = context.account, context.now, text.strip()
    cut_off_id, gazetteer = context.asked["cut_off"], context.services.gazetteer

    def unit(c: Connection) -> None:
        officer, alert, cut_off = finding.permit(c, cut_off_id, account, now)
        conversations.end(c, account)
        facts = context.facts(c)
        goers = [
            views.Goer(
                contact(facts, officer, person),
                facts.place_in(person.division_code, officer.division_code),
            )
            for person in looked_up(c, officer, wanted, gazetteer, now)[:MOST_FOUND]
        ]
        place = facts.area(alert)
        context.will_say(
            c, views.runners_found(alert, cut_off, wanted, goers, context.language, place)
        )

    await context.write(unit)


async def mark_ask(context: Context, action: MarkAsk) -> None:
    """➕ 标记三断: which village?"""
    officer, account, now = await context.read(context.on_watch), context.account, context.now

    def unit(c: Connection) -> None:
        alert = watched_alert(c, action.id, officer)
        conversations.put(c, account, ConversationTopic.CUT_OFF, {"alert": alert.id}, now)
        place = context.facts(c).area(alert)
        context.will_say(c, views.ask_village(alert, context.language, place))

    await context.write(unit)
    await context.toast()


async def village_told(context: Context, text: str) -> None:
    """The village that was asked for: marked where it can only mean one."""
    officer, account, wanted = (
        await context.read(context.on_watch), context.account, text.strip(),
    )  # fmt: skip
    alert_id, gazetteer = context.asked["alert"], context.services.gazetteer

    def unit(c: Connection) -> None:
        alert = watched_alert(c, alert_id, officer)
        conversations.end(c, account)
        found = gazetteer.find(wanted, within=officer.division_code, careful=True)
        meant = [
            (candidate.division.code, candidate.path)
            for candidate in found.candidates
            if candidate.division.tier is Tier.VILLAGE
            and overlap([candidate.division.code], alert.areas)
        ]
        facts = context.facts(c)
        if found.division is not None and len(meant) == 1:
            done = finding.mark(c, alert.id, account, meant[0][0], context.now)
            note = (
                "" if done.cut_off is None else views.marked_toast(done.outcome, officer.language)
            )
            context.will_say(c, list_screen(facts, alert, officer, note))
            return
        place = facts.area(alert)
        context.will_say(c, views.which_village(alert, wanted, meant, context.language, place))

    await context.write(unit)


async def mark_village(context: Context, action: MarkVillage) -> None:
    """This village of several."""
    account, now = context.account, context.now

    def unit(c: Connection) -> finding.CutOffResult:
        done = finding.mark(c, action.alert_id, account, action.division, now)
        officer = context.on_watch(c)
        context.will_show(c, list_screen(context.facts(c), done.alert, officer))
        return done

    done = await context.write(unit)
    await context.toast(views.marked_toast(done.outcome, context.language))


async def unmark(context: Context, action: Unmark) -> None:
    """☑️ 不是三断."""
    account, now = context.account, context.now

    def unit(c: Connection) -> finding.CutOffResult:
        done = finding.unmark(c, action.id, account, now)
        officer = context.on_watch(c)
        context.will_show(c, list_screen(context.facts(c), done.alert, officer))
        return done

    done = await context.write(unit)
    await context.toast(views.marked_toast(done.outcome, context.language))


async def errand_going(context: Context, action: ErrandGoing) -> None:
    """🏃 我去."""
    await _answer(context, action.id, going=True)


async def errand_declined(context: Context, action: ErrandDeclined) -> None:
    """✖️ 去不了."""
    await _answer(context, action.id, going=False)


async def errand_arrived(context: Context, action: ErrandArrived) -> None:
    """✅ 已到，人已通知."""
    await _report(context, action.id, arrived=True)


async def errand_failed(context: Context, action: ErrandFailed) -> None:
    """✖️ 到不了."""
    await _report(context, action.id, arrived=False)


TAPS: dict[type, TapHandler] = {
    CutOffPage: page,
    CutOffVillage: village,
    AssignRunner: assign,
    FindRunner: find_runner,
    MarkAsk: mark_ask,
    MarkVillage: mark_village,
    Unmark: unmark,
    ErrandGoing: errand_going,
    ErrandDeclined: errand_declined,
    ErrandArrived: errand_arrived,
    ErrandFailed: errand_failed,
}


async def _answer(context: Context, errand_id: int, *, going: bool) -> None:
    account, now, rules = context.account, context.now, context.services.rules.cut_off

    def unit(c: Connection) -> ErrandResult:
        done = errands.answer(c, errand_id, account, going, rules, now, done_at=context.done_at)
        _show_errand(c, context, done)
        return done

    await _toast(context, await context.write(unit))


async def _report(context: Context, errand_id: int, *, arrived: bool) -> None:
    account, now = context.account, context.now

    def unit(c: Connection) -> ErrandResult:
        done = errands.report(c, errand_id, account, arrived, now, done_at=context.done_at)
        _show_errand(c, context, done)
        return done

    await _toast(context, await context.write(unit))


async def _toast(context: Context, done: ErrandResult) -> None:
    state = None if done.errand is None else done.errand.state
    await context.toast(views.errand_toast(done.outcome, state, context.language))


def _show_errand(c: Connection, context: Context, done: ErrandResult) -> None:
    """To the runner the errand as it stands; to an officer, who spoke for them, the village."""
    facts = context.facts(c)
    if done.errand is None or context.known().id != done.runner.id:
        officer = context.on_watch(c)
        if done.cut_off.open and done.errand is not None and done.errand.open:
            context.will_show(c, one_village(facts, done.alert, officer, done.cut_off))
        else:
            context.will_show(c, list_screen(facts, done.alert, officer))
        return
    context.will_show(c, errand_screen(facts, done.alert, done.errand, context.language))


def _show_village(c: Connection, context: Context, cut_off_id: int) -> None:
    officer, alert, cut_off = finding.permit(c, cut_off_id, context.account, context.now)
    facts = context.facts(c)
    if not cut_off.open or not alert.in_force:
        context.will_show(c, list_screen(facts, alert, officer))
        return
    context.will_show(c, one_village(facts, alert, officer, cut_off))
