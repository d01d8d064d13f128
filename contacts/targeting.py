"""Who a warning is for: areas and roles made into code ranges that a store can select by. Pure.

Only the best rank present in each (division, role, place) is called; the rest are stand-ins, who
are called when the one before them stays silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contacts.divisions.codes import Tier, code_range
from contacts.organisations import Organisation
from contacts.people import OF_OFFICES, Person, Role

Range = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Circle:
    """Whom an audience takes of one tier: these roles, and whose title holds one of ``titles``.

    The title of a post is the roster's own word: 水利局局长.
    """

    tier: Tier
    roles: frozenset[Role]
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Departments:
    """Departments that an audience takes besides: of one tier, in its areas or above them.

    ``above``: the divisions of the tier in which areas lie.
    """

    tier: Tier
    organisations: frozenset[Organisation]
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """Roles within areas. ``ranges`` are inclusive, in order, and never overlap.

    ``hazard`` leaves out posts that answer for others only. ``places`` and ``kinds``, where any are
    given, leave only posts at these places, or at places of these kinds. ``besides``: places whose
    posts are called wherever they lie, in addition. ``circles``, where any are given, leave only
    posts that one of them takes. ``departments``: whose liaisons are called, in addition.
    """

    ranges: tuple[Range, ...]
    roles: frozenset[Role]
    hazard: str = ""
    places: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    besides: frozenset[str] = frozenset()
    circles: tuple[Circle, ...] = ()
    departments: tuple[Departments, ...] = ()

    @property
    def leaves_villages(self) -> bool:
        """Whether it is not for every village of its areas: for places, for tiers above, or for
        posts that no village has."""
        of_villages = self.roles
        if self.circles:
            asked = (one.roles for one in self.circles if one.tier is Tier.VILLAGE)
            of_villages = frozenset[Role]().union(*asked)
        return self.narrowed or of_villages <= OF_OFFICES

    @property
    def narrowed(self) -> bool:
        """Whether it is only for those who answer for places."""
        return bool(self.places or self.kinds)


def audience(
    areas: Iterable[str],
    roles: Iterable[Role],
    hazard: str = "",
    *,
    places: Iterable[str] = (),
    kinds: Iterable[str] = (),
    besides: Iterable[str] = (),
    circles: Iterable[Circle] = (),
) -> Audience:
    """The audience of division codes ``areas``; an area inside another counts once.

    :raises InvalidInput: when an area is no division code.
    """
    kept: list[Range] = []
    for low, high in sorted({code_range(area) for area in areas}):
        # Ranges of divisions nest or are apart: sorted by low end, only the last can hold the next.
        if kept and high <= kept[-1][1]:
            continue
        # An area with the same low end but a wider range cannot occur: the low end is the code.
        kept.append((low, high))
    return Audience(
        tuple(kept),
        frozenset(roles),
        hazard,
        frozenset(places),
        frozenset(kinds),
        frozenset(besides),
        tuple(circles),
    )


def covers(wanted: Audience, code: str) -> bool:
    """Whether division ``code`` lies in one of the audience's areas."""
    return any(low <= code <= high for low, high in wanted.ranges)


def stand_in_order(people: Iterable[Person]) -> list[Person]:
    """The order in which holders of one post are called: by rank, then as they were entered."""
    return sorted(people, key=lambda person: (person.rank, person.id))


def next_in_line(
    holders: Iterable[Person], rank: int, excluding: frozenset[int] = frozenset()
) -> list[Person]:
    """The persons of the next rank after ``rank`` among the ``holders`` of one post.

    Several persons may share a rank: all of them stand in. ``excluding`` are those called already.

    :param holders: each with that post in question.
    """
    later = [
        person
        for person in stand_in_order(holders)
        if person.active and person.rank > rank and person.id not in excluding
    ]
    return [person for person in later if person.rank == later[0].rank]
