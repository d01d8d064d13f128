"""Many divisions in a few words: 大石头镇、黄泥河镇的 37 个村. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.gazetteer import Gazetteer

_NAMED = 3


def areas_in_words(gazetteer: Gazetteer, areas: Sequence[str]) -> str:
    """Their names in one line: all of them up to three, else how many there are, and where.

    Villages are counted under the townships, or where these are many under the counties, that they
    lie in; other divisions are named as far as three.
    """
    if len(areas) <= _NAMED:
        return "、".join(gazetteer.name(code) for code in areas)
    if all(tier_of(code) is Tier.VILLAGE for code in areas):
        for depth in (0, 1):
            around = dict.fromkeys(_above(gazetteer, code, depth) for code in areas)
            if len(around) <= _NAMED:
                named = "、".join(gazetteer.name(code) for code in around)
                return f"{named} {len(areas)} 个村"
    names = "、".join(gazetteer.name(code) for code in areas[:_NAMED])
    return f"{names}等{len(areas)}地"


def _above(gazetteer: Gazetteer, code: str, steps: int) -> str:
    above = gazetteer.ancestors(code)
    return above[min(steps, len(above) - 1)].code if above else code
