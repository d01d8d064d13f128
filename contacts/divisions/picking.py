"""Divisions ticked one by one: five villages here, a township there. Pure.

What is picked is kept as few codes as say it: a township of which every village is ticked is the
township.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from itertools import pairwise

from contacts.divisions.codes import ancestors, any_around, contains
from contacts.divisions.gazetteer import Gazetteer


class Ticked(Enum):
    """How much of a division is picked."""

    NOT = "not"
    PARTLY = "partly"
    WHOLE = "whole"


def ticked(code: str, picked: Collection[str]) -> Ticked:
    """How much of ``code`` is picked.

    :param picked: best a set.
    """
    if any_around([code], picked):
        return Ticked.WHOLE
    return Ticked.PARTLY if any(code in ancestors(other) for other in picked) else Ticked.NOT


def with_picked(
    gazetteer: Gazetteer, picked: Iterable[str], codes: Iterable[str], top: str
) -> tuple[str, ...]:
    """With these divisions, too; where all below a division are picked, that one instead.

    :param top: nothing above this division stands for what was picked.
    """
    found = dict.fromkeys(picked)
    codes = [code for code in codes if not any_around([code], found)]
    found = dict.fromkeys(code for code in found if not any_around([code], codes))
    for code in codes:
        if not any_around([code], found):
            found[code] = None
    for code in codes:
        for parent in gazetteer.ancestors(code):
            children = [child.code for child in gazetteer.children(parent.code)]
            if not contains(top, parent.code) or not all(child in found for child in children):
                break
            for child in children:
                del found[child]
            found[parent.code] = None
    return tuple(found)


def without_picked(gazetteer: Gazetteer, picked: Iterable[str], code: str) -> tuple[str, ...]:
    """Without ``code`` and all below it; of a division around it, the others are left."""
    found: dict[str, None] = {}
    for other in picked:
        if contains(code, other):
            continue
        if not contains(other, code):
            found[other] = None
            continue
        path = (code, *(above.code for above in gazetteer.ancestors(code)))
        for inner, outer in pairwise(path):
            siblings = (child.code for child in gazetteer.children(outer))
            found.update(dict.fromkeys(child for child in siblings if child != inner))
            if outer == other:
                break
    return tuple(found)


def toggled(gazetteer: Gazetteer, picked: Iterable[str], code: str, top: str) -> tuple[str, ...]:
    """With a division, or without it: whole after partly."""
    picked = tuple(picked)
    if ticked(code, frozenset(picked)) is Ticked.WHOLE:
        return without_picked(gazetteer, picked, code)
    return with_picked(gazetteer, picked, [code], top)
