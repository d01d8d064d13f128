"""How a department stands in a warning: whether it answered, and what of it is still owed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from alerts.calls import ANSWERED, COUNTED, CallState
from contacts.organisations import Organisation


class Answer(Enum):
    """What became of the call to a department: of several liaisons one who answered suffices."""

    ANSWERED = "answered"
    WAITING = "waiting"
    ENDED = "ended"  # discharged, or the warning was over before


@dataclass(frozen=True, slots=True)
class Owing:
    """The tasks of a department: ``open`` has nobody, ``taken`` somebody, ``submitted`` waits to be
    checked, ``done`` is struck off; ``overdue`` are those of the first two that are late."""

    open: int = 0
    taken: int = 0
    submitted: int = 0
    done: int = 0
    overdue: int = 0

    @property
    def every(self) -> int:
        """All that were not withdrawn."""
        return self.open + self.taken + self.submitted + self.done

    @property
    def handed_in(self) -> int:
        """Said to be done, or struck off."""
        return self.submitted + self.done

    def __add__(self, other: Owing) -> Owing:
        return Owing(
            self.open + other.open,
            self.taken + other.taken,
            self.submitted + other.submitted,
            self.done + other.done,
            self.overdue + other.overdue,
        )


@dataclass(frozen=True, slots=True)
class DepartmentStanding:
    """One department of one division. ``names``: of those who answered, or have to."""

    division_code: str
    organisation: Organisation
    answer: Answer
    names: tuple[str, ...] = ()
    owing: Owing = Owing()


@dataclass(frozen=True, slots=True)
class LiaisonCall:
    """One call to a liaison."""

    division_code: str
    organisation: Organisation
    name: str
    state: CallState


@dataclass(frozen=True, slots=True)
class Wanted:
    """The departments that a warning would call: how many have a liaison, of how many named.

    ``missing``: the place codes of those without one, where they are few enough to be named.
    """

    there: int
    named: int
    missing: tuple[str, ...] = ()


def standings(calls: Iterable[LiaisonCall]) -> list[DepartmentStanding]:
    """The departments that a warning called, by division and in the order of ``Organisation``;
    without those that a narrowing left out."""
    order = list(Organisation)
    grouped: dict[tuple[str, Organisation], list[LiaisonCall]] = {}
    for call in calls:
        if call.state not in COUNTED:
            continue
        grouped.setdefault((call.division_code, call.organisation), []).append(call)
    found = []
    for (division, organisation), there in grouped.items():
        answered = [call.name for call in there if call.state in ANSWERED]
        waiting = [call.name for call in there if call.state is CallState.WAITING]
        answer = Answer.ANSWERED if answered else Answer.WAITING if waiting else Answer.ENDED
        names = answered or waiting or [call.name for call in there]
        found.append(DepartmentStanding(division, organisation, answer, tuple(names)))
    return sorted(found, key=lambda one: (one.division_code, order.index(one.organisation)))


def with_owing(
    departments: Iterable[DepartmentStanding], owing: dict[tuple[str, Organisation], Owing]
) -> list[DepartmentStanding]:
    """The same, each with its tasks."""
    return [
        replace(one, owing=owing.get((one.division_code, one.organisation), Owing()))
        for one in departments
    ]


def worst_first(departments: Iterable[DepartmentStanding]) -> list[DepartmentStanding]:
    """Who has not answered, then who is late, then who has taken nothing on; the rest."""

    def badness(one: DepartmentStanding) -> tuple[bool, bool, bool]:
        return one.answer is not Answer.WAITING, not one.owing.overdue, not one.owing.open

    return sorted(departments, key=badness)
