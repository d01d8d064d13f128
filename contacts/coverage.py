"""Which villages would hear nothing. Pure.

A village is covered when at least one active person of it can be reached by the bot. Only villages
of *counties in use* count, those with at least one person in the roster: a county that has not
begun is one line in a rollout plan, and not two hundred silent villages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from contacts.divisions.codes import Tier, county_of
from contacts.divisions.gazetteer import Division
from contacts.people import Contact


class GapReason(Enum):
    """Why nobody can be reached in a village; the nearest to being solved is told."""

    NOBODY = "nobody"  # nobody in the roster
    NOT_LINKED = "not_linked"  # somebody, but no link to Telegram
    UNREACHABLE = "unreachable"  # linked, but blocked, deactivated, never started


@dataclass(frozen=True, slots=True)
class Headcount:
    """The active persons of one division: how many, how many linked, how many reachable.

    ``lost`` says why those linked cannot be reached.
    """

    persons: int = 0
    linked: int = 0
    reachable: int = 0
    lost: frozenset[Contact] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap:
    """A village where nobody can be reached."""

    code: str
    name: str
    reason: GapReason
    lost: frozenset[Contact] = frozenset()  # where somebody is linked: why Telegram fails


@dataclass(frozen=True, slots=True)
class CountyCoverage:
    """The villages of one county in use, and how many are covered."""

    code: str
    villages: int
    covered: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The villages of all counties in use. ``gaps`` and ``counties`` are in order of code.

    ``counties_unused``: counties without anybody in the roster, left out of the other figures.
    """

    villages: int
    covered: int
    counties: tuple[CountyCoverage, ...]
    gaps: tuple[Gap, ...]
    counties_unused: int

    def of(self, reason: GapReason) -> int:
        """How many gaps have this reason."""
        return sum(gap.reason is reason for gap in self.gaps)

    @property
    def lost(self) -> frozenset[Contact]:
        """Why those linked cannot be reached, in any of the gaps."""
        return frozenset().union(*(gap.lost for gap in self.gaps))


def assess_coverage(divisions: Iterable[Division], headcounts: Mapping[str, Headcount]) -> Coverage:
    """Judge the villages among ``divisions``.

    :param headcounts: by division code; divisions without anybody may be left out.
    """
    used = {county_of(code) for code, count in headcounts.items() if count.persons} - {None}
    counties: set[str] = set()
    gaps: list[Gap] = []
    totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for division in sorted(divisions, key=lambda division: division.code):
        county = county_of(division.code)
        if county is None:
            continue
        counties.add(county)
        if division.tier is not Tier.VILLAGE or county not in used:
            continue
        count = headcounts.get(division.code, Headcount())
        totals[county][0] += 1
        if count.reachable:
            totals[county][1] += 1
        else:
            gaps.append(Gap(division.code, division.name, _reason(count), count.lost))
    rows = tuple(CountyCoverage(code, *both) for code, both in sorted(totals.items()))
    return Coverage(
        villages=sum(row.villages for row in rows),
        covered=sum(row.covered for row in rows),
        counties=rows,
        gaps=tuple(gaps),
        counties_unused=len(counties - used),
    )


def _reason(count: Headcount) -> GapReason:
    if count.linked:
        return GapReason.UNREACHABLE
    return GapReason.NOT_LINKED if count.persons else GapReason.NOBODY
