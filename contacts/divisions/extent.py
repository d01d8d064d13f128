"""How wide a list of divisions is, all together: eight counties may be a whole prefecture. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from contacts.divisions.codes import Tier, ancestors, any_around, tier_of

Children = Callable[[str], Sequence[str]]
"""The codes right below a division."""


def as_wide_as(areas: Collection[str], tiers: Iterable[Tier], children: Children) -> bool:
    """Whether ``areas`` together are as wide as a division of one of ``tiers``.

    They are when they cover more than half of what lies right below it, and two at least; or
    when they cover, wherever that lies, as many divisions of that size as the smallest of those
    they touch has.
    """
    kept: dict[str, bool] = {}
    areas = frozenset(areas)
    holding = Counter(above for area in areas for above in _path(area))

    def covered(code: str) -> bool:
        if code not in kept:
            kept[code] = any_around([code], areas) or (
                holding[code] > 1 and _parts_covered(children(code), holding, covered)
            )
        return kept[code]

    return any(_as_wide(areas, tier, children, covered) for tier in tiers)


def _as_wide(
    areas: Collection[str], tier: Tier, children: Children, covered: Callable[[str], bool]
) -> bool:
    touched = {code for area in areas for code in _path(area) if tier_of(code) is tier}
    if any(covered(code) for code in touched):
        return True
    parts = {code: children(code) for code in touched}
    sizes = [len(codes) for codes in parts.values() if codes]
    count = sum(covered(part) for codes in parts.values() for part in codes)
    return len(touched) > 1 and count >= max(2, min(sizes, default=count + 1))


def _parts_covered(
    parts: Sequence[str], holding: Mapping[str, int], covered: Callable[[str], bool]
) -> bool:
    """Whether more than half of these are covered.

    :param holding: how many of the areas lie in a division, or are it.
    """
    count = sum(bool(holding.get(part)) and covered(part) for part in parts)
    return count >= 2 and 2 * count > len(parts)


def _path(code: str) -> tuple[str, ...]:
    return (code, *ancestors(code))
