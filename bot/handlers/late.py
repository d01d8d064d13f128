"""What was done long ago and arrives now is not done as if it were new: its person is asked again.

A tap or a text may wait at Telegram while the bot is out, or in the inbox after an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from telegram import Message

from alerts import alert_store, call_store, help_store
from alerts.acts import ActKind
from alerts.changes import changes_since
from alerts.model import Alert
from bot.actions.accounts import ApproveLink
from bot.actions.changes import LetExpire, RefuseTheChange
from bot.actions.codec import Action
from bot.actions.cut_off import AssignRunner, CutOffVillage, MarkVillage, Unmark
from bot.actions.daily import RemarkSend
from bot.actions.distress import DistressClear, DistressCleared, DistressTake
from bot.actions.drafts import ProposalChange, ProposalDismiss, ProposalShow
from bot.actions.duty import (
    DutyAnswer,
    DutyFill,
    DutyHandOverNow,
    DutyPass,
    DutyStandIn,
    DutySwap,
    DutyTakeGap,
    DutyTakeOver,
    DutyWithdraw,
    Reply,
)
from bot.actions.hotspots import HotspotAccept
from bot.actions.households import AllMoved, AllMovedAsk, HouseholdTick, ReturnAsk, ReturnNow
from bot.actions.roll_calls import RollCallDo, RollCallDraft, RollCallStart, RollCallTap
from bot.actions.roster_checks import RosterCheckPreview, RosterCheckStart
from bot.actions.stages import StageAct, StageTap
from bot.actions.tables import TableTake
from bot.actions.tasks import AssignTap, NewTaskStep, NewTaskTap, TaskAct, TaskTap
from bot.actions.templates import (
    ListSwitch,
    TemplateReset,
    TemplateRestore,
    TemplateSave,
    TemplateUse,
)
from bot.actions.test_calls import TestPreview, TestResults, TestStart, TestStop
from bot.actions.warnings import (
    CallOptions,
    CancelAsk,
    CancelNow,
    CloseAsk,
    CloseNow,
    DoubtAsk,
    DoubtNow,
    HelpResolve,
    HelpTake,
    LiftAsk,
    LiftNow,
    RefuseAlert,
    Ring,
    RingAboutReport,
    RingInstead,
    SendAnew,
)
from bot.handlers import (
    cut_off,
    drafts,
    duty,
    ending,
    households,
    returns,
    roll_calls,
    roster_checks,
    silent_list,
    tasks,
    test_calls,
    withdrawals,
)
from bot.handlers.context import Context
from bot.views import late as views
from bot.views.screen import Button, Inline, Screen
from bot.views.warnings.parts import plain_title
from data.database import Connection

TASK_KINDS: Mapping[TaskAct, ActKind] = {
    TaskAct.STRIKE: ActKind.END,
    TaskAct.GRANT: ActKind.END,
    TaskAct.REFUSE: ActKind.END,
    TaskAct.TAKE: ActKind.END,  # others would leave it to whoever has taken it
    TaskAct.WATCH: ActKind.ORDER,
    TaskAct.UNWATCH: ActKind.ORDER,
}

KINDS: Mapping[type, ActKind] = {
    SendAnew: ActKind.RELEASE,
    ProposalChange: ActKind.RELEASE,
    RefuseAlert: ActKind.END,
    RefuseTheChange: ActKind.END,
    LetExpire: ActKind.END,
    CancelNow: ActKind.END,
    LiftNow: ActKind.END,
    CloseNow: ActKind.END,
    DistressClear: ActKind.END,
    DistressCleared: ActKind.END,
    DistressTake: ActKind.END,  # the rounds would end, and perhaps nobody goes
    HelpTake: ActKind.END,  # others would leave it to whoever has taken it
    HelpResolve: ActKind.END,
    HotspotAccept: ActKind.END,
    ReturnNow: ActKind.RELEASE,
    RollCallStart: ActKind.ORDER,
    ApproveLink: ActKind.ORDER,
    TableTake: ActKind.ORDER,
    AssignTap: ActKind.ORDER,
    RemarkSend: ActKind.ORDER,
    TemplateSave: ActKind.ORDER,
    TemplateRestore: ActKind.ORDER,
    TemplateReset: ActKind.ORDER,
    DutySwap: ActKind.ORDER,
    DutyStandIn: ActKind.ORDER,
    DutyFill: ActKind.ORDER,
    DutyTakeGap: ActKind.ORDER,
    DutyTakeOver: ActKind.ORDER,
    DutyHandOverNow: ActKind.ORDER,
    DutyPass: ActKind.ORDER,
    DutyWithdraw: ActKind.END,  # who was asked may have arranged for it since
    TestStart: ActKind.ORDER,
    TestStop: ActKind.END,
    RosterCheckStart: ActKind.ORDER,
    AssignRunner: ActKind.ORDER,
    MarkVillage: ActKind.ORDER,  # it may have been reached since
    Unmark: ActKind.END,
    DoubtNow: ActKind.END,  # the answer would count no more
    ProposalDismiss: ActKind.END,  # what is proposed may be another by now
    ListSwitch: ActKind.ORDER,  # somebody may have switched it since
    TemplateUse: ActKind.ORDER,
    # Others would leave them to whoever rings them up.
    Ring: ActKind.END,
    RingInstead: ActKind.END,
    RingAboutReport: ActKind.END,
    # Facts; but the village has gone on counting since, and the list says how far.
    HouseholdTick: ActKind.OTHER,
    AllMoved: ActKind.OTHER,
}
"""What is asked about again; what only shows something, or tells a fact, is not among them."""

STAGE_KINDS: Mapping[StageAct, ActKind] = {
    StageAct.RELEASE: ActKind.RELEASE,
    StageAct.ALL_NOW: ActKind.RELEASE,
    StageAct.SELF: ActKind.RELEASE,  # the stages that are due would go out at once
    StageAct.CANCEL_NOW: ActKind.END,
    StageAct.SKIP: ActKind.END,
}


def kind_of(action: Action) -> ActKind | None:
    """What kind of act a button is that may come too late; ``None`` for any other."""
    if isinstance(action, StageTap):
        return STAGE_KINDS.get(action.act)
    if isinstance(action, TaskTap):
        return TASK_KINDS.get(action.act)
    if isinstance(action, NewTaskTap) and action.step is NewTaskStep.CONFIRM:
        return ActKind.ORDER
    if isinstance(action, DutyAnswer):  # a watch would be another's, or nobody's
        return ActKind.ORDER if action.reply is Reply.YES else ActKind.END
    if isinstance(action, RollCallTap) and action.do in (RollCallDo.AGAIN, RollCallDo.CLOSE):
        return ActKind.ORDER
    return KINDS.get(type(action))


async def asked_again(context: Context, action: Action) -> bool:
    """Whether the tap came too late to be done, or under a preview of long ago; its person was
    asked again then."""
    kind = kind_of(action)
    if kind is None:
        return False
    if not is_late(context, kind):
        return await _previewed_again(context, action)
    label = label_of(context, action)
    context.preface = tap_note(context, label)
    if isinstance(action, SendAnew | RefuseAlert | CancelNow | LiftNow | CloseNow):
        context.preface += "\n" + await context.read(
            lambda c: _changes_of(c, context, action.id, context.done_at)
        )
    ask = _QUESTIONS.get(type(action))
    if ask is not None:
        await ask(context, action)
        return True
    await context.toast()
    again = Inline(((Button(label, action.encode()),),))
    about = await context.read(lambda c: _title_of(c, context, action))
    await context.say(Screen(views.once_more(context.language, about), again))
    return True


async def _previewed_again(context: Context, action: Action) -> bool:
    """Whether the preview under which it was tapped is too old; it was shown anew then.

    Those of warnings remember themselves when they were shown: what is chosen there goes on.
    """
    preview = _PREVIEWS.get(type(action))
    query = context.incoming.callback_query
    message = None if query is None else query.message
    if preview is None or not isinstance(message, Message):
        return False
    shown_at = message.edit_date or message.date
    if not context.services.rules.acts.old_preview(shown_at, context.now):
        return False
    zone = context.zone
    context.preface = views.preview_note(shown_at, context.now, context.language, zone=zone)
    await preview(context, action)
    return True


def tap_note(context: Context, label: str) -> str:
    """That the button was pressed long ago (HTML)."""
    return views.tap_note(label, context.done_at, context.now, context.language, zone=context.zone)


def is_late(context: Context, kind: ActKind) -> bool:
    """Whether what was done is not to be done any more without asking."""
    return context.services.rules.acts.late(kind, context.done_at, context.now)


def words_note(context: Context, text: str) -> str:
    """That this was typed long ago (HTML)."""
    return views.words_note(text, context.done_at, context.now, context.language, zone=context.zone)


async def say_not_done(context: Context, text: str) -> None:
    """Words that ended or released something came too late."""
    note = words_note(context, text)
    again = views.do_it_again(context.language)
    await context.say(Screen(f"{note}\n{again}"))


def changes(c: Connection, context: Context, areas: Iterable[str], since: datetime) -> str:
    """What became of warnings of these areas since (HTML)."""
    return _named(c, context, changes_since(c, areas, since))


def _changes_of(c: Connection, context: Context, alert_id: int, since: datetime) -> str:
    alert = alert_store.alert(c, alert_id)
    return "" if alert is None else _named(c, context, changes_since(c, alert.areas, since))


def _title_of(c: Connection, context: Context, action: Action) -> str:
    """The title of the warning that a button was about, plain; empty: it was about none."""
    alert_id = None
    if isinstance(action, SendAnew | RefuseAlert):
        alert_id = action.id
    elif isinstance(action, MarkVillage):
        alert_id = action.alert_id
    elif isinstance(action, RingAboutReport):
        call = call_store.call(c, action.id)
        alert_id = None if call is None else call.alert_id
    elif isinstance(action, HelpTake | HelpResolve):
        request = help_store.request(c, action.id)
        alert_id = None if request is None else request.alert_id
    alert = None if alert_id is None else alert_store.alert(c, alert_id)
    if alert is None:
        return ""
    return plain_title(alert, context.facts(c).area(alert), context.language)


def _named(c: Connection, context: Context, found: list[Alert]) -> str:
    facts = context.facts(c)
    places = {alert.id: facts.area(alert) for alert in found}
    return views.changes(found, places, context.language, zone=context.zone)


def label_of(context: Context, action: Action) -> str:
    """What stood on the button that was pressed."""
    query = context.incoming.callback_query
    shown = None if query is None else query.message
    markup = getattr(shown, "reply_markup", None)
    for row in () if markup is None else markup.inline_keyboard:
        for button in row:
            if button.callback_data == action.encode():
                return str(button.text)
    return "✅"


async def _ask_cancel(context: Context, action: CancelNow) -> None:
    await ending.cancel_ask(context, CancelAsk(action.id))


async def _ask_lift(context: Context, action: LiftNow) -> None:
    await ending.lift_ask(context, LiftAsk(action.id))


async def _ask_close(context: Context, action: CloseNow) -> None:
    await ending.close_ask(context, CloseAsk(action.id))


async def _show_task(context: Context, action: TaskTap) -> None:
    """The task as it stands now, with its buttons."""
    await tasks.tapped(context, TaskTap(action.id, TaskAct.SHOW))


async def _show_households(context: Context, action: HouseholdTick) -> None:
    """The village's list as it stands now: what is still true is ticked there."""
    await households.tick_again(context, action)


