"""How old the roster of each division is: when a list, or its persons, last confirmed it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from contacts.coverage import HeldPost, Holder
from contacts.divisions.codes import CODE_LENGTH, Tier, tier_of

SEASON_DAYS = 90
"""A roster that nobody confirmed for so long is said to be old (ours): it changes with seasons."""


class RosterDate(NamedTuple):
    """When the roster of a division was confirmed: by lists, by its persons.

    Of a division and all below it, or, above the tier asked for, of its own offices only.
    ``oldest``: of the person confirmed longest ago; ``old``: persons not confirmed for a season;
    ``undated``: persons of whom no list and no word is known.
    """

    code: str
    persons: int
    oldest: datetime | None
    newest: datetime | None
    old: int
    undated: int


def roster_dates(posts: Iterable[HeldPost], tier: Tier, now: datetime) -> tuple[RosterDate, ...]:
    """By division of that tier, in order of code; who is above it by their own division."""
    holders: defaultdict[str, dict[int, Holder]] = defaultdict(dict)
    for post in posts:
        code = post.division_code
        if tier_of(code).depth >= tier.depth:
            code = code[: tier.digits].ljust(CODE_LENGTH, "0")
        holders[code][post.holder.id] = post.holder
    since = now - timedelta(days=SEASON_DAYS)
    found = []
    for code, there in sorted(holders.items()):
        dates = [holder.named_at for holder in there.values() if holder.named_at is not None]
        old = sum(at < since for at in dates)
        oldest, newest = min(dates, default=None), max(dates, default=None)
        found.append(RosterDate(code, len(there), oldest, newest, old, len(there) - len(dates)))
    return tuple(found)
