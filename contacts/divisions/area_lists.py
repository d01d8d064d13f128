"""Lists of divisions made wider and narrower: one more, all but one, only some of them. Pure.

A list never names a division beside one that holds it, and keeps the order in which it was written.
It may have thousands of codes: nothing here compares each with each.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from contacts.divisions.codes import ancestors, code_range, tier_of

Children = Callable[[str], Iterable[str]]
"""The codes of the divisions directly below one."""


def without_double(areas: Iterable[str]) -> tuple[str, ...]:
    """Each division once, and none that lies in another of the list."""
    named = dict.fromkeys(areas)
    return tuple(area for area in named if named.keys().isdisjoint(ancestors(area)))


def held_in(areas: Iterable[str], code: str) -> bool:
    """Whether a division, with all that lies below it, belongs to the areas."""
    return _Areas(areas).hold(code)


def widened(areas: Sequence[str], more: Iterable[str], children: Children) -> tuple[str, ...]:
    """The areas and ``more``; what is held already changes nothing."""
    coming = tuple(more)
    return folded(without_double((*areas, *coming)), coming, children)


def folded(areas: Sequence[str], added: Iterable[str], children: Children) -> tuple[str, ...]:
    """A division all of whose parts are there, now that ``added`` are, is named itself, as where
    areas are ticked: what was left out and comes back leaves no list of parts behind.

    Not one that has a single part: that may be above whoever changes the warning.
    """
    held = set(areas)
    waiting = {code for one in added for code in ancestors(one)[:1]}
    while waiting:
        whole = max(waiting, key=lambda code: tier_of(code).depth)  # its parts were looked at
        waiting.remove(whole)
        parts = frozenset(children(whole))
        if len(parts) < 2 or not parts <= held:
            continue
        at = min(areas.index(part) for part in parts)
        areas = (*areas[:at], whole, *(area for area in areas[at:] if area not in parts))
        held = held - parts | {whole}
        waiting.update(ancestors(whole)[:1])
    return tuple(areas)


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


def left_out(around: str, areas: Iterable[str], children: Children) -> Iterator[str]:
    """The parts of a division that are none of the areas; of one that loses a part, that part."""
    return _left_out(around, _Areas(areas), children)


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


def _left_out(area: str, left: _Areas, children: Children) -> Iterator[str]:
    if left.hold(area):
        return
    if not left.inside(area):
        yield area
        return
    for child in children(area):
        yield from _left_out(child, left, children)


def _parts_without(area: str, gone: _Areas, children: Children) -> list[str]:
    if gone.hold(area):
        return []
    if not gone.inside(area):
        return [area]
    return [part for child in children(area) for part in _parts_without(child, gone, children)]
