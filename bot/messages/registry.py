"""Every message and the function that says it: the topics put together."""

from __future__ import annotations

from alerts.outbox.messages import MessageKind
from bot.messages.accounts import ACCOUNTS
from bot.messages.calls import CALLS
from bot.messages.changes import CHANGES
from bot.messages.cut_off import CUT_OFF
from bot.messages.daily import DAILY
from bot.messages.distress import DISTRESS
from bot.messages.drafts import DRAFTS
from bot.messages.duty import DUTY
from bot.messages.endings import ENDINGS
from bot.messages.expiry import EXPIRY
from bot.messages.field_reports import FIELD_REPORTS
from bot.messages.hotspots import HOTSPOTS
from bot.messages.households import HOUSEHOLDS
from bot.messages.ledgers import LEDGERS
from bot.messages.news import NEWS_BY_HAND
from bot.messages.oversight import OVERSIGHT
from bot.messages.patrol_results import PATROL_RESULTS
from bot.messages.pictures import PICTURES
from bot.messages.posts import POSTS
from bot.messages.red_days import RED_DAYS
from bot.messages.releases import RELEASES
from bot.messages.replies import REPLIES
from bot.messages.roll_calls import ROLL_CALLS
from bot.messages.roster_checks import ROSTER_CHECKS
from bot.messages.shifts import SHIFTS
from bot.messages.silent_lists import SILENT_LISTS
from bot.messages.sky_pictures import SKY_PICTURES
from bot.messages.stages import STAGES
from bot.messages.tasks import TASKS
from bot.messages.topic import Renderer

RENDERERS: dict[MessageKind, Renderer] = {
    kind: renderer
    for topic in (
        ACCOUNTS,
        CALLS,
        CHANGES,
        CUT_OFF,
        DAILY,
        DISTRESS,
        DRAFTS,
        DUTY,
        ENDINGS,
        EXPIRY,
        FIELD_REPORTS,
        HOTSPOTS,
        HOUSEHOLDS,
        LEDGERS,
        NEWS_BY_HAND,
        OVERSIGHT,
        PATROL_RESULTS,
        PICTURES,
        POSTS,
        RED_DAYS,
        RELEASES,
        REPLIES,
        ROLL_CALLS,
        ROSTER_CHECKS,
        SHIFTS,
        SILENT_LISTS,
        SKY_PICTURES,
        STAGES,
        TASKS,
    )
    for kind, renderer in topic.renderers.items()
}
"""By kind; the bulk (``rendering.BULK``) is not among them."""
