"""The buttons by which an officer records what somebody reported over the telephone. Pure."""

from __future__ import annotations

from alerts.calls import Report
from bot.actions.codec import Action, Id, action
from bot.actions.warnings import Moved


@action("xa")
class ProxyReportAsk(Action):
    """📝 代报: what did they say? (``id``: the call)"""

    id: Id


@action("xr")
class ProxyReport(Action):
    """What they said."""

    call_id: Id
    report: Report


@action("xs")
class ProxyFiguresSure(Action):
    """✅ 没错: the figures that were asked about are what they said."""

    call_id: Id
    households: Moved | None = None
    persons: Moved | None = None
