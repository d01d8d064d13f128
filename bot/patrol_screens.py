"""What the deliveries about patrollers say, by kind: each topic has its own module."""

from __future__ import annotations

from collections.abc import Callable

from alerts.deliveries import Delivery, Kind
from bot.distress_screens import DISTRESS_RENDERERS
from bot.facts import Facts
from bot.field_report_screens import FIELD_REPORT_RENDERERS
from bot.picture_screens import PICTURE_RENDERERS
from bot.red_day_screens import RED_DAY_RENDERERS
from bot.roll_call_screens import ROLL_CALL_RENDERERS
from bot.telegram.outgoing import Request

PATROL_RENDERERS: dict[Kind, Callable[[Facts, Delivery], Request | None]] = {
    **DISTRESS_RENDERERS,
    **FIELD_REPORT_RENDERERS,
    **RED_DAY_RENDERERS,
    **ROLL_CALL_RENDERERS,
    **PICTURE_RENDERERS,
}
