"""Telegram's limits as gates that open and close. Pure: time is an argument, in seconds.

Why the pace is a little under the limit. A server that counts strictly refuses the 31st request
that *arrives* within a second, and arrivals are not departures: each is late by a few
milliseconds of network and scheduling, never the same few. Thirty requests a second, evenly spaced,
leave no room at all: any jitter puts 31 into one second. So we emit at ``PACE`` = 98.2 % of the
limit, which stretches 30 intervals to 1.0183 s, and remember the last 30 departures so that no
31 ever leave within 1 s + ``GUARD`` = 1.016 s. The difference between the two, 2 ms in every
second, is what a late timer may catch up; and a jitter of 16 ms still breaks no limit. (32 in a
second would take a jitter of more than one interval on top.) What is remembered is when a request
really left (``Overall.left``): between the decision and the first byte a busy process may lose more
than that. And an answer that took longer than the quickest ones tells that the request may have
arrived so much later: that is remembered too (``Overall.answered``), up to ``LATEST``. Where every
answer takes a different time this costs a few per cent of the pace; on a steady line, nothing.
"""

from __future__ import annotations

from math import inf

from bot.config.settings import PaceLimits

PACE = 0.982  # of the limit, overall
GUARD = 0.016  # seconds of jitter the overall window allows for
LATEST = 0.1  # seconds; a slower answer than this says more of the server than of the line
FORGETTING = 0.01  # how far the quickest answer is forgotten at each slower one
CHAT_GUARD = 0.05  # seconds; here nothing is measured against the limit, so be generous
GROUP_GUARD = 0.25  # seconds
IDLE = 5  # intervals without a request


class Window:
    """At most ``count`` in any ``seconds``: a rate and a guard made into a sliding window."""

    __slots__ = ("count", "seconds")

    def __init__(self, rate: float, period: float, guard: float) -> None:
        """``rate`` per ``period`` seconds, which may be less than one or not whole."""
        self.count = max(1, int(rate))
        self.seconds = period * self.count / rate + guard


class Gcra:
    """Evenly spaced emission: one per ``interval`` seconds, ``tolerance`` seconds of credit.

    The generic cell rate algorithm (ITU-T I.371): one number, the theoretical arrival time.
    """

    __slots__ = ("due", "interval", "tolerance")

    def __init__(self, interval: float, tolerance: float) -> None:
        self.interval = interval
        self.tolerance = tolerance
        self.due = -inf

    def open_at(self) -> float:
        """The earliest moment the next may leave."""
        return self.due - self.tolerance

    def take(self, now: float, weight: int = 1) -> None:
        """One leaves now, or what weighs as many as ``weight``."""
        self.due = max(self.due, now) + weight * self.interval

    def hold(self, until: float) -> None:
        """Nothing before ``until``, and from then on evenly spaced, without credit."""
        self.due = max(self.due, until + self.tolerance)


class Overall:
    """The gate of one bot token: evenly spaced, never over the window, closed while halted.

    The tolerance is one emission: a timer that fires late by less than that loses nothing, and no
    more than two ever leave together. Being idle (``IDLE`` intervals) earns no such credit: the
    first goes at once, the next one interval after it.
    """

    __slots__ = ("_even", "_log", "_quickest", "_taken", "_window", "halted_until")

    def __init__(self, rate: float) -> None:
        interval = 1.0 / (rate * PACE)
        self._even = Gcra(interval, tolerance=interval)
        self._window = Window(rate, 1.0, GUARD)
        self._log = [-inf] * self._window.count  # a ring: the departure of number n at n % count
        self._taken = 0
        self._quickest = 0.0  # nothing is known yet: be careful
        self.halted_until = -inf

    def open_at(self, weight: int = 1) -> float:
        """The earliest moment the next request may leave, to whichever chat.

        An album weighs as many as its items: all of them must fit, or the window must be empty.
        """
        log = self._log
        place = self._taken if weight == 1 else self._taken + min(weight, len(log)) - 1
        last_to_go = log[place % len(log)]
        return max(self._even.open_at(), self.halted_until, last_to_go + self._window.seconds)

    def take(self, now: float, weight: int = 1) -> int:
        """A request leaves now; returns its number, for ``left``."""
        if now > self._even.due + IDLE * self._even.interval:
            self._even.hold(now)
        self._even.take(now, weight)
        number = self._taken
        for place in range(number, number + weight):
            self._log[place % len(self._log)] = now
        self._taken = number + weight
        return number

    def left(self, number: int, at: float, weight: int = 1) -> None:
        """Request ``number`` left at ``at``, later than it was let go."""
        for taken in range(number, number + weight):
            if self._taken - taken <= len(self._log):
                place = taken % len(self._log)
                self._log[place] = max(self._log[place], at)

    def stayed(self, number: int, weight: int = 1) -> None:
        """Request ``number`` did not leave: it takes no place in the window."""
        for taken in range(number, number + weight):
            if self._taken - taken <= len(self._log):
                self._log[taken % len(self._log)] = -inf

    def answered(self, number: int, left_at: float, at: float, weight: int = 1) -> None:
        """The answer to request ``number`` came at ``at``: so late it may have arrived."""
        late = at - left_at - self._quickest
        if late <= 0:
            self._quickest = at - left_at
            return
        self._quickest += late * FORGETTING
        self.left(number, left_at + min(late, LATEST), weight)

    def halt(self, until: float) -> None:
        """Nothing leaves before ``until``. Halts combine to the latest; none is ever shortened."""
        self.halted_until = max(self.halted_until, until)
        self._even.hold(until)


