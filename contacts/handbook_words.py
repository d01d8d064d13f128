"""What somebody looks up in the handbook: a village, a post, 值班员, or both together. Pure.

Names and numbers are looked for as they are typed (``people_store.search_people``).
"""

from __future__ import annotations

from dataclasses import dataclass

from contacts.divisions.codes import ancestors
from contacts.divisions.gazetteer import Found, Gazetteer
from contacts.people import Role
from contacts.roster.columns import ROLE_WORDS, word

_DUTY_WORDS = frozenset({"值班", "值班室", "值班电话"})


@dataclass(frozen=True, slots=True)
class HandbookWords:
    """Which posts and which places are meant; neither: the words are something else.

    ``above``: places that the reader lies in, of which only the duty officers are told.
    """

    roles: frozenset[Role] = frozenset()
    areas: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


def read_handbook_words(text: str, gazetteer: Gazetteer, own: str) -> HandbookWords:
    """Understand words like 红石村, 值班员, 黄泥河镇 值班员; ``own`` is the reader's division."""
    roles: set[Role] = set()
    areas: list[str] = []
    above: list[str] = []
    for part in text.split():
        if (role := _role(part)) is not None:
            roles.add(role)
            continue
        upper = [code for code in ancestors(own) if gazetteer.name(code) == part]
        place = gazetteer.find(part, within=own)
        if upper:
            above += upper
        elif place.outcome is not Found.UNKNOWN:
            areas += [candidate.division.code for candidate in place.candidates]
        else:
            return HandbookWords()  # a name, or digits of a number
    return HandbookWords(frozenset(roles), tuple(areas), tuple(above))


def _role(text: str) -> Role | None:
    if text in _DUTY_WORDS:
        return Role.DUTY_OFFICER
    return word(ROLE_WORDS, text)
