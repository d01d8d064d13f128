"""How often a visitor may come: some times at once, then at a steady pace. Pure.

The generic cell rate algorithm, one time for each key; nothing is kept of who has been quiet.
"""

from __future__ import annotations

from collections.abc import Hashable

MOST_KEPT = 10_000
"""Visitors remembered at once (ours): a guesser with many addresses takes no more memory."""


class VisitLimit:
    """Admits each key ``at_once`` times, and then once each ``every`` seconds."""

    def __init__(self, at_once: int, every: float) -> None:
        self._every = every
        self._leeway = (at_once - 1) * every
        self._free_at: dict[Hashable, float] = {}

    def admits(self, key: Hashable, now: float) -> bool:
        """Whether ``key`` may come at ``now`` (seconds of a steady clock); counts it if so."""
        free_at = max(now, self._free_at.get(key, now))
        if free_at - now > self._leeway:
            return False
        if key not in self._free_at and len(self._free_at) >= MOST_KEPT:
            self._forget(now)
        self._free_at[key] = free_at + self._every
        return True

    def give_back(self, key: Hashable) -> None:
        """What was counted last for ``key`` came to nothing."""
        if key in self._free_at:
            self._free_at[key] -= self._every

    def _forget(self, now: float) -> None:
        """Drop whoever has been quiet; if that is nobody, the one who came first."""
        self._free_at = {key: at for key, at in self._free_at.items() if at > now}
        if len(self._free_at) >= MOST_KEPT:
            del self._free_at[next(iter(self._free_at))]
