"""The buttons of gauges. Pure."""

from __future__ import annotations

from typing import Annotated

from alerts.sources.gauges.model import Quantity
from bot.actions.codec import Action, Page, Text, action

Token = Annotated[str, Text("[0-9a-f]{10}", 10)]


@action("gc")
class GaugeCurve(Action):
    """📈: the curve of one quantity of a gauge (``token`` stands for its code)."""

    token: Token
    quantity: Quantity


@action("gl")
class GaugeList(Action):
    """A page of the gauges of one's division."""

    page: Page
