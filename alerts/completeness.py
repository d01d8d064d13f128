"""Whether a tier is complete: its own answers, and those of every tier below. Pure.

A county is complete when its own persons have answered and each of its townships is; a township
when its villages are. A village that nobody could be called for has given no answer, nor has one
that is cut off: whatever lies above them is not complete either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contacts.divisions.codes import CODE_LENGTH, Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """How a division stands, with all that lies below it."""

    code: str
    waiting: int = 0  # persons, those below included
    own_waiting: int = 0  # of the division itself
    below: int = 0  # divisions of the next tier in which somebody is called, or nobody could be
    below_open: int = 0  # of these, not complete
    uncalled: int = 0  # villages in which nobody could be called
    cut_off: int = 0  # villages

    @property
    def complete(self) -> bool:
        """Whether nothing is owed: neither its own answer, nor any below."""
        return not (self.waiting or self.below_open or self.uncalled or self.cut_off)


def standings(
    tier: Tier,
    waiting: Iterable[tuple[str, int]],
    uncalled: Iterable[tuple[str, int]],
    cut_off: Iterable[str],
) -> dict[str, Standing]:
    """The divisions of ``tier``, and those above it that somebody is called for, by code.

    :param waiting: how many wait in each division of the tier below (with what lies below that),
        and in those of ``tier`` and above themselves.
    :param uncalled: villages in which nobody could be called, by township or above.
    :param cut_off: the villages that are cut off.
    """
    below = tier.below
    known: dict[str, dict[str, int]] = {}
    opened: dict[str, set[str]] = {}
    under: dict[str, set[str]] = {}

    def at(code: str) -> dict[str, int]:
        here = _at(code, tier)
        return known.setdefault(
            here, dict.fromkeys(("waiting", "own_waiting", "uncalled", "cut_off", "more"), 0)
        )

    def note(code: str, *, is_open: bool) -> None:
        here, part = _at(code, tier), code if below is None else _at(code, below)
        if part != here:
            under.setdefault(here, set()).add(part)
            if is_open:
                opened.setdefault(here, set()).add(part)

    for code, number in waiting:
        found = at(code)
        found["waiting"] += number
        if code == _at(code, tier):
            found["own_waiting"] += number
        note(code, is_open=number > 0)
    for code, villages in uncalled:
        at(code)["uncalled"] += villages
        if _at(code, tier) == code:  # counted by township: these are villages of their own
            at(code)["more"] += villages
        else:
            note(code, is_open=True)
    for code in cut_off:
        at(code)["cut_off"] += 1
        note(code, is_open=True)
    return {
        code: Standing(
            code,
            found["waiting"],
            found["own_waiting"],
            len(under.get(code, ())) + found["more"],
            len(opened.get(code, ())) + found["more"],
            found["uncalled"],
            found["cut_off"],
        )
        for code, found in sorted(known.items())
    }


def worst_first(found: Iterable[Standing]) -> list[Standing]:
    """Those that are cut off first, then by who is silent, then by what is not complete below."""
    return sorted(
        found,
        key=lambda each: (
            each.complete,
            -each.cut_off,
            -each.waiting,
            -each.below_open,
            -each.uncalled,
            each.code,
        ),
    )


def _at(code: str, tier: Tier) -> str:
    """The division of ``tier`` that ``code`` lies in, or ``code`` itself above it."""
    return code[: tier.digits].ljust(CODE_LENGTH, "0")
