"""What a village or a place has to be reached by when everything else is cut off. Pure.

A satellite telephone is rung in tests, and when the village is cut off; a loudspeaker is what its
people are told by where no telephone rings. Both belong to the place, whoever holds its posts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum


class EquipmentKind(Enum):
    """The value is the column's name in the files."""

    SATELLITE_PHONE = "satellite_phone"
    LOUDSPEAKER = "loudspeaker"


LONGEST_WORDS = 64
"""Characters kept of what a list says of a piece of equipment."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """One satellite telephone, or the loudspeakers, of a village or of a place in it.

    ``number`` is in international form; empty: there is one, and nobody wrote its number down.
    ``words``: what a list says of it, if that is more than a number (2 处). ``place_code``: empty
    for the division itself.
    """

    kind: EquipmentKind
    division_code: str
    place_code: str = ""
    number: str = ""
    words: str = ""

    @property
    def site(self) -> Site:
        """Whose it is, and of which kind: what a list says of it takes the place of before."""
        return self.division_code, self.place_code, self.kind


Site = tuple[str, str, EquipmentKind]

_NONE = frozenset({"无", "没有", "否", "未配", "未配备", "0", "-", "—", "/", "×", "no", "none"})
_THERE_IS = frozenset({"有", "是", "√", "✓", "✔", "已配", "已配备", "yes", "y"})


def understood(
    kind: EquipmentKind, text: str, numbers_in: Callable[[str], tuple[str, ...]]
) -> list[tuple[str, str]] | None:
    """What a cell says of equipment: each piece as (number, words); ``None``: it says nothing.

    An empty list: there is none (无). A satellite telephone needs no number to be known of, but
    digits that are no number are not guessed at.

    :param numbers_in: the telephone numbers of a text; empty when its digits are none.
    :raises ValueError: digits of a satellite telephone that are no telephone number.
    """
    written = " ".join(text.split())[:LONGEST_WORDS]
    word = written.lower()
    if not written:
        return None
    if word in _NONE:
        return []
    if word in _THERE_IS:
        return [("", "")]
    numbers = numbers_in(written)
    if numbers:
        return [(number, "") for number in numbers]
    if kind is EquipmentKind.SATELLITE_PHONE and sum(letter.isdigit() for letter in written) > 2:
        raise ValueError(written)
    return [("", written)]


def replaced(
    known: Iterable[Equipment], listed: Iterable[Equipment], emptied: Iterable[Site]
) -> tuple[list[Equipment], list[Equipment]]:
    """What a list changes of what is known: what comes, and what goes.

    A site that the list says nothing of stays as it is.
    """
    wanted = set(listed)
    said = {piece.site for piece in wanted} | set(emptied)
    before = {piece for piece in known if piece.site in said}
    return _sorted(wanted - before), _sorted(before - wanted)


def _sorted(pieces: Iterable[Equipment]) -> list[Equipment]:
    return sorted(
        pieces,
        key=lambda piece: (piece.division_code, piece.place_code, piece.kind.value, piece.number),
    )
