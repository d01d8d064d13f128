"""The scale bar of a map: a round length on the ground, and how long it is drawn. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """``metres`` on the ground are ``pixels`` in the picture."""

    metres: float
    pixels: float

    @property
    def label(self) -> str:
        """500 m, 2 km."""
        if self.metres >= 1000:
            return f"{self.metres / 1000:g} km"
        return f"{self.metres:g} m"


def scale_bar(metres_per_pixel: float, longest: float) -> ScaleBar:
    """The longest of 1, 2, 5, 10, 20 … metres that takes no more than ``longest`` pixels.

    :raises ValueError: for a scale that is none.
    """
    room = metres_per_pixel * longest
    if not (math.isfinite(room) and room > 0):
        raise ValueError(f"no scale: {metres_per_pixel} metres a pixel")
    power = 10.0 ** math.floor(math.log10(room))
    metres = max((n * power for n in (1, 2, 5) if n * power <= room), default=power)
    return ScaleBar(metres, metres / metres_per_pixel)
