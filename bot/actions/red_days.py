"""The buttons under the orders and the zero report of a red danger day. Pure."""

from __future__ import annotations

from alerts.patrol.red_days.model import AskAnswer
from bot.actions.codec import Action, Id, action


@action("ra")
class RedDayAnswer(Action):
    """收到, 无火情 or 有火情 (``id``: what was asked)."""

    id: Id
    answer: AskAnswer
