"""What the deliveries about patrollers say, by kind: each topic has its own module."""

from __future__ import annotations

from collections.abc import Callable

from alerts.outbox.deliveries import Delivery
from alerts.outbox.messages import MessageKind
from bot.messages.distress import DISTRESS_RENDERERS
from bot.messages.facts import Facts
from bot.messages.field_reports import FIELD_REPORT_RENDERERS
from bot.messages.pictures import PICTURE_RENDERERS
from bot.messages.red_days import RED_DAY_RENDERERS
from bot.messages.roll_calls import ROLL_CALL_RENDERERS
from bot.telegram.outgoing import Request

PATROL_RENDERERS: dict[MessageKind, Callable[[Facts, Delivery], Request | None]] = {
    **DISTRESS_RENDERERS,
    **FIELD_REPORT_RENDERERS,
    **RED_DAY_RENDERERS,
    **ROLL_CALL_RENDERERS,
    **PICTURE_RENDERERS,
}
