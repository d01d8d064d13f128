"""Whether the processes at work agree with each other: their settings and their clocks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

MOST_APART_MS = 3000
"""By how much two clocks may differ (ours): the first rungs of a ladder are minutes apart."""

MOST_NAMED = 5


class ProcessAtWork(Protocol):
    """As ``data.leases.Process``."""

    @property
    def name(self) -> str:
        """Machine, process id and a random end."""

    @property
    def settings(self) -> Mapping[str, str]:
        """A digest of each section of its settings."""

    @property
    def ahead_ms(self) -> int | None:
        """By how much its clock is ahead of the database's."""


def differing(processes: Sequence[ProcessAtWork]) -> dict[str, Any] | None:
    """The processes that are set otherwise than most, and the sections in which they are."""
    if not processes:
        return None
    counted = Counter(tuple(sorted(process.settings.items())) for process in processes)
    most = dict(counted.most_common(1)[0][0])
    others = [process for process in processes if dict(process.settings) != most]
    if not others:
        return None
    sections = {
        section
        for process in others
        for section in most.keys() | process.settings.keys()
        if most.get(section) != process.settings.get(section)
    }
    return {
        "count": len(others),
        "names": [_short(process.name) for process in others[:MOST_NAMED]],
        "sections": sorted(sections),
    }


def wrong_clocks(processes: Sequence[ProcessAtWork]) -> dict[str, Any] | None:
    """The clocks, when two of them, or one and the database's, are too far apart."""
    known = [(process.ahead_ms, process.name) for process in processes if process.ahead_ms]
    ahead = [0, *(milliseconds for milliseconds, _ in known)]
    if max(ahead) - min(ahead) <= MOST_APART_MS:
        return None
    known.sort(key=lambda clock: (-abs(clock[0]), clock[1]))
    return {
        "count": len(known),
        "clocks": [
            [_short(name), round(milliseconds / 1000)] for milliseconds, name in known[:MOST_NAMED]
        ],
    }


def _short(name: str) -> str:
    """Machine and process id: what an administrator can find."""
    return name.rsplit("-", 1)[0]
