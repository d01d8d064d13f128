"""In whose name a warning goes out, and whose signal it passes on. Pure.

A headquarters orders; that it will rain is said by the weather service. So a warning is signed by
the headquarters of the sender's division, and quotes the service's signal with its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alerts.model import Family, Hazard
from contacts.divisions.codes import Tier, ancestors, contains, tier_of

SIGNALLED = frozenset(
    {Hazard.RAINSTORM, Hazard.TYPHOON, Hazard.THUNDERSTORM_GALE, Hazard.FOREST_FIRE_DANGER}
)
"""Hazards for which the weather service issues coloured signals."""


@dataclass(frozen=True, slots=True)
class Headquarters:
    """What the headquarters of a division and of those below it are called, by command.

    ``{place}`` in a name stands for the sender's division; an empty name is no headquarters.
    ``weather`` is what the weather service is called: empty where no signal is quoted.
    """

    division: str
    flood: str
    fire: str
    weather: str = ""


def headquarters_name(
    known: Sequence[Headquarters], division_code: str, family: Family, place: str
) -> str:
    """The name of the headquarters that a person of ``division_code`` speaks for.

    :param place: the name of that division.
    """
    nearest = _nearest(known, division_code)
    if nearest is None:
        return ""
    name = nearest.fire if family is Family.FIRE else nearest.flood
    return name.replace("{place}", place)


def weather_service(known: Sequence[Headquarters], division_code: str, place: str) -> str:
    """The name of a division's weather service: 敦化市气象台; empty when none is known.

    :param place: the name of that division.
    """
    nearest = _nearest(known, division_code)
    return "" if nearest is None else nearest.weather.replace("{place}", place)


def issuing_divisions(division_code: str, hazard: Hazard) -> tuple[str, ...]:
    """The divisions whose weather service may have issued the signal, the nearest first.

    None below the county, and none at all for a hazard that has no signal.
    """
    if hazard not in SIGNALLED:
        return ()
    upwards = (division_code, *ancestors(division_code))
    return tuple(code for code in upwards if tier_of(code).depth <= Tier.COUNTY.depth)


def nearest_service(
    known: Sequence[Headquarters], division_code: str, hazard: Hazard, name_of: Callable[[str], str]
) -> str:
    """The nearest weather service that issues signals for the hazard; empty when there is none.

    :param name_of: gives the name of a division.
    """
    codes = issuing_divisions(division_code, hazard)
    names = (weather_service(known, code, name_of(code)) for code in codes)
    return next(filter(None, names), "")


def _nearest(known: Sequence[Headquarters], division_code: str) -> Headquarters | None:
    above = [entry for entry in known if contains(entry.division, division_code)]
    return max(above, key=lambda entry: tier_of(entry.division).depth) if above else None
