"""The part of a river that a stations file names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from alerts.rivers.model import Reach, Stretch, between

_UNTIL = re.compile("—|--|－|~|～|至|到")


def reach_of(known: Iterable[Stretch], river: str, words: str) -> Reach | None:
    """The part of a river that a stations file means: 敦化段, 敦化段—雁鸣湖段, 牡丹江 敦化段.

    ``None``: there is none of that name, or several rivers have one and none is named.
    """
    all_of_them = list(known)
    rivers = {each.river for each in all_of_them}
    named = next(
        (one for one in sorted(rivers, key=len, reverse=True) if words.startswith(one)), ""
    )
    text = words.removeprefix(named).strip()
    on = named or (river if river in rivers else "")
    first, *rest = map(str.strip, _UNTIL.split(text))
    last = rest[-1] if rest else first
    ends = [
        [each for each in all_of_them if each.name == end and (not on or each.river == on)]
        for end in (first, last)
    ]
    if not text and on:  # the whole river
        whole = sorted((each for each in all_of_them if each.river == on), key=lambda s: s.number)
        return between(all_of_them, whole[0].id, whole[-1].id)
    if len(ends[0]) != 1 or len(ends[1]) != 1:
        return None
    return between(all_of_them, ends[0][0].id, ends[1][0].id)
