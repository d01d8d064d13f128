"""What goes wrong at a provider, as a story plans it; and its limits."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiohttp import web


class Planned(NamedTuple):
    """One answer in place of the usual one. ``status`` 0: the connection is closed without one.

    :param after_all: it is done as asked first, and then answered so.
    """

    status: int
    told: Mapping[str, Any]
    headers: Mapping[str, str]
    after_all: bool


HANGS_UP = 0


class Trouble:
    """Answers that are planned, one for each request that comes; and being down."""

    def __init__(self) -> None:
        self.down = False
        self._planned: deque[Planned] = deque()

    def plan(
        self,
        status: int,
        told: Mapping[str, Any] | None = None,
        *,
        after_all: bool = False,
        **headers: str,
    ) -> None:
        """The next request that is not planned for yet is answered so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._planned.append(Planned(status, told or {}, named, after_all))

    def next(self) -> Planned | None:
        """What the request that comes now meets; ``None``: nothing."""
        if self.down:
            return Planned(HANGS_UP, {}, {}, after_all=False)
        return self._planned.popleft() if self._planned else None


def meets(request: web.Request, planned: Planned) -> web.Response:
    """The planned answer."""
    if planned.status == HANGS_UP:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)
    return web.json_response(
        dict(planned.told), status=planned.status, headers=dict(planned.headers)
    )


class Limit:
    """So many requests in a while, of each who asks."""

    def __init__(self, most: int, within: timedelta, clock: Callable[[], datetime]) -> None:
        self._most = most
        self._within = within
        self._clock = clock
        self._asked: dict[str, deque[datetime]] = defaultdict(deque)

    def over(self, who: str = "") -> bool:
        """Whether this request is one too many; if not it counts."""
        now, asked = self._clock(), self._asked[who]
        while asked and now - asked[0] >= self._within:
            asked.popleft()
        if len(asked) >= self._most:
            return True
        asked.append(now)
        return False
