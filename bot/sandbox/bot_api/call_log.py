"""A log of every API call, held in compact arrays, and figures over it. No I/O.

Row by row (same index in every array): ``at`` monotonic seconds, ``method`` index into ``names``,
``chat_id`` (0: none), ``code`` (HTTP status; 0: the socket was closed without an answer),
``message_id`` (0: none).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from typing import Any

MOST_ROWS = 2_000_000


class CallLog:
    """The API calls since the start or the last ``clear``."""

    def __init__(self, wall_minus_monotonic: float, *, enabled: bool = True) -> None:
        """:param wall_minus_monotonic: seconds; turns ``at`` into time since the epoch."""
        self.enabled = enabled
        self.wall_minus_monotonic = wall_minus_monotonic
        self.names: list[str] = []
        self._indices: dict[str, int] = {}
        self.dropped = 0  # rows no longer kept
        self.at = array("d")
        self.method = array("H")
        self.chat_id = array("q")
        self.code = array("H")
        self.message_id = array("q")

    def __len__(self) -> int:
        return len(self.at)

    def add(self, at: float, method: str, chat_id: int, code: int, message_id: int) -> None:
        """Log one call; the oldest rows go when there are too many."""
        index = self._indices.get(method)
        if index is None:
            index = self._indices[method] = len(self.names)
            self.names.append(method)
        self.at.append(at)
        self.method.append(index)
        self.chat_id.append(chat_id)
        self.code.append(code)
        self.message_id.append(message_id)
        if len(self.at) > MOST_ROWS:
            self._drop(MOST_ROWS // 4)

    def clear(self) -> None:
        """Forget every row; the numbering of ``rows`` goes on."""
        self._drop(len(self.at))

    def _drop(self, count: int) -> None:
        self.dropped += count
        for column in (self.at, self.method, self.chat_id, self.code, self.message_id):
            del column[:count]

    def rows(self, since: int = 0, most: int = 10_000) -> list[dict[str, Any]]:
        """Rows numbered from ``since`` on, oldest first."""
        first = max(0, since - self.dropped)
        return [
            {
                "number": i + self.dropped,
                "at": self.at[i],
                "time": self.at[i] + self.wall_minus_monotonic,
                "method": self.names[self.method[i]],
                "chat_id": self.chat_id[i] or None,
                "code": self.code[i],
                "message_id": self.message_id[i] or None,
            }
            for i in range(first, min(len(self.at), first + most))
        ]

    def stats(self, methods: Iterable[str] | None = None) -> dict[str, Any]:
        """Figures over the rows of some methods, all by default.

        ``most_in_a_second`` counts answers of any code in any window of one second;
        ``most_sent_in_a_second`` only those that succeeded. ``per_second`` is the histogram of the
        successes, by whole seconds since ``first``.
        """
        wanted = None if methods is None else set(methods)
        chosen = [
            i for i in range(len(self.at)) if wanted is None or self.names[self.method[i]] in wanted
        ]
        times = [self.at[i] for i in chosen]
        sent = [self.at[i] for i in chosen if self.code[i] == 200]
        per_second: list[int] = []
        for at in sent:
            second = int(at - sent[0])
            per_second.extend([0] * (second + 1 - len(per_second)))
            per_second[second] += 1
        return {
            "calls": len(chosen),
            "by_method": dict(Counter(self.names[self.method[i]] for i in chosen)),
            "by_code": {str(k): v for k, v in Counter(self.code[i] for i in chosen).items()},
            "refused_429": sum(self.code[i] == 429 for i in chosen),
            "first": times[0] if times else None,
            "last": times[-1] if times else None,
            "first_sent": sent[0] if sent else None,
            "last_sent": sent[-1] if sent else None,
            "most_in_a_second": most_in_a_second(times),
            "most_sent_in_a_second": most_in_a_second(sent),
            "per_second": per_second,
        }


def most_in_a_second(times: list[float]) -> int:
    """The largest count in any half-open window of one second of an ascending list."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
