"""Telegram's rate limits, enforced strictly by sliding windows. Pure; time is an argument.

Source: core.telegram.org/bots/faq, "My bot is hitting limits": about 30 messages a second overall,
one a second in one chat, 20 a minute in one group. Telegram is sometimes kinder for a moment; this
counterpart never is: in no half-open window of the length does it admit more than the limit.
A refused request is not counted. A window that is full tells when its oldest leaves.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil

_SWEEP = 4096  # windows held before idle ones are dropped


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How many messages a bot may send; 0 switches a limit off."""

    per_second: int = 30
    per_chat_per_second: int = 1
    per_group_per_minute: int = 20


class SlidingWindow:
    """Lets at most ``count`` through in any ``seconds``."""

    __slots__ = ("count", "seconds", "taken")

    def __init__(self, count: int, seconds: float) -> None:
        self.count = count
        self.seconds = seconds
        self.taken: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more fits; 0 when it fits now."""
        taken = self.taken
        while taken and now - taken[0] >= self.seconds:
            taken.popleft()
        if len(taken) < self.count:
            return 0.0
        return self.seconds - (now - taken[0])

    def take(self, now: float) -> None:
        """Count one at ``now``."""
        self.taken.append(now)


class RateLimiter:
    """The windows of one bot: overall, of each chat, of each group."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self._overall = SlidingWindow(limits.per_second, 1.0) if limits.per_second else None
        self._chats: dict[int, list[SlidingWindow]] = {}

    def admit(self, now: float, chat_id: int, *, is_group: bool, messages: int = 1) -> int:
        """Count ``messages`` for the chat, or say how long to wait.

        :param now: seconds of a clock that never goes back.
        :returns: 0 when admitted, else whole seconds (at least 1) to wait; nothing was counted.

        An album is one call of several messages: admitted when one more fits, counted in full.
        """
        windows = self._chats.get(chat_id)
        if windows is None:
            windows = self._windows(now, chat_id, is_group)
        wait = self._overall.wait(now) if self._overall is not None else 0.0
        for window in windows:
            wait = max(wait, window.wait(now))
        if wait > 0.0:
            return max(1, ceil(wait))
        for _ in range(messages):
            if self._overall is not None:
                self._overall.take(now)
            for window in windows:
                window.take(now)
        return 0

    def _windows(self, now: float, chat_id: int, is_group: bool) -> list[SlidingWindow]:
        if len(self._chats) >= _SWEEP and len(self._chats) % _SWEEP == 0:
            self._forget_idle(now)
        windows = []
        if self.limits.per_chat_per_second:
            windows.append(SlidingWindow(self.limits.per_chat_per_second, 1.0))
        if is_group and self.limits.per_group_per_minute:
            windows.append(SlidingWindow(self.limits.per_group_per_minute, 60.0))
        self._chats[chat_id] = windows
        return windows

    def _forget_idle(self, now: float) -> None:
        self._chats = {
            chat_id: windows
            for chat_id, windows in self._chats.items()
            if any(w.taken and now - w.taken[-1] < w.seconds for w in windows)
        }
