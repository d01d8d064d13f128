"""When a test rings, what a code proves, who was reached: a test call's rules. Pure.

A test is a drill: it says so, it rings nobody at night, and it waits while a warning is called. It
proves that an address is the person's: by the key pressed while it rings, by the button of a card,
or by a code that was sent there and comes back.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from alerts.channels.model import Progress
from contacts.channels import Cause, Channel
from contacts.divisions.codes import Tier, ancestors, tier_of

WRONG_CODES = 3
"""After so many wrong ones a new code is sent (the issue's)."""

CODES = 3
"""So many codes are sent to an address in one test (ours): whoever guesses on is let go."""

MOST_LINES = 20_000
"""Addresses of one test (ours): a county has fewer; a province is tested county by county."""


class TestProblem(Enum):
    """Why a test cannot be begun."""

    __test__ = False  # for pytest, which collects what is called so

    NOBODY = "test_call_nobody"  # nothing there to ring
    NO_CHANNEL = "test_call_no_channel"  # none is set up, or none of those asked for
    TOO_MANY = "test_call_too_many"
    RUNNING = "test_call_running"  # another one rings part of these numbers, or all
    NONE = "test_call_none"  # there was none here
    NO_COMMANDER = "test_call_no_commander"  # of the command line: in whose name?


class HowProven(Enum):
    """By what an address was proven."""

    ANSWER = "answer"  # of a warning
    KEY = "key"  # pressed while a test rang
    CARD = "card"  # the button of a test's card
    WORDS = "words"  # a test's message was answered
    CODE = "code"


@dataclass(frozen=True, slots=True)
class TestRules:
    """What an office decides. ``first`` and ``last``: between them a test may ring.

    ``hours``: so long a test goes on, counted from when it may ring. ``digits``: of a code.
    """

    __test__ = False

    first: time = time(7)
    last: time = time(21)
    hours: float = 4.0
    digits: int = 4
    channels: tuple[Channel, ...] = ()  # those that are set up
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def may_ring(self, now: datetime) -> bool:
        """Whether it is an hour at which a test rings; nobody is woken by one."""
        at = now.astimezone(self.zone).time()
        if self.first == self.last:
            return True
        if self.first < self.last:
            return self.first <= at < self.last
        return at >= self.first or at < self.last

    def opens(self, now: datetime) -> datetime:
        """When a test that is begun now rings first."""
        if self.may_ring(now):
            return now
        local = now.astimezone(self.zone)
        opens = local.replace(
            hour=self.first.hour, minute=self.first.minute, second=0, microsecond=0
        )
        if opens <= local:
            opens += timedelta(days=1)
        return opens.astimezone(now.tzinfo)

    def ends(self, now: datetime) -> datetime:
        """When a test that is begun now is over."""
        return self.opens(now) + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class TestCall:
    """One test of a division and all below it."""

    __test__ = False

    id: int
    division_code: str
    started_by: int
    started_at: datetime
    ends_at: datetime
    channels: tuple[Channel, ...]
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it is still running."""
        return self.closed_at is None


class CodeState(NamedTuple):
    """The code that an address was sent: how often it was answered wrongly, how many were sent."""

    code: str
    wrong: int = 0
    codes: int = 1


class Typed(Enum):
    """What a number that was typed back is."""

    RIGHT = "right"
    WRONG = "wrong"
    NEW_CODE = "new_code"  # wrong three times: another code is sent
    NO_MORE = "no_more"  # and no further one


def typed(state: CodeState, code: str, fresh: str) -> tuple[CodeState, Typed]:
    """What becomes of a code when ``code`` is typed.

    Nothing is proven by a code that was replaced, nor by one once too many were tried.

    :param fresh: the code that is sent next if this one is spent.
    """
    if not state.code:
        return state, Typed.NO_MORE
    if code == state.code:
        return state, Typed.RIGHT
    wrong = state.wrong + 1
    if wrong < WRONG_CODES:
        return state._replace(wrong=wrong), Typed.WRONG
    if state.codes >= CODES:
        return CodeState("", wrong, state.codes), Typed.NO_MORE
    return CodeState(fresh, 0, state.codes + 1), Typed.NEW_CODE


_CODE = re.compile(r"(?<!\d)\d{4,6}(?!\d)", re.ASCII)
_LONGEST_ANSWER = 20
"""Characters of a text that is a code and little else: 验证码是4827。"""


def code_in(text: str) -> str:
    """The code that somebody typed; empty when it is no code, or a sentence with numbers in it."""
    written = unicodedata.normalize("NFKC", text).strip()
    found = _CODE.findall(written)  # 20 35 are figures: households and persons
    return found[0] if len(found) == 1 and len(written) <= _LONGEST_ANSWER else ""


class Line(NamedTuple):
    """One address of a test: a person's, or a satellite telephone's (``person_id`` is ``None``)."""

    id: int
    test_id: int
    person_id: int | None
    division_code: str
    place_code: str
    channel: Channel
    address: str
    code: str
    wrong: int
    codes: int
    proven_at: datetime | None
    how: HowProven | None

    @property
    def code_state(self) -> CodeState:
        """Its code."""
        return CodeState(self.code, self.wrong, self.codes)


class Outcome(Enum):
    """What came of one address."""

    PROVEN = "proven"
    HEARD = "heard"  # listened to the end, or arrived, and nothing came back
    FAILED = "failed"  # with a cause, mostly
    SENT = "sent"  # nothing is known of it yet
    WAITS = "waits"  # to be sent, or to be tried again
    NOT_SENT = "not_sent"  # the test ended before
    MOVED = "moved"  # the address was not theirs any more when its turn came


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one address, and how quickly: ``seconds`` from when it was sent."""

    line: Line
    outcome: Outcome
    cause: Cause | None = None
    tries: int = 0
    seconds: float | None = None


def result_of(
    line: Line,
    state: Progress | None,
    cause: Cause | None,
    tries: int,
    sent_at: datetime | None,
    arrived: bool,
    *,
    over: bool,
) -> Result:
    """What came of a line.

    :param state: of its last delivery; ``None``: it has none yet.
    :param sent_at: when that was handed over first.
    :param arrived: a receipt says that it arrived.
    :param over: the test is.
    """
    if line.proven_at is not None:
        began = None if sent_at is None else (line.proven_at - sent_at).total_seconds()
        took = None if began is None else max(0.0, began)
        return Result(line, Outcome.PROVEN, None, tries, took)
    if state is Progress.FAILED:
        return Result(line, Outcome.FAILED, cause, tries)
    if state is Progress.DROPPED and tries == 0:
        return Result(line, Outcome.NOT_SENT if over else Outcome.MOVED, None, 0)
    if arrived or state is Progress.DELIVERED:
        return Result(line, Outcome.HEARD, cause, tries)
    if tries and cause is not None:
        return Result(line, Outcome.FAILED if over else Outcome.WAITS, cause, tries)
    if state is Progress.ACCEPTED or (tries and over):
        return Result(line, Outcome.SENT, cause, tries)
    return Result(line, Outcome.NOT_SENT if over else Outcome.WAITS, cause, tries)


class AreaResult(NamedTuple):
    """A township of a test, or another division right below it: the addresses, and who answered."""

    division_code: str
    lines: int
    proven: int
    persons: int  # who has an address in the test
    persons_proven: int  # of whom at least one address is proven
    satellites: int
    satellites_proven: int
    failed: int

    @property
    def share(self) -> float:
        """Of the persons, who was proven; of the addresses where there are satellites only."""
        if self.persons:
            return self.persons_proven / self.persons
        return self.proven / self.lines if self.lines else 1.0


def by_area(results: Iterable[Result], area: str) -> list[AreaResult]:
    """The results by the townships of an area, the worst first; of a township by its villages."""
    wanted = Tier.VILLAGE if tier_of(area).depth >= Tier.TOWNSHIP.depth else Tier.TOWNSHIP
    groups: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[_at(result.line.division_code, wanted)].append(result)
    found = [_area(code, group) for code, group in groups.items()]
    return sorted(found, key=lambda each: (each.share, -each.lines, each.division_code))


def summed(results: Sequence[Result], area: str) -> AreaResult:
    """All of a test in one row."""
    return _area(area, results)


def _at(code: str, tier: Tier) -> str:
    return next((above for above in ancestors(code) if tier_of(above) is tier), code)


def _area(code: str, results: Sequence[Result]) -> AreaResult:
    proven = [result for result in results if result.outcome is Outcome.PROVEN]
    persons = {result.line.person_id for result in results} - {None}
    reached = {result.line.person_id for result in proven} - {None}
    return AreaResult(
        code,
        len(results),
        len(proven),
        len(persons),
        len(reached),
        sum(result.line.person_id is None for result in results),
        sum(result.line.person_id is None for result in proven),
        sum(result.outcome is Outcome.FAILED for result in results),
    )
