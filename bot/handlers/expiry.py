"""⌛ 不延长，到时自动到期: the answer to the question before a warning expires.

The other answers are those of any day: 延长 (``warning_changes``) and 解除 (``ending``).
"""

from __future__ import annotations

from alerts.expiry.asking import let_expire
from bot.actions.changes import LetExpire
from bot.handlers.context import Context
from bot.handlers.routes import TapHandler
from bot.messages.expiry import answered_screen
from data.database import Connection


async def let_it_expire(context: Context, action: LetExpire) -> None:
    """Nobody else is asked."""
    person, now = context.known(), context.now

    def unit(c: Connection) -> None:
        alert = let_expire(c, action.id, action.until, person, now)
        context.will_show(c, answered_screen(context.facts(c), alert, context.language))

    await context.write(unit)


TAPS: dict[type, TapHandler] = {LetExpire: let_it_expire}
