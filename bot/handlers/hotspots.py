"""Hotspots to be verified: the patroller's answers and verdicts, the officers' list, the draft."""

from __future__ import annotations

from typing import Any

from telegram.ext import BaseHandler

from alerts.model import Hazard, Level
from alerts.outbox.messages import MessageKind
from alerts.patrol.hotspots import store as hotspot_store
from alerts.patrol.hotspots.heat_sources import sources_for
from alerts.patrol.hotspots.model import Task, TaskProblem, Verdict
from alerts.patrol.hotspots.queueing import in_scope, tell
from alerts.patrol.hotspots.verdicts import (
    CHANGED_WITHIN,
    Verified,
    add_evidence,
    may_change,
    verify,
)
from alerts.patrol.hotspots.verification import accept, decline, may_verify
from alerts.sources.feed_store import feed_states
from alerts.templates import texts
from bot.actions.hotspots import (
    HotspotAccept,
    HotspotDecline,
    HotspotDraft,
    HotspotPicture,
    HotspotShow,
    HotspotVerdict,
)
from bot.compose.release_draft import UnfinishedDraft
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler, commands
from bot.messages.hotspots import may_draft, shown
from bot.views.patrol import hotspots as views
from bot.views.patrol.feeds import feed_lines
from bot.views.patrol.heat_sources import with_sources
from bot.views.patrol.hotspots import ShownTask
from bot.views.screen import Screen
from contacts.access import Access
from contacts.divisions.codes import code_range
from contacts.people import PATROLLING
from data.database import Connection
from data.errors import NotAllowed, NotFound


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(hotspots=hotspots)


async def hotspots(context: Context) -> None:
    """/hotspots: a patroller's own tasks; the open ones of the division for everybody else."""
    person = context.known()
    language, now, zone = context.language, context.now, context.services.zone

    def look(c: Connection) -> Screen:
        facts = context.facts(c)
        mine = hotspot_store.tasks_of(c, person.id)
        if mine or person.role in PATROLLING:
            rows = [shown(facts, task) for task in mine]
            return views.task_list(rows, len(rows), language, now, mine=True)
        low, high = code_range(person.division_code)
        total = sum(hotspot_store.count_open(c, low, high).values())
        rows = [shown(facts, task) for task in hotspot_store.open_tasks(c, low, high, views.LISTED)]
        place = facts.place(person.division_code)
        configured = [feed.name for feed in context.services.settings.feeds if feed.url]
        lines = feed_lines(feed_states(c), configured, now, language, zone=zone)
        listed = views.task_list(rows, total, language, now, place=place, feeds=lines)
        return with_sources(listed, len(sources_for(c, person)), language)

    await context.say(await context.read(look))


async def accepted(context: Context, action: HotspotAccept) -> None:
    """✅ 我去."""
    person, now, rules = (
        context.known(),
        context.now,
        context.services.rules.hotspots,
    )
    task = await context.write(lambda c: accept(c, action.id, person, now, rules))
    of = await context.read(lambda c: _shown(context, c, task))
    await context.toast()
    await context.show(views.task_accepted(of, context.language, zone=context.services.zone))


async def declined(context: Context, action: HotspotDecline) -> None:
    """❌ 去不了."""
    person, now, rules = (
        context.known(),
        context.now,
        context.services.rules.hotspots,
    )
    await context.write(lambda c: decline(c, action.id, person, now, rules))
    await context.toast()
    await context.show(views.task_declined(action.id, context.language))


async def judged(context: Context, action: HotspotVerdict) -> None:
    """One of the six verdicts."""
    person, now, rules = (
        context.known(),
        context.now,
        context.services.rules.hotspots,
    )

    def unit(c: Connection) -> Verified:
        return verify(c, action.id, person, action.verdict, now, rules)

    verified = await context.write(unit)
    await context.toast()
    await context.show(await _recorded(context, verified.task, learned=verified.learned))


async def show(context: Context, action: HotspotShow) -> None:
    """One task, as its viewer may act on it."""
    person, now, zone = context.known(), context.now, context.services.zone

    def look(c: Connection) -> Screen:
        task = _task(c, action.id)
        of = shown(context.facts(c), task, person)
        mine = task.accepted_by == person.id
        if mine and task.open:
            return views.task_accepted(of, context.language, zone=zone)
        asked = person.id in {one.person.id for one in of.asks}
        if not (mine or asked or in_scope(person, task)):
            raise NotAllowed(Access.OUTSIDE_DIVISION)
        if task.asked_id == person.id:
            away = next(one.away_m for one in of.asks if one.person.id == person.id)
            minutes = context.services.rules.hotspots.answer_minutes
            return views.task_asked(of, away, minutes, context.language, zone=zone)
        verdicts = may_change(task, person, now) or (task.open and may_verify(person, task).allowed)
        return views.task_card(
            of, context.language, verdicts=verdicts, draft=may_draft(person, task), zone=zone
        )

    screen = await context.read(look)
    await context.toast()
    await context.say(screen)


async def picture(context: Context, action: HotspotPicture) -> None:
    """🗺 地图: to those of the county, and to whoever was asked to go."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        task = _task(c, action.id)
        asked = {one.person.id for one in hotspot_store.asks(c, task.id)}
        if not (in_scope(person, task) or person.id in asked):
            raise NotAllowed(Access.OUTSIDE_DIVISION)
        tell(c, MessageKind.PICTURE, person, task, now, key=f"map:{task.id}")

    await context.write(unit)
    await context.toast()


async def draft(context: Context, action: HotspotDraft) -> None:
    """⚠️ 发布预警（已拟好）: the preview, which the commander confirms or changes."""
    person = context.known()

    def look(c: Connection) -> ShownTask:
        task = _task(c, action.id)
        if not in_scope(person, task):
            raise NotAllowed(Access.OUTSIDE_DIVISION)
        return _shown(context, c, task)

    of = await context.read(look)
    level = Level.RED if of.task.verdict is Verdict.FOREST_FIRE else Level.ORANGE
    text = views.draft_text(of, texts(Hazard.FOREST_FIRE, level)[0])
    unfinished = UnfinishedDraft(
        level, Hazard.FOREST_FIRE, (of.task.county_code,), text, lead_chosen=True
    )
    await release_wizard.prepared(context, unfinished)


async def evidence_came(context: Context) -> None:
    """After a position or a photo: bind it to the sender's task; say so when a verdict waited."""
    person, now, rules = (
        context.known(),
        context.now,
        context.services.rules.hotspots,
    )
    since = now - CHANGED_WITHIN
    if await context.read(lambda c: hotspot_store.accepted_by(c, person.id, since)):
        for task in await context.write(lambda c: add_evidence(c, person, now, rules)):
            await context.say(await _recorded(context, task))


TAPS: dict[type, TapHandler] = {
    HotspotAccept: accepted,
    HotspotDecline: declined,
    HotspotVerdict: judged,
    HotspotShow: show,
    HotspotDraft: draft,
    HotspotPicture: picture,
}


def _task(c: Connection, task_id: int) -> Task:
    task = hotspot_store.task(c, task_id)
    if task is None:
        raise NotFound(TaskProblem.UNKNOWN)
    return task


def _shown(context: Context, c: Connection, task: Task) -> ShownTask:
    return shown(context.facts(c), task)


async def _recorded(context: Context, task: Task, *, learned: bool = False) -> Screen:
    of = await context.read(lambda c: _shown(context, c, task))
    return views.verdict_recorded(of, context.language, learned=learned)
