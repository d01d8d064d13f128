"""What is usual at a known heat source, and when it is more than that. Pure.

A steel works is hot at every pass, and nobody is sent there; a fire beside its furnace, or in the
wood behind it, shows as more pixels than ever, or hotter ones. The numbers are ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.sources.hotspot_clusters import ONE_PASS

REMEMBERED = timedelta(days=90)
"""How far back it is looked what was usual: a furnace that was shut down is not for ever."""

LEAST_USUAL_MW = 10.0
"""Megawatts of one pixel that are nothing special at any heat source, also one seen for the first
time: a works has some to fifty, a burning forest stand tens to hundreds."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The most pixels in one pass, and the hottest of them in megawatts (``None``: not known)."""

    pixels: int = 0
    frp_mw: float | None = None

    def with_least(self, pixels: int | None, frp_mw: float | None) -> Usual:
        """As much as this and as the file says."""
        hottest = [frp for frp in (self.frp_mw, frp_mw) if frp is not None]
        return Usual(max(self.pixels, pixels or 0), max(hottest, default=None))


@dataclass(frozen=True, slots=True)
class Seen:
    """A pixel at a heat source: its number among others, which source, by what, when, how hot."""

    number: int
    source_id: int
    satellite: str
    acquired_at: datetime
    frp_mw: float | None


def unusual(
    seen: Iterable[Seen], usual: Mapping[int, Usual], more_pixels: int, times_hotter: float
) -> set[int]:
    """The numbers of the pixels of passes that are more than usual: those are asked about.

    :param more_pixels: a pass is unusual with more pixels than usual by more than this.
    :param times_hotter: or with one hotter than the hottest usual by more than this factor.
    """
    passes: defaultdict[tuple[int, str], list[list[Seen]]] = defaultdict(list)
    for pixel in sorted(seen, key=lambda pixel: pixel.acquired_at):
        known = passes[pixel.source_id, pixel.satellite]
        if known and pixel.acquired_at - known[-1][0].acquired_at <= ONE_PASS:
            known[-1].append(pixel)
        else:
            known.append([pixel])
    found: set[int] = set()
    for (source_id, _satellite), of_source in passes.items():
        normal = usual.get(source_id, Usual())
        most = max(normal.pixels, 1) + more_pixels
        hottest = max(normal.frp_mw or 0.0, LEAST_USUAL_MW) * times_hotter
        for together in of_source:
            hot = max((pixel.frp_mw or 0.0 for pixel in together), default=0.0)
            if len(together) > most or hot > hottest:
                found.update(pixel.number for pixel in together)
    return found
