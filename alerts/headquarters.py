"""In whose name a warning goes out: the headquarters of the sender's division. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.model import Family
from contacts.divisions.codes import contains, tier_of


@dataclass(frozen=True, slots=True)
class Headquarters:
    """What the headquarters of a division and of those below it are called, by command.

    ``{place}`` in a name stands for the sender's division; an empty name is no headquarters.
    """

    division: str
    flood: str
    fire: str


def headquarters_name(
    known: Sequence[Headquarters], division_code: str, family: Family, place: str
) -> str:
    """The name of the headquarters that a person of ``division_code`` speaks for.

    :param place: the name of that division.
    """
    above = [entry for entry in known if contains(entry.division, division_code)]
    if not above:
        return ""
    nearest = max(above, key=lambda entry: tier_of(entry.division).depth)
    name = nearest.fire if family is Family.FIRE else nearest.flood
    return name.replace("{place}", place)
