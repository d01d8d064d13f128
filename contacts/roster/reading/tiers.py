"""The tier that a post is held from, as the cells of a list say it: 县级, 乡镇级, 村级. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from contacts.divisions.codes import Tier, in_county_level_city
from contacts.roster.columns import LEVEL_WORDS, word
from contacts.roster.reading.headings import tier_in

_OF_CITY = re.compile("市(级|$)")


def tier_said(said: Iterable[str], code: str, names_counties: bool) -> Tier | None:
    """The tier that the first of these texts to name one says a post is held from.

    :param code: the division of the post: 龙井市, a city of the tier of counties, writes 市级 of
        itself.
    :param names_counties: the list has 县级 as well: 市级 is the tier above.
    """
    tier = next(filter(None, map(tier_named, filter(None, said))), None)
    if tier is Tier.CITY and in_county_level_city(code) and not names_counties:
        return Tier.COUNTY
    return tier


@lru_cache(2000)
def tier_named(text: str) -> Tier | None:
    """The tier that a text names; 市级 may be of a city of the tier of counties, too."""
    return Tier.CITY if _OF_CITY.match(text) else word(LEVEL_WORDS, text) or tier_in(text)
