"""Finds room for names beside their marks: none over another, none outside the map. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.pictures.projection import Frame, Spot

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; pixels."""


def overlap(box: Box, other: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


@dataclass(slots=True)
class LabelSpace:
    """Which parts of a map are taken, and finding one that is free."""

    frame: Frame
    taken: list[Box] = field(default_factory=list)

    def reserve(self, boxes: Iterable[Box]) -> None:
        """Keep these free of text: marks, the scale bar, the arrow."""
        self.taken.extend(boxes)

    def find(self, spot: Spot, size: tuple[float, float], gap: float) -> Box | None:
        """Take the first free box of ``size`` of the eight beside ``spot``; ``None`` when none is.

        :param gap: pixels from the middle of the mark to the text.
        """
        for box in _around(spot, size, gap):
            inside = self.frame.has(box[:2], 6) and self.frame.has(box[2:], 6)
            if inside and not any(overlap(box, other) for other in self.taken):
                self.taken.append(box)
                return box
        return None


def _around(spot: Spot, size: tuple[float, float], gap: float) -> list[Box]:
    (x, y), (wide, high) = spot, size
    lefts = {"right": x + gap, "left": x - gap - wide, "middle": x - wide / 2}
    tops = {"above": y - gap - high, "below": y + gap, "middle": y - high / 2}
    order = (
        ("right", "middle"),
        ("left", "middle"),
        ("middle", "above"),
        ("middle", "below"),
        ("right", "above"),
        ("right", "below"),
        ("left", "above"),
        ("left", "below"),
    )
    return [(lefts[a], tops[b], lefts[a] + wide, tops[b] + high) for a, b in order]
