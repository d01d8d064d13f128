"""What was done long ago and arrives now is not done as if it were new: its person is asked again.

A tap or a text may wait at Telegram while the bot is out, or in the inbox after an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime

from alerts import alert_store, help_store
from alerts.acts import ActKind
from alerts.changes import changes_since
from alerts.model import Alert
from bot.actions.accounts import ApproveLink
from bot.actions.changes import LetExpire, RefuseTheChange
from bot.actions.codec import Action
from bot.actions.daily import RemarkSend
from bot.actions.distress import DistressClear, DistressCleared, DistressTake
from bot.actions.drafts import ProposalChange
from bot.actions.duty import (
    DutyFill,
    DutyHandOverNow,
    DutyStandIn,
    DutySwap,
    DutyTakeGap,
    DutyTakeOver,
)
from bot.actions.hotspots import HotspotAccept
from bot.actions.households import AllMoved, AllMovedAsk, HouseholdTick, ReturnNow
from bot.actions.roll_calls import RollCallDo, RollCallStart, RollCallTap
from bot.actions.stages import StageAct, StageTap
from bot.actions.tables import TableTake
from bot.actions.tasks import AssignTap, NewTaskStep, NewTaskTap, TaskAct, TaskTap
from bot.actions.templates import TemplateReset, TemplateRestore, TemplateSave
from bot.actions.warnings import (
    CancelAsk,
    CancelNow,
    CloseAsk,
    CloseNow,
    HelpResolve,
    HelpTake,
    LiftAsk,
    LiftNow,
    RefuseAlert,
    SendAnew,
)
from bot.handlers import ending, households, tasks
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
    if isinstance(action, RollCallTap) and action.do in (RollCallDo.AGAIN, RollCallDo.CLOSE):
        return ActKind.ORDER
    return KINDS.get(type(action))


async def asked_again(context: Context, action: Action) -> bool:
    """Whether the tap came too late to be done; its person was asked again then."""
    kind = kind_of(action)
    if kind is None or not is_late(context, kind):
        return False
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


def tap_note(context: Context, label: str) -> str:
    """That the button was pressed long ago (HTML)."""
    return views.tap_note(
        label, context.done_at, context.now, context.language, zone=context.services.zone
    )


def is_late(context: Context, kind: ActKind) -> bool:
    """Whether what was done is not to be done any more without asking."""
    return context.services.rules.acts.late(kind, context.done_at, context.now)


def words_note(context: Context, text: str) -> str:
    """That this was typed long ago (HTML)."""
    return views.words_note(
        text, context.done_at, context.now, context.language, zone=context.services.zone
    )


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
    return views.changes(found, places, context.language, zone=context.services.zone)


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


_QUESTIONS: Mapping[type, Callable[[Context, object], Awaitable[None]]] = {
    CancelNow: _ask_cancel,  # type: ignore[dict-item]
    LiftNow: _ask_lift,  # type: ignore[dict-item]
    CloseNow: _ask_close,  # type: ignore[dict-item]
    TaskTap: _show_task,  # type: ignore[dict-item]
    HouseholdTick: _show_households,  # type: ignore[dict-item]
    AllMoved: _ask_all_moved,  # type: ignore[dict-item]
}
"""Acts whose first question says how things stand; of the others the button is given again."""
