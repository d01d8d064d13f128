"""Warnings planned in stages: made, shown, moved, released, cancelled."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram.ext import BaseHandler

from alerts import conversation_store as conversations
from alerts.acts import ActKind
from alerts.conversation_store import ConversationTopic
from alerts.drafts.model import draft_as_json, draft_from_json
from alerts.model import Draft
from alerts.stages import planning
from alerts.stages.plan import StoredPlan
from bot.actions.stages import PlanStep, PlanTap, StageAct, StageTap
from bot.compose.onset import find_onset, parse_onset
from bot.compose.release_draft import UnfinishedDraft
from bot.compose.release_line import parse_release_line
from bot.handlers import release_wizard
from bot.handlers.context import Context
from bot.handlers.offered_texts import offered
from bot.handlers.release_drafts import draft_line, draft_of, unfinished_of
from bot.handlers.routes import TapHandler, commands
from bot.messages.facts import area_name
from bot.messages.stages import persons_at, question, shown
from bot.views.late import preview_note
from bot.views.screen import Screen
from bot.views.warnings import stages as views
from bot.views.warnings.release_line import line_notes
from contacts.access import may_open_board, may_release, require
from data.database import Connection


def handlers() -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return commands(stages=stages)


async def stages(context: Context) -> None:
    """/stages: the plans that run; /stages 橙 暴雨 敦化市 明天14时 …: a new one."""
    words = context.after_command.strip()
    if not words:
        person = context.known()
        require(may_open_board(person), division=person.division_code)
        await context.say(await context.read(lambda c: _list(c, context)))
        return
    await _from_line(context, words)


async def planning_step(context: Context, action: PlanTap) -> None:
    """A button while a plan is being made, or moved."""
    context.commander()
    if action.step is PlanStep.START:
        await _begin(context)
        return
    state = _state(context)
    if action.step is PlanStep.STOP:
        await _leave(context, views.plan_stopped(context.language))
    elif state is None:
        await context.toast()
        await context.show(views.plan_lost(context.language))
    elif action.step is PlanStep.ONSET:
        hours = int(action.value) if action.value.isdecimal() else 0
        onset = context.now + timedelta(hours=hours) if hours else None
        await _with_onset(context, {**state, "onset": None}, onset)
    elif action.step is PlanStep.SELF:
        await _preview(context, {**state, "by_itself": action.value == "1"})
    else:
        await _confirm(context, state, action.value)


async def typed(context: Context, text: str) -> None:
    """When the danger is expected, in words."""
    state = _state(context)
    if state is None:
        await context.say(views.plan_lost(context.language))
        return
    onset = parse_onset(text, context.done_at, context.services.zone)
    if onset is None:
        await context.say(views.onset_unclear(text, context.language))
        return
    await _with_onset(context, state, onset, new_message=True)


async def with_plan(context: Context, action: StageTap) -> None:
    """A button of a plan, or of the question before one of its stages."""
    person, now, rules = context.known(), context.now, context.services.rules.warnings
    plan_id, lead = action.plan_id, action.lead or 0
    if action.act is StageAct.MOVE:
        await _ask_move(context, plan_id)
        return

    def unit(c: Connection) -> None:
        stored = planning.known_plan(c, plan_id, person)
        if action.act is StageAct.RELEASE:
            stored = planning.release_stage(c, plan_id, lead, person, rules, now)
        elif action.act is StageAct.ALL_NOW:
            stored = planning.release_stage(c, plan_id, planning.EVERYTHING, person, rules, now)
        elif action.act is StageAct.SKIP:
            stored = planning.skip(c, plan_id, lead, person, now)
        elif action.act in (StageAct.SELF, StageAct.ASK):
            itself = action.act is StageAct.SELF
            stored = planning.choose(c, plan_id, person, now, by_itself=itself)
        elif action.act is StageAct.CANCEL_NOW:
            stored = planning.cancel(c, plan_id, person, now)
        context.will_show(c, _screen(c, context, stored, action.act, lead))

    await context.write(unit)
    await context.toast()


TAPS: dict[type, TapHandler] = {PlanTap: planning_step, StageTap: with_plan}


def _screen(
    c: Connection, context: Context, stored: StoredPlan, act: StageAct, lead: int = 0
) -> Screen:
    facts, language = context.facts(c), context.language
    about = shown(facts, stored, context.person)
    stage = stored.plan.stage(lead)
    if stored.running and act is StageAct.LOOK and stage is not None and stage.open:
        return question(facts, stored, stage, context.person, language)
    if stored.running and act is StageAct.CANCEL:
        return views.ask_cancel_plan(about, language)
    if stored.running and act is StageAct.ALL:
        return views.ask_everything(about, persons_at(facts, stored, planning.EVERYTHING), language)
    return views.plan_screen(about, language, context.zone)


def _list(c: Connection, context: Context) -> Screen:
    facts, person = context.facts(c), context.known()
    found = [shown(facts, stored, person) for stored in planning.running_plans(c, person)]
    return views.plan_list(found, context.language, context.zone)


def _state(context: Context) -> dict[str, Any] | None:
    conversation = context.conversation
    if conversation is None or conversation.topic is not ConversationTopic.STAGES:
        return None
    return dict(conversation.state)


async def _begin(context: Context) -> None:
    """From the wizard's question for the lead time."""
    unfinished = unfinished_of(context)
    if unfinished is None or not (unfinished.level and unfinished.areas and unfinished.text):
        await context.toast()
        await context.show(views.plan_lost(context.language))
        return
    draft, _place = await draft_of(context, unfinished)
    line = draft_line(unfinished, context.language)
    await context.toast()
    await _with_onset(context, _new_state(draft, line), None)


