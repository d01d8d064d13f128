"""Which divisions and places lie in a shape: of villages and places by their position, else by
their division.

What lies in it and has no position, or lies in it and is not the commander's, is counted and named
and never lost silently.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from contacts.divisions.codes import Tier, ancestors, contains, prefix_of, tier_of
from contacts.divisions.gazetteer import Gazetteer
from contacts.divisions.leaves import Leaves, leaves_of
from contacts.people import COMMANDING, Person
from contacts.place_store import places_in_box
from contacts.places import Place
from data.database import Connection
from data.geo.shape_cover import Cover, Overlap
from data.geo.shapes import Shape

if TYPE_CHECKING:
    from data.geo.boundaries import Boundaries

HALF = 0.5
"""A division without positions is taken whole when so much of it lies in the shape (ours)."""

_BEYOND = 0.02  # of the shape: less is the coarseness of drawn borders


class Land(Protocol):
    """The divisions and their boundaries: ``bot.services.geography.Geography``."""

    @property
    def gazetteer(self) -> Gazetteer:
        """All divisions by code and name."""

    @property
    def boundaries(self) -> Boundaries:
        """The boundaries that are drawn, WGS-84."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What lies in a shape.

    ``areas``: codes of divisions, a whole township or county by its own code. ``besides``: codes of
    places in the shape whose division is not wholly in ``areas``: who answers for them is called
    besides (``Draft.besides``; they do not narrow the warning as ``Draft.places`` do).
    """

    areas: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    villages: int = 0  # villages (lowest divisions) in ``areas``
    unplaced: int = 0  # of these, without a position: taken because of where their division lies
    left_out: int = 0  # villages without a position that may lie in it, and were not taken
    left_out_of: tuple[str, ...] = ()  # the divisions these belong to
    elsewhere: tuple[str, ...] = ()  # in the shape, but not below ``within``: left out
    beyond: bool = False  # part of the shape lies outside ``within``, or outside all that is drawn

    @property
    def outside(self) -> bool:
        """Whether something of the shape lies outside and was left out."""
        return self.beyond or bool(self.elsewhere)

    @property
    def empty(self) -> bool:
        """Whether there is nobody to warn in it."""
        return not (self.areas or self.besides)


Within = str | tuple[str, ...]
"""The division that somebody commands, or several; empty: everything."""


def tops_of(within: Within) -> tuple[str, ...]:
    """The divisions that ``within`` says."""
    return ((within,) if within else ()) if isinstance(within, str) else within


def lies_within(code: str, within: Within) -> bool:
    """Whether a division is one of these, or lies in one."""
    tops = tops_of(within)
    return not tops or any(contains(top, code) for top in tops)


def all_commanded(person: Person) -> tuple[str, ...]:
    """Every division that ``person`` commands; their own where they command none."""
    codes = [post.division_code for post in person.posts if post.role in COMMANDING]
    return tuple(dict.fromkeys(codes)) or (person.division_code,)


def commanded(person: Person) -> str:
    """The widest division that ``person`` commands; their own where they command none."""
    codes = [post.division_code for post in person.posts if post.role in COMMANDING]
    return min(codes, key=lambda code: tier_of(code).depth, default=person.division_code)


def resolve(connection: Connection, land: Land, shape: Shape, within: Within = "") -> Resolved:
    """The divisions and places in ``shape``.

    :param within: what the commander commands (``all_commanded``): what lies elsewhere is left out
        and named.
    :raises InvalidInput: with a ``ShapeProblem``: the shape has no area.
    """
    places = PlacesOnMap(places_in_box(connection, shape.box))
    return covered(land, Cover(shape), places, within)


class PlacesOnMap:
    """Places that have a position, ready to be asked by one drawing after another."""

    def __init__(self, places: Iterable[Place]) -> None:
        import numpy

        known = [(p, p.lon, p.lat) for p in places if p.lon is not None and p.lat is not None]
        self._places = [place for place, _, _ in known]
        self._lons = numpy.array([lon for _, lon, _ in known])
        self._lats = numpy.array([lat for _, _, lat in known])

    def inside(self, cover: Cover) -> list[Place]:
        """Those that lie in a shape."""
        if not self._places:
            return []
        return [self._places[n] for n in cover.contains(self._lons, self._lats).nonzero()[0]]


def covered(land: Land, cover: Cover, places: PlacesOnMap, within: Within = "") -> Resolved:
    """As ``resolve``, with the places that may lie in the shape. Pure."""
    leaves = leaves_of(land.gazetteer)
    overlap = cover.overlap(land.boundaries)
    chosen = cover.contains(leaves.lons, leaves.lats)
    inside = places.inside(cover)
    chosen[[leaves.at[p.division_code] for p in inside if p.division_code in leaves.at]] = True
    taken, left = _without_position(leaves, cover, overlap, chosen)
    chosen[taken] = True
    own, elsewhere = _parted(leaves, chosen, within)
    areas = leaves.folded(own, tops_of(within))
    left = [n for n in left if lies_within(leaves.codes[n], within)]
    beyond = overlap.beyond(
        tops_of(within), lambda code: lies_within(code, within) and _finest(land, code)
    )
    return Resolved(
        areas,
        tuple(place.code for place in inside if _besides(place, areas, within)),
        int(own.sum()),
        int(own[taken].sum()),
        len(left),
        tuple(sorted({_county(land.gazetteer, leaves.codes[n]) for n in left})),
        leaves.folded(elsewhere) if elsewhere.any() else (),
        beyond > _BEYOND,
    )


def _parted(leaves: Leaves, chosen: Any, within: Within) -> tuple[Any, Any]:
    """Those chosen below ``within``, and those chosen elsewhere."""
    tops = tops_of(within)
    theirs = leaves.chosen(tops) if tops else chosen
    return chosen & theirs, chosen & ~theirs


def _besides(place: Place, areas: Iterable[str], within: Within) -> bool:
    code = place.division_code
    return lies_within(code, within) and not any(contains(area, code) for area in areas)


def _finest(land: Land, code: str) -> bool:
    """Whether nothing below ``code`` is drawn."""
    return code not in _drawn_above(land.boundaries)


@lru_cache(2)  # the boundaries in use, and those that were just imported
def _drawn_above(boundaries: Boundaries) -> frozenset[str]:
    """The divisions below which others are drawn."""
    return frozenset(above for code in boundaries.codes for above in ancestors(code))


def _without_position(
    leaves: Leaves, cover: Cover, overlap: Overlap, chosen: Any
) -> tuple[list[int], list[int]]:
    """Villages without a position: those taken by their division, and those left out.

    One is taken with its own boundary; with its township's point, or a village of its township that
    lies in the shape; or with half of the nearest division that is drawn.
    """
    import numpy

    taken: list[int] = []
    left: list[int] = []
    touched = {prefix_of(code)[: Tier.COUNTY.digits] for code in overlap.touched}
    parents = list(leaves.without_position)
    lons, lats = leaves.points
    whole = cover.contains(lons, lats)
    beside = numpy.zeros(len(leaves.siblings), dtype=bool)
    beside[numpy.frombuffer(leaves.parents, dtype=numpy.intc)[chosen]] = True
    whole |= beside[parents]
    met = {number for prefix in touched for number in leaves.unplaced_below.get(prefix, ())}
    for number in sorted(met.union(whole.nonzero()[0].tolist())):
        parent = parents[number]
        those = leaves.without_position[parent]
        if whole[number]:
            taken += those
        else:
            pointed = not math.isnan(lons[number])
            known = pointed or len(leaves.siblings[parent]) > len(those)
            for n in those:
                own = leaves.codes[n]
                nearest = _nearest_drawn(overlap, own)
                if known and nearest != own and overlap.at_most(nearest) < HALF:
                    continue
                share = overlap.share(nearest)
                if share >= HALF or (nearest == own and share > 0):
                    taken.append(n)
                elif share > 0 and not known:
                    left.append(n)
    return [n for n in taken if not chosen[n]], left


def _nearest_drawn(overlap: Overlap, code: str) -> str:
    """The nearest division around ``code``, itself included, that the shape meets; or none."""
    return next((c for c in (code, *ancestors(code)) if c in overlap.touched), "")


def _county(gazetteer: Gazetteer, code: str) -> str:
    """The county of a village; the village itself where it has none."""
    found = next((d for d in gazetteer.ancestors(code) if d.tier is Tier.COUNTY), None)
    return code if found is None else found.code
