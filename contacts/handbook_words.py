"""What somebody looks up in the handbook: a village, a post, 值班员, or both together. Pure.

Names and numbers are looked for as they are typed (``people_store.search_people``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contacts.divisions.codes import ancestors
from contacts.divisions.gazetteer import Found, Gazetteer
from contacts.people import Person, Role
from contacts.roster.columns import ROLE_WORDS, word
from data.simplified import simplified

_DUTY_WORDS = frozenset({"值班", "值班室", "值班电话"})
_DIGITS = 4  # of a number, as ``people_store.search_people`` looks for it
_MOST_OF_NAME = 100
"""Places of one name that are looked at, the nearest first: of 永安村, all that there are."""
_LONGEST = 40
"""Characters of a place and a post that are written as one word."""


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
    upper = ancestors(own)
    for part in _parts(simplified(text), gazetteer, own):
        if (role := _role(part)) is not None:
            roles.add(role)
            continue
        named = [code for code in upper if gazetteer.name(code) == part]
        place = gazetteer.find(part, within=own, limit=_MOST_OF_NAME)
        if not named and place.outcome is Found.UNKNOWN:
            return HandbookWords()  # a name, or digits of a number
        codes = named or [candidate.division.code for candidate in place.candidates]
        above += [code for code in codes if code in upper]
        areas += [code for code in codes if code not in upper]
    return HandbookWords(frozenset(roles), tuple(areas), tuple(above))


def _parts(text: str, gazetteer: Gazetteer, own: str) -> Iterator[str]:
    """The words of ``text``; a place and a post without a space (黄泥河镇值班员) are two."""
    for part in text.split():
        if _role(part) is None and gazetteer.find(part, within=own).outcome is Found.UNKNOWN:
            for cut in range(2, min(len(part), _LONGEST)):
                place, post = part[:cut], part[cut:]
                if _role(post) is not None and gazetteer.bears(place, within=own):
                    yield from (place, post)
                    break
            else:
                yield part
        else:
            yield part


def is_called(person: Person, text: str) -> bool:
    """Whether ``text`` is part of the person's name, or four digits or more of a number."""
    digits = "".join(mark for mark in text if mark.isascii() and mark.isdigit())
    numbers = person.numbers if len(digits) >= _DIGITS else ()
    return text.strip() in person.name or any(digits.lstrip("0") in number for number in numbers)


def _role(text: str) -> Role | None:
    if text in _DUTY_WORDS:
        return Role.DUTY_OFFICER
    return word(ROLE_WORDS, text)
