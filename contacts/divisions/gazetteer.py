"""Administrative divisions, and the gazetteer that finds one by code, name or path. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from contacts.divisions.codes import (
    CODE_LENGTH,
    SHORT_LENGTHS,
    Tier,
    ancestors,
    code_range,
    is_development_zone,
    valid_code,
)
from contacts.divisions.name_index import NameIndex
from contacts.divisions.spellings import pieces, plain, short_name, without_path
from data.simplified import simplified

# The longest written path in Jilin has 48 characters; a longer text is no place.
_LONGEST_TEXT = 80
_LONGEST_PATH = 50
_LONGEST_BARE = 5
_LAST_CHARACTERS = frozenset("省市州盟县旗区镇乡村道")


@dataclass(frozen=True, slots=True)
class Division:
    """One division. ``lon`` and ``lat`` (WGS-84 degrees) are a point somebody supplied, or None."""

    code: str
    name: str
    tier: Tier
    parent_code: str | None = None
    lon: float | None = None
    lat: float | None = None


class Found(Enum):
    """What came of looking for a place."""

    EXACT = "exact"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer: the division and its path without the province."""

    division: Division
    path: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result of a search.

    ``candidates`` holds the one place (EXACT), the first of ``total`` places, those in the
    reader's own division and then upper tiers first (AMBIGUOUS), or a few that look alike
    (UNKNOWN, where ``total`` is 0).
    """

    outcome: Found
    candidates: tuple[Candidate, ...] = ()
    total: int = 0

    @property
    def division(self) -> Division | None:
        """The place, when there is exactly one."""
        return self.candidates[0].division if self.outcome is Found.EXACT else None


class Gazetteer:
    """All divisions known to this installation, in memory; immutable once built.

    Kinship follows the codes, as targeting does: the parent of a division is its nearest ancestor
    by digits that is in the gazetteer. What searching needs is worked out at the first search: the
    first message after a restart needs a few names, and 13,000 cost a fifth of a second.
    """

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_code = {d.code: d for d in sorted(divisions, key=lambda d: d.code)}
        self._codes = list(self._by_code)
        self._above: dict[str, tuple[str, ...]] = {}  # known ancestors, nearest first, as asked

    def make_ready(self) -> None:
        """Work out what searching needs, while there is time."""
        _ = self._names

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[Division]:
        """Every division, by code."""
        return iter(self._by_code.values())

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def get(self, code: str) -> Division | None:
        """The division of exactly this 12-digit code."""
        return self._by_code.get(code)

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """The known divisions above ``code``, nearest first; ``code`` itself may be unknown."""
        above = self._above.get(code)
        if above is None:
            above = tuple(c for c in ancestors(code) if c in self._by_code)
            if code in self._by_code:  # what is made up, a stranger may send without end
                self._above[code] = above
        return tuple(self._by_code[c] for c in above)

    def parent(self, code: str) -> Division | None:
        """The nearest known division above ``code``."""
        return next(iter(self.ancestors(code)), None)

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions directly below ``code``, by code; empty for a village or unknown code."""
        return tuple(self._children.get(code, ()))

    def within(self, code: str, tier: Tier | None = None) -> Iterator[Division]:
        """``code`` itself and everything below it, by code; of one ``tier`` if given."""
        low, high = code_range(code)
        first, last = bisect_left(self._codes, low), bisect_right(self._codes, high)
        for found in self._codes[first:last]:
            division = self._by_code[found]
            if tier is None or division.tier is tier:
                yield division

    def name(self, code: str) -> str:
        """The short name people print (敦化市, 延边州, 太平村); the code when it is unknown."""
        division = self._by_code.get(code)
        return short_name(self._own_name(division)) if division else code

    def path(self, code: str, *, province: bool = False, separator: str = " ") -> str:
        """Short names from the top down: 延边州 敦化市 大石头镇. ``province`` adds 吉林省."""
        above = [d for d in reversed(self.ancestors(code)) if province or d.tier.above]
        return separator.join([*(self.name(d.code) for d in above), self.name(code)])

    def path_below(self, code: str, above: str) -> str:
        """Short names from below ``above`` down to ``code``: in 敦化市 大石头镇 红石村.

        For what does not lie below it, from the top down: ``path``.
        """
        if code == above:
            return self.name(code)
        if above not in ancestors(code):
            return self.path(code)
        between = [d.code for d in reversed(self.ancestors(code)) if above in ancestors(d.code)]
        return " ".join(self.name(each) for each in (*between, code))

    def find(
        self, text: str, *, within: str | None = None, limit: int = 8, careful: bool = False
    ) -> Resolution:
        """The place that a person meant by ``text``.

        :param text: a code (12 digits, or its first 2, 4, 6 or 9), a name, a name without its last
            word (敦化), or a path (敦化市大石头镇, 大石头镇/红石村); digits and spaces may be
            full-width, characters traditional.
        :param within: a division code; places inside it are preferred to those outside, which are
            still found when there is none inside.
        :param limit: the most candidates to return.
        :param careful: for an order: a short name that a county and a township elsewhere share
            (朝阳) is ambiguous; else it means the county.
        """
        words = pieces(simplified(text))
        joined = "".join(words)
        if not joined or len(joined) > _LONGEST_TEXT:
            return Resolution(Found.UNKNOWN)
        if joined.isascii() and joined.isdigit():
            return self._find_code(joined)
        codes = self._names.match(joined, within, careful=careful)
        if not codes:
            alike = self._names.alike(joined, within)
            return Resolution(Found.UNKNOWN, self._candidates(alike[: min(limit, 5)]))
        codes = self._literal(joined, codes)
        outcome = Found.EXACT if len(codes) == 1 else Found.AMBIGUOUS
        return Resolution(outcome, self._candidates(codes[:limit]), len(codes))

    def bears(self, text: str, *, within: str | None = None) -> bool:
        """Whether some division bears this name or this code of 6 digits or more."""
        word = plain(simplified(text))
        if not word or len(word) > _LONGEST_TEXT:
            return False
        if word.isascii() and word.isdigit():
            return len(word) > SHORT_LENGTHS[1] and self._find_code(word).total == 1
        return bool(self._names.match(word, within))

    def name_at_start(self, text: str, *, within: str | None = None, bare: bool = False) -> str:
        """The longest name of a place that ``text`` begins with: 敦化市 of 敦化市立即转移.

        :param bare: also a name without its last word, of a county or above: 敦化.
        """
        text = simplified(text)
        for length in range(min(len(text), _LONGEST_PATH), 2, -1):
            head = text[:length]
            if head[-1] in _LAST_CHARACTERS and self._names.match(plain(head), within):
                return head
        for length in range(min(len(text), _LONGEST_BARE) if bare else 0, 1, -1):
            codes = self._names.match(plain(text[:length]), within)
            if codes and self._by_code[codes[0]].tier.depth <= Tier.COUNTY.depth:
                return text[:length]
        return ""

    @cached_property
    def _children(self) -> dict[str, list[Division]]:
        found: dict[str, list[Division]] = {}
        for code, division in self._by_code.items():
            if above := self.ancestors(code):
                found.setdefault(above[0].code, []).append(division)
        return found

    @cached_property
    def _names(self) -> NameIndex:
        names = NameIndex()
        for code, division in self._by_code.items():
            if is_development_zone(code):
                names.add_zone(code, division.name, self._names_above(code))
            else:
                names.add(code, division.tier, self._own_name(division))
        return names

    def _find_code(self, digits: str) -> Resolution:
        if len(digits) in SHORT_LENGTHS:
            digits = digits.ljust(CODE_LENGTH, "0")
        if digits in self._by_code:
            return Resolution(Found.EXACT, self._candidates([digits]), 1)
        above = self.ancestors(digits) if valid_code(digits) else ()
        return Resolution(Found.UNKNOWN, self._candidates([d.code for d in above[:1]]))

    def _literal(self, text: str, codes: list[str]) -> list[str]:
        """Of several matches, those that bear the whole official name, if ``text`` ends in one."""
        if len(codes) < 2:
            return codes
        full = [
            code
            for code in codes
            if (name := plain(self._by_code[code].name)) != short_name(name) and text.endswith(name)
        ]
        return full or codes

    def _candidates(self, codes: Iterable[str]) -> tuple[Candidate, ...]:
        return tuple(Candidate(self._by_code[code], self.path(code)) for code in codes)

    def _names_above(self, code: str) -> list[str]:
        names: list[str] = []
        for division in reversed(self.ancestors(code)):
            names.append(without_path(division.name, names))
        return names

    def _own_name(self, division: Division) -> str:
        """The name without the path that some townships and villages carry in front of it."""
        if len(division.name) < 10 or not division.tier.depth > Tier.COUNTY.depth:
            return division.name
        return without_path(division.name, self._names_above(division.code))