class ChatRules:
    """What limits a single chat; shared by all chats of a bot.

    A group's minute is a sliding window: the first posts go at once, one a second, until the minute
    is full. Progress cards may use only half of a group's minute: a warning that follows a flurry
    of edits must not wait for the minute to pass.
    """

    __slots__ = ("cards", "group", "keep_group", "second")

    def __init__(self, limits: PaceLimits) -> None:
        self.second = Window(limits.per_chat_per_second, 1.0, CHAT_GUARD)
        self.group = Window(limits.per_group_per_minute, 60.0, GROUP_GUARD)
        self.cards = max(1, self.group.count // 2)
        self.keep_group = max(self.second.count, self.group.count)


class ChatPace:
    """One chat: when it was sent to, and until when Telegram refused it.

    An album weighs as many as its items: it counts as if they left one after the other.
    """

    __slots__ = ("halted_until", "is_group", "rules", "sent")

    def __init__(self, rules: ChatRules, is_group: bool) -> None:
        self.rules = rules
        self.is_group = is_group
        self.sent: list[float] = []
        self.halted_until = -inf

    def open_at(self, is_card: bool, weight: int = 1) -> float:
        """The earliest moment the next message may leave for this chat."""
        open_at = self.halted_until
        open_at = max(open_at, self._fits_at(weight, self.rules.second.count, self.rules.second))
        if self.is_group:
            count = self.rules.cards if is_card else self.rules.group.count
            open_at = max(open_at, self._fits_at(weight, count, self.rules.group))
        return open_at

    def _fits_at(self, weight: int, count: int, window: Window) -> float:
        """When so many fit into a window of ``count``, or it is empty."""
        others = max(0, count - weight)  # so many may be in it still
        return -inf if len(self.sent) <= others else self.sent[-1 - others] + window.seconds

    def take(self, now: float, weight: int = 1) -> None:
        """A message leaves now."""
        if weight == 1:
            self.sent.append(now)
        else:
            self.sent += self._moments(now, weight)
        keep = self.rules.keep_group if self.is_group else self.rules.second.count
        if len(self.sent) > keep:
            del self.sent[:-keep]

    def stayed(self, taken_at: float, weight: int = 1) -> None:
        """What was let go at ``taken_at`` did not leave."""
        for moment in self._moments(taken_at, weight):
            if moment in self.sent:
                self.sent.remove(moment)

    def _moments(self, now: float, weight: int) -> list[float]:
        apart = self.rules.second.seconds / self.rules.second.count
        return [now + number * apart for number in range(weight)]

    def halt(self, until: float) -> None:
        """Nothing for this chat before ``until``."""
        self.halted_until = max(self.halted_until, until)

    def is_idle(self, now: float) -> bool:
        """Whether nothing of the past still limits this chat, so that it may be forgotten."""
        if self.halted_until > now:
            return False
        if not self.sent:
            return True
        longest = self.rules.second.seconds
        if self.is_group:
            longest = max(longest, self.rules.group.seconds)
        return self.sent[-1] + longest <= now


def time_to_finish(persons: int, groups: int, limits: PaceLimits, *, waiting: int = 0) -> float:
    """Seconds until the last of one message to each of these persons and groups has left.

    ``waiting`` is what already stands in the queue before them. For several bots, ask for each with
    its own share and take the longest. One message per chat never meets the per-chat limits.
    """
    messages = persons + groups + waiting
    return max(0, messages - 1) / (limits.per_second * PACE)