def _new_state(draft: Draft, line: str) -> dict[str, Any]:
    return {"draft": draft_as_json(draft), "line": line, "onset": None, "by_itself": False}


async def _from_line(context: Context, words: str) -> None:
    person, language, services = context.commander(), context.language, context.services
    found = find_onset(words, context.done_at, services.zone)
    onset, rest = found if found is not None else (None, words)
    said = parse_release_line(rest, services.gazetteer, within=person.division_code)
    if said.level is None or said.hazard is None or said.unclear is not None or not said.areas:
        # What is open is asked for by the wizard, whose question for the time leads here.
        unclear = () if said.unclear is None else (said.unclear[0], *said.also_unclear)
        unfinished = UnfinishedDraft(
            said.level, said.hazard, said.areas, said.text, unclear=unclear
        )
        note = line_notes(said.strange, language)
        await release_wizard.prepared(context, unfinished, note=note)
        return
    require(may_release(person, said.areas), areas=said.areas)
    unfinished = UnfinishedDraft(
        said.level,
        said.hazard,
        said.areas,
        said.text or (await offered(context, said.hazard, said.level))[0],
        exercise=said.exercise,
        places=said.places,
    )
    draft, _place = await draft_of(context, unfinished)
    state = _new_state(draft, draft_line(unfinished, language))
    await _with_onset(context, state, onset, new_message=True)


async def _with_onset(
    context: Context,
    state: Mapping[str, Any],
    onset: datetime | None,
    *,
    new_message: bool = False,
) -> None:
    """Ask when it is expected; when that is known, show the plan, or move it."""
    if onset is not None and state.get("move"):
        await _move(context, int(state["move"]), onset, new_message=new_message)
    elif onset is not None:
        at = onset.replace(second=0, microsecond=0).timestamp()
        await _preview(context, {**state, "onset": at}, new_message=new_message)
    else:
        screen = views.ask_onset(state.get("line", ""), context.language)
        await _keep(context, state, screen, new_message=new_message, hears=True)


