"""What each department owes when a warning of some hazard and level is out. Pure.

The shape is that of the published mechanisms (八联, 洪涝联动): per hazard and level, which
departments of which tier, what each does, within how many minutes of the release.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.model import Alert, Draft, Hazard, Level
from contacts.divisions.codes import Tier, ancestors, contains, tier_of
from contacts.organisations import Organisation, organisation_of
from contacts.targeting import Departments

LONGEST_TITLE = 60
"""Characters of what is owed: a line on a phone (ours)."""

LONGEST_MEASURE = 300

LONGEST_KEY = 40
"""Characters of a file's name without its ending."""

MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Owed:
    """What one line of departments owes; ``minutes`` from the release, or from the rise."""

    organisation: Organisation
    tiers: frozenset[Tier]
    levels: frozenset[Level]
    title: str
    minutes: int
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One file: of these hazards. ``key`` is its name without the ending."""

    key: str
    name: str
    hazards: frozenset[Hazard]
    owed: tuple[Owed, ...]
    source: str = ""


Mechanisms = tuple[Mechanism, ...]


def owed_for(
    mechanisms: Mechanisms, hazard: Hazard, level: Level
) -> list[tuple[Mechanism, int, Owed]]:
    """What is owed for a warning, each with its mechanism and its place in it."""
    return [
        (mechanism, at, owed)
        for mechanism in mechanisms
        if hazard in mechanism.hazards
        for at, owed in enumerate(mechanism.owed)
        if level in owed.levels
    ]


def departments(mechanisms: Mechanisms, thing: Draft | Alert) -> tuple[Departments, ...]:
    """Which departments a warning calls: those of its areas, and of the tiers above them.

    One to single places calls none: it is for whoever answers for those.
    """
    if thing.places:
        return ()
    wanted: dict[Tier, set[Organisation]] = {}
    for _, _, owed in owed_for(mechanisms, thing.hazard, thing.level):
        for tier in owed.tiers:
            wanted.setdefault(tier, set()).add(owed.organisation)
    return tuple(
        Departments(tier, frozenset(wanted[tier]), tuple(sorted(above(thing.areas, tier))))
        for tier in Tier
        if tier in wanted
    )


def above(areas: Iterable[str], tier: Tier) -> set[str]:
    """The divisions of a tier in which these areas lie, themselves left out."""
    return {
        code
        for area in areas
        if tier_of(area).depth > tier.depth
        for code in ancestors(area)
        if tier_of(code) is tier
    }


def template_key(mechanism: Mechanism, at: int) -> str:
    """What a task that is owed bears as its template: it is made once for each department."""
    return f"{TEMPLATES}{mechanism.key}/{at}"


TEMPLATES = "mechanism/"
"""What the templates of such tasks begin with."""


def still_owed(
    mechanisms: Mechanisms, alert: Alert, template: str, division_code: str, place: str
) -> bool:
    """Whether a warning, as it is now, still asks this of the department at ``place``."""
    keys = {
        template_key(mechanism, at): owed
        for mechanism, at, owed in owed_for(mechanisms, alert.hazard, alert.level)
    }
    owed = keys.get(template)
    if owed is None or organisation_of(place) is not owed.organisation:
        return False
    tier = tier_of(division_code)
    inside = any(contains(area, division_code) for area in alert.areas)
    return tier in owed.tiers and (inside or division_code in above(alert.areas, tier))
