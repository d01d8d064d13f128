"""A draft that says what a running warning says already becomes a change of that one."""

from __future__ import annotations

from functools import partial

from bot.actions.changes import DraftAsChange
from bot.compose.unfinished_change import of_draft
from bot.handlers import release_drafts
from bot.handlers.change_drafts import children_of
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.handlers.warning_changes import go_on, warning_of
from bot.views.warnings import changes as views
from bot.views.warnings import release_wizard as wizard_views


async def as_change(context: Context, action: DraftAsChange) -> None:
    """✏️ 改为变更已有的预警: level, areas and words of the draft, previewed as a change."""
    draft = release_drafts.unfinished_of(context)
    alert, _place = await warning_of(context, action.id)
    if draft is None or draft.level is None or not draft.areas or alert.hazard is not draft.hazard:
        await context.toast()
        await context.show(wizard_views.wizard_lost(context.language))
        return
    children = partial(children_of, context)
    change = of_draft(alert, draft.level, draft.areas, draft.text, children)
    await go_on(context, alert, change, note=views.same_warnings(alert.hazard, context.language))


TAPS: dict[type, TapHandler] = {DraftAsChange: as_change}