async def _preview(
    context: Context, state: Mapping[str, Any], *, new_message: bool = False
) -> None:
    person, rules, now = context.known(), context.services.rules.warnings, context.now
    draft = draft_from_json(state["draft"])
    onset = datetime.fromtimestamp(state["onset"], UTC)
    by_itself, nonce = bool(state["by_itself"]), secrets.token_hex(4)
    plan = planning.made(draft, onset, rules, now, by_itself)
    found = await context.read(lambda c: planning.previewed(c, draft, plan, person, rules))
    screen = views.plan_preview(
        draft,
        onset,
        found,
        area_name(context.services, draft.areas),
        context.language,
        nonce=nonce,
        by_itself=by_itself,
        now=now,
        zone=context.zone,
    )
    kept = {**state, "nonce": nonce}
    await _keep(context, kept, screen, new_message=new_message, hears=False)


async def _confirm(context: Context, state: Mapping[str, Any], nonce: str) -> None:
    """✅ 确认计划: kept once, however often it is pressed."""
    person, rules, now = context.known(), context.services.rules.warnings, context.now
    account, language = context.account, context.language
    if not state.get("onset") or state.get("nonce") != nonce:
        await context.toast()
        await context.show(views.plan_lost(language))
        return
    if await _look_again(context, state):
        return
    draft = draft_from_json(state["draft"])
    onset = datetime.fromtimestamp(state["onset"], UTC)

    def unit(c: Connection) -> None:
        still = conversations.get(c, account, now)
        if still is None or still.state.get("nonce") != nonce:
            context.will_show(c, views.plan_lost(language))
            return
        conversations.end(c, account)
        plan_id = planning.plan_stages(
            c, draft, onset, person, rules, now, by_itself=bool(state["by_itself"])
        )
        context.will_show(
            c,
            _screen(c, context, planning.known_plan(c, plan_id, person), StageAct.SHOW),
        )

    await context.write(unit)


async def _look_again(context: Context, state: Mapping[str, Any]) -> bool:
    """Whether the preview was too old to be confirmed, or the tap came too late: then anew.

    The stages that are due would go out at once.
    """
    assert context.conversation is not None
    rules, shown_at = context.services.rules.acts, context.conversation.updated_at
    late = rules.late(ActKind.RELEASE, context.done_at, context.now)
    if not (late or rules.old_preview(shown_at, context.now)):
        return False
    zone = context.zone
    context.preface = preview_note(shown_at, context.now, context.language, zone=zone)
    await context.toast()
    await _preview(context, state, new_message=True)
    return True


async def _ask_move(context: Context, plan_id: int) -> None:
    person = context.commander()
    stored = await context.read(lambda c: planning.known_plan(c, plan_id, person))
    if not stored.running:
        await context.toast()
        await context.show(await context.read(lambda c: _screen(c, context, stored, StageAct.SHOW)))
        return
    await context.toast()
    await _with_onset(context, {"move": plan_id, "line": ""}, None, new_message=True)


async def _move(
    context: Context, plan_id: int, onset: datetime, *, new_message: bool = False
) -> None:
    person, now, account = context.known(), context.now, context.account
    at = onset.replace(second=0, microsecond=0)

    def unit(c: Connection) -> None:
        stored = planning.move(c, plan_id, at, person, context.services.rules.warnings, now)
        conversations.end(c, account)
        screen = _screen(c, context, stored, StageAct.SHOW)
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)


async def _leave(context: Context, screen: Screen) -> None:
    def unit(c: Connection) -> None:
        conversations.end(c, context.account)
        context.will_show(c, screen)

    await context.write(unit)


async def _keep(
    context: Context,
    state: Mapping[str, Any],
    screen: Screen,
    *,
    new_message: bool,
    hears: bool,
) -> None:
    def unit(c: Connection) -> None:
        conversations.put(
            c, context.account, ConversationTopic.STAGES, dict(state), context.now, hears=hears
        )
        (context.will_say if new_message else context.will_show)(c, screen)

    await context.write(unit)
