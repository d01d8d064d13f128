"""Faults on purpose: what goes wrong with which API calls, how often, for how long. Pure.

Chance comes from a seeded generator, so that a run can be repeated; time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from math import ceil, exp
from random import Random


class FaultAction(Enum):
    """What happens to a call that a fault befalls."""

    ANSWER = "answer"  # not performed; answered with error_code, description, retry_after
    HTML = "html"  # not performed; answered with a gateway's page (error_code, default 502)
    HANG = "hang"  # performed, then silent for ``seconds``: accepted-then-hung
    HANG_BEFORE = "hang_before"  # silent for ``seconds``, then the socket is closed; not performed
    DROP_BEFORE = "drop_before"  # the socket is closed; not performed
    DROP_AFTER = "drop_after"  # performed; the socket is closed without an answer
    HTML_AFTER = "html_after"  # performed; answered with a gateway's page all the same
    DELAY = "delay"  # performed after a delay: median ``seconds``, lognormal ``sigma``
    STORM = (
        "storm"  # every call but getUpdates is answered 429 for ``seconds`` from the first one on
    )


_DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(slots=True)
class Fault:
    """One kind of fault, and the calls it befalls: what is None or left out matches every call."""

    action: FaultAction
    method: str | None = None
    chat_id: int | None = None
    bot_id: int | None = None
    share: float = 1.0  # of the matching calls
    count: int | None = None  # of calls it still befalls; None: no end
    seconds: float = 0.0
    sigma: float = 0.0
    error_code: int = 0  # default 500 for ANSWER, 502 for HTML, 429 when retry_after is given
    description: str = ""
    retry_after: int | None = None  # seconds
    ends_at: float | None = field(default=None)  # a storm's end, monotonic; set by its first call

    def __post_init__(self) -> None:
        if not self.error_code:
            html = self.action in (FaultAction.HTML, FaultAction.HTML_AFTER)
            self.error_code = 429 if self.retry_after is not None else 502 if html else 500
        if not self.description:
            self.description = (
                f"Too Many Requests: retry after {self.retry_after or 1}"
                if self.error_code == 429
                else _DESCRIPTIONS.get(self.error_code, "Bad Request")
            )

    def matches(self, method: str, chat_id: int | None, bot_id: int) -> bool:
        """Whether it can befall a call of this method, chat and bot."""
        return (
            (self.method is None or self.method.lower() == method.lower())
            and (self.chat_id is None or self.chat_id == chat_id)
            and (self.bot_id is None or self.bot_id == bot_id)
        )


class FaultScript:
    """The faults in force; the first that matches a call befalls it."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._random = Random(seed)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, after those already there."""
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """End a fault; no error when it has already run out."""
        self._faults = [other for other in self._faults if other is not fault]

    def clear(self) -> None:
        """End every fault."""
        self._faults.clear()

    def meet(self, method: str, chat_id: int | None, bot_id: int, now: float) -> Fault | None:
        """The fault that befalls this call, if any; counts it.

        :param now: monotonic seconds.
        """
        for fault in self._faults:
            if not fault.matches(method, chat_id, bot_id):
                continue
            if fault.share < 1.0 and self._random.random() >= fault.share:
                continue
            if fault.action is FaultAction.STORM:
                if method == "getUpdates":
                    continue  # a flood of messages does not stop the bot from hearing
                if fault.ends_at is None:
                    fault.ends_at = now + fault.seconds
                if now >= fault.ends_at:
                    self.remove(fault)
                    return self.meet(method, chat_id, bot_id, now)
            elif fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self.remove(fault)
            return fault
        return None

    def delay(self, fault: Fault) -> float:
        """Draw one delay of a DELAY fault, seconds."""
        return fault.seconds * exp(self._random.gauss(0.0, fault.sigma))

    @staticmethod
    def storm_retry_after(fault: Fault, now: float) -> int:
        """Whole seconds that the 429 of a storm tells the bot to wait."""
        return max(1, ceil((fault.ends_at or now) - now))
