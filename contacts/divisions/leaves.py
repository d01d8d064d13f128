"""The lowest divisions, the villages, with their positions, ready to be asked all at once. Pure.

Made once for a gazetteer: 60,000 villages are judged against a drawing in some milliseconds.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from contacts.divisions.codes import Tier, code_range, prefix_of, tier_of
from contacts.divisions.gazetteer import Division, Gazetteer

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Leaves:
    """The divisions below which there is none, by code; positions are NaN where none is known."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        found = _lowest(gazetteer)
        self.codes = [division.code for division in found]
        nowhere = math.nan
        self.lons = array("d", (nowhere if d.lon is None else d.lon for d in found))
        self.lats = array("d", (nowhere if d.lat is None else d.lat for d in found))
        self.at = {code: n for n, code in enumerate(self.codes)}
        above: dict[str, int] = {}
        self.parents = array("i")
        self.siblings: list[list[int]] = []
        for n, code in enumerate(self.codes):
            parent = gazetteer.parent(code)
            key = code if parent is None else parent.code
            if key not in above:
                above[key] = len(self.siblings)
                self.siblings.append([])
            self.parents.append(above[key])
            self.siblings[above[key]].append(n)
        self.parent_codes = list(above)
        self._sizes = array("i", map(len, self.siblings))
        self.without_position: dict[int, list[int]] = defaultdict(list)
        """The leaves without one, by the number of their parent."""
        for n, parent_number in enumerate(self.parents):
            if math.isnan(self.lons[n]):
                self.without_position[parent_number].append(n)
        self.unplaced_below: dict[str, list[int]] = defaultdict(list)
        """Which of ``without_position``, counted from 0, lie in a county, city or province: by the
        digits that stand for it."""
        for number, parent_number in enumerate(self.without_position):
            code = self.parent_codes[parent_number]
            for tier in (Tier.PROVINCE, Tier.CITY, Tier.COUNTY):
                self.unplaced_below[code[: tier.digits]].append(number)
        points = [self._point(self.parent_codes[parent]) for parent in self.without_position]
        self.points = array("d", (lon for lon, _ in points)), array("d", (lat for _, lat in points))
        """Lons and lats of the townships of these, in their order; NaN where none is known."""

    def _point(self, code: str) -> tuple[float, float]:
        """The own point of a township; of a larger division a point says little."""
        division = self.gazetteer.get(code)
        if (
            division is None
            or tier_of(code).depth < Tier.TOWNSHIP.depth
            or division.lon is None
            or division.lat is None
        ):
            return math.nan, math.nan
        return division.lon, division.lat

    def below(self, code: str) -> slice:
        """Where the leaves stand that are ``code`` or lie below it."""
        low, high = code_range(code)
        return slice(bisect_left(self.codes, low), bisect_right(self.codes, high))

    def chosen(self, codes: Iterable[str]) -> NDArray[Any]:
        """Yes or no for each leaf: whether it is one of these divisions or lies below one."""
        import numpy

        found: NDArray[Any] = numpy.zeros(len(self.codes), dtype=bool)
        for code in codes:
            found[self.below(code)] = True
        return found

    def folded(self, chosen: NDArray[Any], tops: Sequence[str] = ()) -> tuple[str, ...]:
        """The codes of the chosen leaves; where all below a division are, its own instead.

        :param chosen: yes or no for each leaf.
        :param tops: nothing above these divisions stands for what was chosen.
        """
        import numpy

        parents = numpy.frombuffer(self.parents, dtype=numpy.intc)
        counts = numpy.bincount(parents[chosen], minlength=len(self.siblings))
        full = counts == self._sizes
        whole = [int(number) for number in full.nonzero()[0] if counts[number]]
        whole = [number for number in whole if self._below(self.parent_codes[number], tops)]
        full[:] = False
        full[whole] = True
        codes = {self.codes[n] for n in (chosen & ~full[parents]).nonzero()[0]}
        waiting = {self.parent_codes[number] for number in whole}
        while waiting:  # a tier up each time
            codes |= waiting
            above = {parent.code for code in waiting if (parent := self.gazetteer.parent(code))}
            waiting = set()
            for code in above:
                children = [child.code for child in self.gazetteer.children(code)]
                if code not in codes and codes.issuperset(children) and self._below(code, tops):
                    codes.difference_update(children)
                    waiting.add(code)
        return tuple(sorted(codes))

    @staticmethod
    def _below(code: str, tops: Sequence[str]) -> bool:
        return not tops or any(code.startswith(prefix_of(top)) for top in tops)


def _lowest(gazetteer: Gazetteer) -> list[Division]:
    found: list[Division] = []
    last = ""
    for division in reversed(list(gazetteer)):
        # By code, what lies below a division follows right behind it.
        if tier_of(division.code) is Tier.VILLAGE or not last.startswith(prefix_of(division.code)):
            found.append(division)
        last = division.code
    found.reverse()
    return found


@lru_cache(2)  # the gazetteer in use, and the one that was just imported
def leaves_of(gazetteer: Gazetteer) -> Leaves:
    """The leaves of a gazetteer; made once, a moment for 60,000 villages."""
    return Leaves(gazetteer)
