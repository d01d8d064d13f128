"""What an import asks before it writes anything: an option answers each. Pure.

A file is never guessed at where a guess could give somebody rights, or call the wrong person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Asked(Enum):
    """What is asked; the comment says what answers it."""

    ROLE = "role"  # --role
    AREA = "area"  # --area
    NAME_CHANGED = "name_changed"  # --successor or --correction
    RETURNED = "returned"  # --return
    TOO_MANY_MISSING = "too_many_missing"  # --threshold
    COMMANDING_LEAVES = "commanding_leaves"  # --yes


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a file, with up to some of the things it is about, and how many."""

    asked: Asked
    about: tuple[str, ...] = ()
    total: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


SHOWN = 5
"""Things that a question names; the rest are counted."""


def question(asked: Asked, about: list[str], **facts: Any) -> Question:
    """A question about these things, each named once."""
    named = tuple(dict.fromkeys(about))
    return Question(asked, named[:SHOWN], len(about), facts)
