"""What can be configured of the watch over jiaoying itself."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.findings import OversightRules
from bot.config_reader import setting


@dataclass(frozen=True, slots=True)
class Watch:
    """What counts as too late, in seconds, and how often the duty officer hears of it."""

    audit_seconds: float = setting(30.0, low=1, high=45)
    late_seconds: float = setting(60.0, low=1, high=3600)
    queue_seconds: float = setting(60.0, low=1, high=3600)
    claimed_seconds: float = setting(600.0, low=10, high=86_400)
    inbox_seconds: float = setting(60.0, low=1, high=3600)
    repeat_minutes: float = setting(30.0, low=1, high=1440)


def oversight_rules(watch: Watch) -> OversightRules:
    """The rules of the auditor, as the domain wants them."""
    return OversightRules(
        late_seconds=watch.late_seconds,
        queue_seconds=watch.queue_seconds,
        claimed_seconds=watch.claimed_seconds,
        inbox_seconds=watch.inbox_seconds,
        repeat_minutes=watch.repeat_minutes,
    )
