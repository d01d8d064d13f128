"""Which bot speaks to whom: the one of the nearest division above, or of the division itself. Pure.

Somebody linked through another bot stays with that one: Telegram lets a bot write only to those who
started it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from contacts.divisions.codes import Tier, ancestors, tier_of


class Down(Enum):
    """Why a bot cannot speak."""

    REVOKED = "revoked"  # Telegram does not know its token any more
    HALTED = "halted"  # told to wait for longer than a ladder can


@dataclass(frozen=True, slots=True)
class Bot:
    """One bot: ``id`` is its Telegram user id, the public half of its token."""

    id: int
    division_code: str
    username: str = ""
    down: Down | None = None
    down_since: datetime | None = None


def nearest(code: str, serving: Mapping[str, Bot]) -> Bot | None:
    """The bot for a division: its own, or of the nearest above; ``None`` when nobody serves it."""
    return next((serving[each] for each in (code, *ancestors(code)) if each in serving), None)


def nearest_first(bots: Iterable[Bot]) -> list[Bot]:
    """In the order in which they take their people: counties before the province."""
    order = list(Tier)
    return sorted(bots, key=lambda bot: (-order.index(tier_of(bot.division_code)), bot.id))
