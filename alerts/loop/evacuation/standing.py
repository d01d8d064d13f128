"""How a warning's evacuation stands, read from rows: targets, ticks and reported figures.

How these count, ``counting`` says.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.loop.evacuation import card_store, move_store, return_store
from alerts.loop.evacuation.counting import Evacuation, Figures, VillageCount, in_all, total
from alerts.model import Alert
from alerts.templates import MOVING, urgency
from contacts.divisions.codes import Tier, tier_of
from data.database import Connection


def village_counts(
    connection: Connection, alert: Alert, division: str = ""
) -> dict[str, VillageCount]:
    """The villages of a warning that have a card, or of which anything was told, by code.

    What was reported for more than a village counts for its own division.

    :param division: only what lies in it; empty: all of the warning.
    """
    targets = move_store.targets_in(connection, alert, division)
    ticked = move_store.sums_in(connection, alert.id, division)
    said = move_store.said_in(connection, alert.id, division)
    found = {}
    for code in sorted(targets.keys() | ticked.keys() | said.keys()):
        ticks, beside = ticked.get(code, (None, None))
        # Where there are ticks, the calls hold their sum.
        told = beside if ticks is not None and ticks.any else said.get(code)
        found[code] = VillageCount(code, targets.get(code, Figures()), told, ticks)
    return found


def village_count(connection: Connection, alert: Alert, division_code: str) -> VillageCount:
    """How one village stands."""
    found = village_counts(connection, alert, division_code)
    return found.get(division_code) or VillageCount(division_code)


def evacuation_of(connection: Connection, alert: Alert, division: str = "") -> Evacuation:
    """The sums of a warning, or of a division's part of it."""
    if not anything(connection, alert):
        return Evacuation()
    return total(village_counts(connection, alert, division).values())


def anything(connection: Connection, alert: Alert) -> bool:
    """Whether there is anything to count: where there are no cards, nothing more is asked.

    A warning that moves nobody, as a blue one, counts once anybody was moved in it.
    """
    if not card_store.any_in(connection, alert.areas):
        return False
    if urgency(alert.level, alert.lead_minutes) in MOVING:
        return True
    return bool(
        move_store.last_move(connection, alert.id) or move_store.said_in(connection, alert.id)
    )


def still_away(connection: Connection, alert: Alert) -> Figures:
    """Who was moved in a warning that is over, and has not been called home (返回)."""
    if alert.in_force or alert.hazard.homeward or not anything(connection, alert):
        return Figures()
    home = return_store.called_home(connection, alert.id)
    found = village_counts(connection, alert)
    return total(village for code, village in found.items() if code not in home).moved


def evacuation_in_all(connection: Connection, alerts: Sequence[Alert]) -> Evacuation:
    """The sums of several warnings, each village once."""
    with_cards = [alert for alert in alerts if anything(connection, alert)]
    return total(in_all(village_counts(connection, alert) for alert in with_cards))


def beyond_target(
    connection: Connection, alert: Alert, division_code: str, households: int | None
) -> Figures | None:
    """Who is to move in a village, where more households than that are said to have been moved.

    ``None``: no card says otherwise.
    """
    if not households or tier_of(division_code) is not Tier.VILLAGE:
        return None
    if not card_store.any_in(connection, [division_code]):
        return None
    target = village_count(connection, alert, division_code).target
    return target if target.any and households > target.households else None
