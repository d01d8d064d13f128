"""What can be configured of calls for help and of copies of reports from the spot."""

from __future__ import annotations

from dataclasses import dataclass

from alerts.patrol.distress_calls import DistressRules
from bot.config_reader import setting


@dataclass(frozen=True, slots=True)
class Distress:
    """Seconds to undo; minutes between two rounds; which colleagues are asked."""

    confirm_seconds: float = setting(10.0, low=0, high=120)
    repeat_minutes: float = setting(2.0, low=0.1, high=60)
    colleagues: int = setting(3, low=0, high=20)
    colleague_minutes: float = setting(720.0, low=1, high=10_080)
    colleague_km: float = setting(50.0, low=0.1, high=500)


@dataclass(frozen=True, slots=True)
class Media:
    """Where pictures and videos are copied to; empty: they stay with Telegram."""

    directory: str = ""
    max_megabytes: float = setting(20.0, low=0.1, high=2000)


def distress_rules(distress: Distress) -> DistressRules:
    """The rules of calls for help, as the domain wants them."""
    return DistressRules(
        confirm_seconds=distress.confirm_seconds,
        repeat_minutes=distress.repeat_minutes,
        colleagues=distress.colleagues,
        colleague_minutes=distress.colleague_minutes,
        colleague_km=distress.colleague_km,
    )
