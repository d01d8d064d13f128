"""Warnings as other systems get them, by the API and by webhooks: the same words in both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.model import Alert
from bot.messages.facts import area_of
from bot.services.services import Services
from bot.views.vocabulary import headline
from data.audit import API, COMMAND_LINE
from data.database import Connection


def time(at: datetime | None) -> str | None:
    """A time in UTC, as ISO 8601 has it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def by_of(command_line: str | None) -> str | None:
    """Which system did it by the API; that the command line did; ``None``: in the chat.

    Who runs commands on which machine is nobody else's business.

    :param command_line: see ``audit.acting_user``.
    """
    if command_line is None:
        return None
    return command_line if command_line.startswith(f"{API}:") else COMMAND_LINE


def alert_json(connection: Connection, alert: Alert, services: Services) -> dict[str, Any]:
    """A warning; nothing of persons."""
    place = area_of(connection, services, alert)
    name = services.gazetteer
    return {
        "id": alert.id,
        "identifier": alert.identifier,
        "exercise": alert.exercise,
        "state": alert.state.value,
        "in_force": alert.in_force,
        "held": alert.held,
        "level": alert.level.value,
        "hazard": alert.hazard.value,
        "headline": headline(alert.level, alert.hazard, place, "zh"),
        "headline_en": headline(alert.level, alert.hazard, place, "en"),
        "text": alert.description,
        "areas": [{"code": code, "name": name.path(code) or code} for code in alert.areas],
        "places": list(alert.places),
        "signal": alert.issued_by,
        "lead_minutes": alert.lead_minutes,
        "by": by_of(alert.command_line),
        "created_at": time(alert.created_at),
        "released_at": time(alert.released_at),
        "expires_at": time(alert.expires_at),
        "lifted_at": time(alert.lifted_at),
        "cancelled_at": time(alert.cancelled_at),
        "closed_at": time(alert.closed_at),
        "archived_at": time(alert.archived_at),
        "version": alert.version,
        "changed_at": time(alert.changed_at),
    }
