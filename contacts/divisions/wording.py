"""Many divisions in a few words: 大石头镇、黄泥河镇的 37 个村. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from contacts.divisions.area_lists import left_out
from contacts.divisions.codes import Tier, ancestors, tier_of
from contacts.divisions.gazetteer import Gazetteer

_NAMED = 3
_MOST_LEFT_OUT = 2
_MOST_PUT_TOGETHER = 200


def areas_in_words(gazetteer: Gazetteer, areas: Sequence[str]) -> str:
    """Their names in one line: all of them up to three, else how many there are, and where.

    Villages are counted under the townships, or where these are many under the counties, that they
    lie in; other divisions are named as far as three. Of a division from which little is left out,
    that is said: 敦化市（不含红石村）, 延边州（不含敦化市）, 敦化市（不含黄泥河镇）、图们市.
    """
    if len(areas) <= _NAMED:
        return "、".join(gazetteer.name(code) for code in areas)
    around_all = _around_all(areas)
    if around_all in gazetteer and (missing := _missing(gazetteer, around_all, areas)):
        without = "、".join(gazetteer.name(code) for code in missing)
        return f"{gazetteer.name(around_all)}（不含{without}）"
    if all(tier_of(code) is Tier.VILLAGE for code in areas):
        for depth in (0, 1):
            around = dict.fromkeys(_above(gazetteer, code, depth) for code in areas)
            if len(around) <= _NAMED:
                named = "、".join(gazetteer.name(code) for code in around)
                return f"{named} {len(areas)} 个村"
    if len(areas) <= _MOST_PUT_TOGETHER:
        parts = _parts(gazetteer, areas)
        if len(parts) <= _NAMED:
            return "、".join(parts)
    names = "、".join(gazetteer.name(code) for code in areas[:_NAMED])
    return f"{names}等{len(areas)}地"


def _parts(gazetteer: Gazetteer, areas: Sequence[str]) -> list[str]:
    """Their names, those put together of which little of a division is left out: two counties, of
    one of which a township is safe, are no list of townships."""
    siblings: dict[str, list[str]] = {}
    for code in areas:
        siblings.setdefault(_above(gazetteer, code, 0), []).append(code)
    parts = []
    for around, codes in siblings.items():
        missing = _missing(gazetteer, around, codes) if len(codes) > _MOST_LEFT_OUT else ()
        if missing:
            without = "、".join(gazetteer.name(code) for code in missing)
            parts.append(f"{gazetteer.name(around)}（不含{without}）")
        else:
            parts += [gazetteer.name(code) for code in codes]
    return parts


def _around_all(areas: Sequence[str]) -> str:
    """The smallest division around all of them; empty when there is none."""
    shared = set.intersection(*({code, *ancestors(code)} for code in areas))
    return max(shared, key=lambda code: tier_of(code).depth, default="")


def _missing(gazetteer: Gazetteer, around: str, areas: Sequence[str]) -> tuple[str, ...]:
    """The parts of a division that are none of the areas; none when they are more than two."""

    def children(code: str) -> list[str]:
        return [child.code for child in gazetteer.children(code)]

    found = tuple(islice(left_out(around, areas, children), _MOST_LEFT_OUT + 1))
    return found if len(found) <= _MOST_LEFT_OUT else ()


def _above(gazetteer: Gazetteer, code: str, steps: int) -> str:
    above = gazetteer.ancestors(code)
    return above[min(steps, len(above) - 1)].code if above else code
