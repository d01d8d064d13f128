"""Hotspots to be verified: the patroller's answers and verdicts, the officers' list, the draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from telegram.ext import BaseHandler

from alerts.model import Hazard
from alerts.patrol.hotspots.drafting import may_be_fire, may_draft, target_of, warning_level
from alerts.patrol.hotspots.heat_sources import count_for
from alerts.patrol.hotspots.looking import (
    Concern,
    look_at,
    task_in_division,
    tasks_for,
    want_map,
)
from alerts.patrol.hotspots.model import Task
from alerts.patrol.hotspots.verdicts import add_evidence, awaits_evidence, verify
from alerts.patrol.hotspots.verification import accept, decline
from alerts.preview import anybody_in
from alerts.sources.feed_store import feed_states
from bot.actions.hotspots import (
    HotspotAccept,
    HotspotDecline,
    HotspotDraft,
    HotspotPicture,
    HotspotShow,
    HotspotVerdictTap,
)
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.handlers.offered_texts import offered
from bot.handlers.routes import TapHandler, commands
from bot.messages.hotspots import shown
from bot.views.patrol import hotspots as views
from bot.views.patrol.feeds import feed_lines
from bot.views.patrol.heat_sources import with_sources
from bot.views.patrol.hotspots import ShownTask
from bot.views.screen import Screen
from contacts.people import PATROLLING
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(hotspots=hotspots)


async def hotspots(context: Context) -> None:
    """/hotspots: a patroller's own tasks; the open ones of the division for everybody else."""
    person = context.known()
    language, now, zone = context.language, context.now, context.zone

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        found = tasks_for(c, person, views.LISTED)
        rows = [shown(facts, task) for task in found.tasks]
        if found.own:
            return views.task_list(rows, found.total, language, now, mine=True)
        place = facts.place(person.division_code)
        configured = [feed.name for feed in context.services.settings.hotspot_feeds]
        lines = feed_lines(feed_states(c), configured, now, language, zone=zone)
        listed = views.task_list(rows, found.total, language, now, place=place, feeds=lines)
        return with_sources(listed, count_for(c, person), language)

    await context.say(await context.read(look))


async def accepted(context: Context, action: HotspotAccept) -> None:
    """✅ 我去."""
    person, now, rules = context.known(), context.now, context.services.rules.hotspots

    def unit(c: Connection) -> None:
        task = _shown(context, c, accept(c, action.id, person, now, rules))
        context.will_show(c, views.task_accepted(task, context.language, zone=context.zone))

    await context.write(unit)


async def declined(context: Context, action: HotspotDecline) -> None:
    """❌ 去不了."""
    person, now, rules = context.known(), context.now, context.services.rules.hotspots

    def unit(c: Connection) -> None:
        decline(c, action.id, person, now, rules)
        context.will_show(c, views.task_declined(action.id, context.language))

    await context.write(unit)


async def judged(context: Context, action: HotspotVerdictTap) -> None:
    """One of the six verdicts."""
    person, now, rules = context.known(), context.now, context.services.rules.hotspots

    def unit(c: Connection) -> None:
        verdict, done_at = action.verdict, context.done_at
        verified = verify(c, action.id, person, verdict, now, rules, done_at=done_at)
        context.will_show(c, _recorded(context, c, verified.task, learned=verified.learned))

    await context.write(unit)


async def show(context: Context, action: HotspotShow) -> None:
    """One task, as its viewer may act on it."""
    person, now, zone = context.known(), context.now, context.zone

    def look(c: Connection) -> Screen:
        look = look_at(c, action.id, person, now)
        task = shown(context.facts(c), look.task, person)
        match look.concern:
            case Concern.GOING:
                return views.task_accepted(task, context.language, zone=zone)
            case Concern.ASKED:
                assert look.away_m is not None
                minutes = context.services.rules.hotspots.answer_minutes
                return views.task_asked(task, look.away_m, minutes, context.language, zone=zone)
            case Concern.WATCHED:
                draft = may_draft(person, look.task)
                return views.task_card(
                    task,
                    context.language,
                    verdicts=look.verdicts,
                    draft=draft,
                    plain=person.role in PATROLLING,
                    zone=zone,
                )

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def picture(context: Context, action: HotspotPicture) -> None:
    """🗺 地图: to those of the county, and to whoever was asked to go."""
    person, now = context.known(), context.now

    await context.write(lambda c: want_map(c, action.id, person, now))
    await context.toast()


async def draft(context: Context, action: HotspotDraft) -> None:
    """⚠️ 发布预警（已拟好）: the preview, which the commander confirms or changes."""
    person = context.known()

    shown_task = await context.read(
        lambda c: _shown(context, c, task_in_division(c, action.id, person))
    )
    if not may_be_fire(shown_task.task):  # found out after the alarm
        await context.toast(views.no_fire(shown_task.task, context.language), alert=True)
        return
    task, level = shown_task.task, warning_level(shown_task.task)
    boundaries = context.services.boundaries
    drawn = boundaries.bounds(task.county_code) if boundaries.has(task.county_code) else None
    usual = (await offered(context, Hazard.FOREST_FIRE, level))[0]
    text = views.draft_text(shown_task, usual, drawn)
    near = UnfinishedDraft(level, Hazard.FOREST_FIRE, (target_of(task),), text, lead_chosen=True)
    rules = context.services.rules.warnings
    drafted = near.finished(context.services.gazetteer.name(near.areas[0]))
    if not await context.read(lambda c: anybody_in(c, drafted, person, rules)):
        near = replace(near, areas=(task.county_code,))  # nobody is registered there
    await release_wizard.prepared(context, near)


def evidence_came(c: Connection, context: Context) -> None:
    """After a position or a photo: bind it to the sender's task; say so when a verdict waited."""
    person, now, rules = context.known(), context.now, context.services.rules.hotspots
    if awaits_evidence(c, person, context.done_at):
        for task in add_evidence(c, person, now, rules, done_at=context.done_at):
            context.will_say(c, _recorded(context, c, task))


TAPS: dict[type, TapHandler] = {
    HotspotAccept: accepted,
    HotspotDecline: declined,
    HotspotVerdictTap: judged,
    HotspotShow: show,
    HotspotDraft: draft,
    HotspotPicture: picture,
}


def _shown(context: Context, c: Connection, task: Task) -> ShownTask:
    return shown(context.facts(c), task)


def _recorded(context: Context, c: Connection, task: Task, *, learned: bool = False) -> Screen:
    return views.verdict_recorded(_shown(context, c, task), context.language, learned=learned)