async def _ask_all_moved(context: Context, action: AllMoved) -> None:
    await households.all_moved_ask(context, AllMovedAsk(action.alert_id, action.card_id))


async def _show_proposal(context: Context, action: ProposalDismiss) -> None:
    await drafts.show(context, ProposalShow(action.id))


async def _ask_doubt(context: Context, action: DoubtNow) -> None:
    await withdrawals.doubt_ask(context, DoubtAsk(action.call_id, action.answered))


async def _show_village(context: Context, action: AssignRunner | Unmark) -> None:
    cut_off_id = action.id if isinstance(action, Unmark) else action.cut_off
    await cut_off.village(context, CutOffVillage(cut_off_id))


async def _show_silent(context: Context, action: Ring | RingInstead) -> None:
    shown = CallOptions(action.id, action.page, action.division, action.only)
    await silent_list.call_options(context, shown)


async def _show_test(context: Context, action: TestStop) -> None:
    await test_calls.looked_at(context, TestResults(action.id))


async def _preview_test(context: Context, action: TestStart) -> None:
    await test_calls.previewed(context, TestPreview(action.code))


async def _preview_check(context: Context, action: RosterCheckStart) -> None:
    await roster_checks.previewed(context, RosterCheckPreview(action.code))


async def _preview_roll_call(context: Context, action: RollCallStart) -> None:
    await roll_calls.draft(context, RollCallDraft(action.code, action.whom, action.minutes))


async def _preview_return(context: Context, action: ReturnNow) -> None:
    await returns.return_ask(context, ReturnAsk(action.alert_id))


_PREVIEWS: Mapping[type, Callable[[Context, Any], Awaitable[None]]] = {
    TestStart: _preview_test,
    RosterCheckStart: _preview_check,
    RollCallStart: _preview_roll_call,
    ReturnNow: _preview_return,
}
"""What orders many to do something, from a preview: shown anew when that is old."""

_QUESTIONS: Mapping[type, Callable[[Context, Any], Awaitable[None]]] = {
    **_PREVIEWS,
    CancelNow: _ask_cancel,
    LiftNow: _ask_lift,
    CloseNow: _ask_close,
    TaskTap: _show_task,
    HouseholdTick: _show_households,
    AllMoved: _ask_all_moved,
    ProposalDismiss: _show_proposal,
    DoubtNow: _ask_doubt,
    AssignRunner: _show_village,
    Unmark: _show_village,
    Ring: _show_silent,
    RingInstead: _show_silent,
    TestStop: _show_test,
    DutyAnswer: duty.ask_again,
}
"""Acts whose first question says how things stand; of the others the button is given again."""
