"""What an import asks before it writes anything: an option answers each. Pure.

A file is never guessed at where a guess could give somebody rights, or call the wrong person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from contacts.roster.columns import ROLE_WORDS, word
from contacts.roster.sheet import SheetRow


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


class Asking:
    """What is open about the rows read so far."""

    def __init__(self) -> None:
        self._titles: list[str] = []
        self._strange: list[tuple[str, SheetRow]] = []
        self.roles_named = False
        """Whether some row has a role in the column of titles."""
        self.no_place = 0
        self.context = ""

    def role(self, title: str, row: SheetRow) -> None:
        """Nobody says what role this person has; ``row`` has the title in its place."""
        if title and word(ROLE_WORDS, title) is None:
            self._strange.append((title, row))
        self._titles.append(title or row.cells[0])

    def mistaken(self) -> list[SheetRow]:
        """Rows whose title is no role in a file whose column of titles names roles: mistakes."""
        if not self.roles_named:
            return []
        strange, self._strange = self._strange, []
        for title, _ in strange:
            self._titles.remove(title)
        return [row for _, row in strange]

    def questions(self) -> tuple[Question, ...]:
        """All of them, the one that must be answered first in front."""
        found = []
        if self.no_place:
            found.append(Question(Asked.AREA, (self.context,), self.no_place))
        if self._titles:
            found.append(question(Asked.ROLE, self._titles))
        return tuple(found)
