"""The address at which somebody answers a call by browser: for whoever passes it on."""

from __future__ import annotations

from datetime import datetime

from alerts.calls import Call
from alerts.model import Alert
from bot.config.settings_channels import PageSettings
from contacts import answer_links, board_link_store
from contacts.answer_links import AnswerLink
from data.database import Connection


def page_link(
    connection: Connection, settings: PageSettings, call: Call, alert: Alert, now: datetime
) -> str:
    """The address at which the addressee of ``call`` answers it; there must be a page."""
    until = answer_links.good_until(alert.expires_at, now, settings.hours)
    link = AnswerLink(call.id, call.person_id, until)
    return f"{settings.url.rstrip('/')}/a/{answer_links.sign(link, link_key(connection, settings))}"


def link_key(connection: Connection, settings: PageSettings) -> bytes:
    """What links are signed with: the configured secret, else the database's own."""
    return answer_links.key_of(settings.secret.reveal() or board_link_store.secret(connection))
