"""Lists of divisions made wider and narrower: one more, all but one, only some of them. Pure.

A list never names a division beside one that holds it, and keeps the order in which it was written.
It may have thousands of codes: nothing here compares each with each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

from contacts.divisions.codes import ancestors, code_range

Children = Callable[[str], Iterable[str]]
"""The codes of the divisions directly below one."""


def without_double(areas: Iterable[str]) -> tuple[str, ...]:
    """Each division once, and none that lies in another of the list."""
    named = dict.fromkeys(areas)
    return tuple(area for area in named if named.keys().isdisjoint(ancestors(area)))


def held_in(areas: Iterable[str], code: str) -> bool:
    """Whether a division, with all that lies below it, belongs to the areas."""
    return _Areas(areas).hold(code)


def widened(areas: Sequence[str], more: Iterable[str]) -> tuple[str, ...]:
    """The areas and ``more``; what is held already changes nothing."""
    return without_double((*areas, *more))


def narrowed(areas: Sequence[str], dropped: Iterable[str], children: Children) -> tuple[str, ...]:
    """The areas without ``dropped``: of a division of which a part goes, the other parts stay.

    Empty when nothing is left.
    """
    gone = _Areas(dropped)
    return without_double(part for area in areas for part in _parts_without(area, gone, children))


def only(areas: Sequence[str], kept: Iterable[str]) -> tuple[str, ...]:
    """What of ``kept`` belongs to the areas; of one that holds areas, these."""
    held = _Areas(areas)
    return without_double(
        code for one in kept for code in ((one,) if held.hold(one) else held.inside(one))
    )


def difference(
    before: Sequence[str], after: Sequence[str], children: Children
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was added, and what is left out: of a division that loses a part, that part alone."""
    held, left = _Areas(before), _Areas(after)
    added = tuple(area for area in after if not held.hold(area))
    return added, tuple(gone for area in before for gone in _left_out(area, left, children))


class _Areas:
    """A list of divisions in which others are looked up."""

    def __init__(self, areas: Iterable[str]) -> None:
        self.codes = set(areas)
        self.sorted = sorted(self.codes)

    def hold(self, code: str) -> bool:
        """Whether one of them is the division, or lies above it."""
        return code in self.codes or not self.codes.isdisjoint(ancestors(code))

    def inside(self, around: str) -> list[str]:
        """Those that lie in a division."""
        low, high = code_range(around)
        return self.sorted[bisect_left(self.sorted, low) : bisect_right(self.sorted, high)]


def _left_out(area: str, left: _Areas, children: Children) -> list[str]:
    if left.hold(area):
        return []
    if not left.inside(area):
        return [area]
    return [gone for child in children(area) for gone in _left_out(child, left, children)]


def _parts_without(area: str, gone: _Areas, children: Children) -> list[str]:
    if gone.hold(area):
        return []
    if not gone.inside(area):
        return [area]
    return [part for child in children(area) for part in _parts_without(child, gone, children)]
