"""The 12-digit division code: its tier, what lies above it, the range of all that lies below. Pure.

Codes are those of the National Bureau of Statistics: province 2 digits, city 2, county 2,
township 3, village 3, padded with zeros to the right. Everything here follows from the digits
alone; whether a division of that code exists is the gazetteer's knowledge.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from functools import lru_cache

from data.errors import InvalidInput

CODE_LENGTH = 12


class Tier(Enum):
    """The five tiers; the value is the word of the divisions file."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def digits(self) -> int:
        """How many leading digits of the code belong to this tier."""
        return _DIGITS[self]

    @property
    def depth(self) -> int:
        """0 for the province to 4 for the village."""
        return _TIERS.index(self)

    @property
    def above(self) -> Tier | None:
        """The next tier up; None above the province."""
        return _TIERS[self.depth - 1] if self.depth else None

    @property
    def below(self) -> Tier | None:
        """The next tier down; None below the village."""
        return _TIERS[self.depth + 1] if self.depth < len(_TIERS) - 1 else None


_TIERS = tuple(Tier)
_DIGITS = dict(zip(_TIERS, (2, 4, 6, 9, 12), strict=True))
SHORT_LENGTHS = (2, 4, 6, 9)

# GB/T 2260: the first two digits of every province.
_PROVINCES = frozenset(
    str(number)
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 82),
    )
    for number in range(first, last + 1)
)


class CodeValidity(Enum):
    """Whether a text is a division code, and if not, why. Only ``OK`` is true."""

    OK = "ok"
    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    WRONG_LENGTH = "wrong_length"
    NO_SUCH_PROVINCE = "no_such_province"

    def __bool__(self) -> bool:
        return self is CodeValidity.OK


def valid_code(text: str) -> CodeValidity:
    """Whether ``text`` is a full 12-digit code. It need not belong to a known division."""
    if not text:
        return CodeValidity.EMPTY
    if not (text.isascii() and text.isdigit()):
        return CodeValidity.NOT_DIGITS
    if len(text) != CODE_LENGTH:
        return CodeValidity.WRONG_LENGTH
    if text[:2] not in _PROVINCES:
        return CodeValidity.NO_SUCH_PROVINCE
    return CodeValidity.OK


@lru_cache(20_000)  # a province has 13,000
def tier_of(code: str) -> Tier:
    """The tier of a 12-digit ``code``, from where its zeros begin.

    :raises InvalidInput: with a ``CodeValidity``: ``code`` is none.
    """
    validity = valid_code(code)
    if validity is not CodeValidity.OK:
        raise InvalidInput(validity, text=code[:40])
    if code[9:] != "000":
        return Tier.VILLAGE
    if code[6:9] != "000":
        return Tier.TOWNSHIP
    if code[4:6] != "00":
        return Tier.COUNTY
    return Tier.CITY if code[2:4] != "00" else Tier.PROVINCE


def prefix_of(code: str) -> str:
    """The digits that ``code`` shares with everything below it (22 for the province)."""
    return code[: tier_of(code).digits]


LAST_CODE = "9" * CODE_LENGTH
"""No code comes after it. Digits sort alike in every database; of signs as ~ each locale of
PostgreSQL thinks otherwise, and most put them before the digits."""

EVERYWHERE = ("", LAST_CODE)
"""As ``code_range``, of all divisions."""


def code_range(code: str) -> tuple[str, str]:
    """``(low, high)``: ``low <= x <= high`` selects the division and all below it."""
    prefix = prefix_of(code)
    return code, prefix.ljust(CODE_LENGTH, "9")


def contains(ancestor: str, code: str) -> bool:
    """Whether ``code`` is ``ancestor`` itself or lies below it."""
    low, high = code_range(ancestor)
    return low <= code <= high


def overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of these divisions is, holds or lies in one of the others."""
    some, others = set(some), set(others)
    return any_around(some, others) or any_around(others, some)


def any_around(codes: Iterable[str], areas: Collection[str]) -> bool:
    """Whether one of ``codes`` is one of ``areas``, or lies in one; of thousands, too.

    :param areas: best a set.
    """
    return any(above in areas for code in codes for above in (code, *ancestors(code)))


@lru_cache(20_000)
def ancestors(code: str) -> tuple[str, ...]:
    """The codes above ``code``, nearest first, the province last.

    A tier whose digits are zero is skipped: a township governed directly by its city has the
    city as its nearest ancestor.
    """
    padded = (
        code[:9] + "000",
        code[:6] + "000000",
        code[:4] + "00000000",
        code[:2] + "0000000000",
    )
    return tuple(dict.fromkeys(padded[len(padded) - tier_of(code).depth :]))


def county_of(code: str) -> str | None:
    """The county that ``code`` lies in, or is; ``None`` for a city or province."""
    below = tier_of(code).depth >= Tier.COUNTY.depth and code[4:6] != "00"
    return code[: Tier.COUNTY.digits].ljust(CODE_LENGTH, "0") if below else None


def in_county_level_city(code: str) -> bool:
    """Whether ``code`` is, or lies in, a city of the tier of counties: 敦化市, 梅河口市.

    Its digits 5 and 6 are from 81; below a prefecture (digits 3 and 4 from 21 to 50), or where no
    city is above (90), up to 20.
    """
    above, own = code[2:4], code[4:6]
    return own >= "81" or (("21" <= above <= "50" or above == "90") and "01" <= own <= "20")


def is_development_zone(code: str) -> bool:
    """Whether ``code`` is a county-tier development zone (digits 5 and 6 are 71 to 79).

    Its land lies inside a neighbouring county, so it has no boundary of its own.
    """
    return tier_of(code) is Tier.COUNTY and code[4] == "7" and code[5] != "0"
