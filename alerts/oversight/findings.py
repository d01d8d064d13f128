"""What can be wrong with jiaoying itself, and when an officer is told. Pure.

A finding is believed when a second look finds it too: a sweep that is busy with a province's calls
looks late for a moment. It is over when no look has found it for a while, so that one that comes
and goes is one finding and not twenty messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from alerts.outbox.lanes import Lane
from contacts.channels import Channel

BELIEVED_AFTER = timedelta(seconds=20)
"""Between the first look that finds something and the one that may tell (ours)."""

OVER_AFTER = timedelta(seconds=60)
"""For so long nothing must be found before it is said to be over (ours)."""

FAILED_REPEAT = timedelta(days=1)
"""An update that failed is tried again at the next start only, and a message that a bug kept from
being sent not at all; a group lets the bot write when somebody there thinks of it: no use in saying
it often (ours)."""

SILENT_POLLS = 3
"""A source is silent when it missed so many of its times (ours)."""

UNREADABLE_POLLS = 2
"""A source is lost when so many answers in a row held nothing but rows that cannot be read."""

_PATIENCE = {Lane.DISTRESS: 0.5, Lane.ANSWER: 0.5, Lane.CARD: 10.0}
"""By how much a lane's waiting may be longer or shorter than others'; cards leave last of all."""


class FindingKind(Enum):
    """What can be wrong with jiaoying itself."""

    CALLS_LATE = "calls_late"  # the next step of calls is late: nobody chases
    QUEUE_STUCK = "queue_stuck"  # messages are due and nobody takes them to send
    CLAIMS_STUCK = "claims_stuck"  # messages were taken to be sent, long ago
    INBOX_STUCK = "inbox_stuck"  # taps and messages wait to be handled
    UPDATES_FAILED = "updates_failed"  # taps and messages whose handling failed
    MESSAGES_FAILED = "messages_failed"  # messages that a bug kept from being sent
    SOURCE_SILENT = "source_silent"  # a feed gives nothing any more
    BOT_DOWN = "bot_down"  # revoked, or told to wait for long
    SET_ASIDE = "set_aside"  # fails again and again, and was put off
    SETTINGS_DIFFER = "settings_differ"  # between the processes at work
    CLOCKS_DIFFER = "clocks_differ"  # between machines, or from the database's
    CLOCK_STEPPED = "clock_stepped"  # this machine's was set, and followed or kept out
    GROUPS_REFUSE = "groups_refuse"  # groups that the bot may not write to, or is not in any more
    ROWS_UNREADABLE = "rows_unreadable"  # a feed gives rows that cannot be read
    UNFORESEEN = "unforeseen"  # Telegram refused messages in words that nobody foresaw
    CHANNEL_FAILING = "channel_failing"  # calls that could not be handed to another channel
    CHANNEL_SILENT = "channel_silent"  # another channel takes calls, and tells of none
    CHANNEL_REFUSED = "channel_refused"  # its provider takes none until somebody mends something
    DOORS_SHUT = "doors_shut"  # our servers that cannot listen: no answer comes in there
    ROBOT_FAILING = "robot_failing"  # robots of groups that posts could not be handed to
    SOURCES_DOUBTED = "sources_doubted"  # what feeds of warnings and gauges say cannot be right
    GAUGES_SILENT = "gauges_silent"  # gauges of which nothing comes any more
    HOOKS_FAILING = "hooks_failing"  # other systems that could not be told what happened
    FILES_FAILING = "files_failing"  # CAP messages of which no file could be written


WORST = frozenset(
    {
        FindingKind.CALLS_LATE,
        FindingKind.QUEUE_STUCK,
        FindingKind.INBOX_STUCK,
        FindingKind.BOT_DOWN,
    }
)
"""While one of these is open the heartbeat stops: warnings do not reach people, or answers us."""


_DAILY = frozenset(
    {
        FindingKind.UPDATES_FAILED,
        FindingKind.MESSAGES_FAILED,
        FindingKind.GROUPS_REFUSE,
        FindingKind.ROWS_UNREADABLE,
        FindingKind.UNFORESEEN,
        FindingKind.CHANNEL_FAILING,
        FindingKind.CHANNEL_SILENT,
        FindingKind.CHANNEL_REFUSED,
        FindingKind.ROBOT_FAILING,
        FindingKind.SOURCES_DOUBTED,
        FindingKind.GAUGES_SILENT,
        FindingKind.HOOKS_FAILING,
    }
)


class Telling(Enum):
    """What to do about a kind of finding at one look."""

    NOTHING = "nothing"  # it is not there, and was not
    WATCH = "watch"  # it is there and not believed yet, or those told know it already
    ANEW = "anew"  # it was there long ago, and nobody looked since: watch it from now
    FOUND = "found"  # tell it for the first time
    AGAIN = "again"  # tell it once more
    ENDING = "ending"  # not found now: wait whether it comes back
    FORGET = "forget"  # it went away before anybody was told
    OVER = "over"  # tell that it is over


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of trouble at one look; ``facts`` are counts, times and names for the text."""

    kind: FindingKind
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Open:
    """A finding as it is remembered."""

    kind: FindingKind
    since: datetime
    seen_at: datetime
    told_at: datetime | None = None
    told: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OversightRules:
    """How late is too late (seconds, but for ``repeat_minutes``); the numbers are ours.

    That a call's step is late after a minute is the issue's own.

    ``channels``: those that a ladder names, beside Telegram.
    """

    late_seconds: float = 60.0
    queue_seconds: float = 60.0
    claimed_seconds: float = 600.0
    inbox_seconds: float = 60.0
    repeat_minutes: float = 30.0
    channels: tuple[Channel, ...] = ()

    def repeat(self, kind: FindingKind) -> timedelta:
        """Between two tellings of the same."""
        often = timedelta(minutes=self.repeat_minutes)
        return FAILED_REPEAT if kind in _DAILY else often


@dataclass(frozen=True, slots=True)
class Queue:
    """One lane of one bot's queue: how many are due, since when, and when it was last taken from.

    ``bot_id`` is ``None`` for what no bot says.
    """

    bot_id: int | None
    lane: Lane
    due: int
    oldest_due_at: datetime
    last_claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is asked again and again. ``failures``: in a row, since the last success.

    ``unreadable``: nothing in the last answer could be read. ``bad_rows``: so many of it could not.
    """

    name: str
    last_success: datetime | None
    expected_every: timedelta
    failures: int = 0
    unreadable: bool = False
    bad_rows: int = 0
    fault: str = ""  # of the last answer: a word of ``alerts.sources``


def telling(
    known: Open | None,
    found: bool,
    now: datetime,
    rules: OversightRules,
    *,
    news_at: datetime | None = None,
) -> Telling:
    """What to do about one kind of finding.

    :param news_at: when something came up in it that nobody can have been told of before.
    """
    if known is None:
        return Telling.WATCH if found else Telling.NOTHING
    if not found:
        if now - known.seen_at < OVER_AFTER:
            return Telling.ENDING
        return Telling.FORGET if known.told_at is None else Telling.OVER
    if known.told_at is None:
        if now - known.seen_at >= OVER_AFTER:
            return Telling.ANEW
        return Telling.FOUND if now - known.since >= BELIEVED_AFTER else Telling.WATCH
    if news_at is not None and news_at > known.told_at:
        return Telling.AGAIN
    repeat = rules.repeat(known.kind)
    return Telling.AGAIN if now - known.told_at >= repeat else Telling.WATCH


def believed(known: Open, now: datetime) -> bool:
    """Whether it was found by more than one look, and lately: a watcher that died says nothing."""
    return known.seen_at - known.since >= BELIEVED_AFTER and now - known.seen_at < 2 * OVER_AFTER


def stuck(queues: Iterable[Queue], now: datetime, rules: OversightRules) -> list[Queue]:
    """The queues that do not drain.

    One that is long but taken from is no trouble: a province's warning takes minutes at the pace
    Telegram allows, and a lane waits while a more urgent one is being sent. So a queue is stuck
    when something in it has been due for too long, and neither it nor a more urgent lane of the
    same bot was taken from meanwhile.
    """
    found = []
    known = list(queues)
    for queue in known:
        patience = timedelta(seconds=rules.queue_seconds * _PATIENCE.get(queue.lane, 1.0))
        # They may wait for as long as anybody of ours is spoken to.
        if queue.lane in (Lane.STRANGER, Lane.LAST):
            continue
        if not queue.due or now - queue.oldest_due_at < patience:
            continue
        taken = [
            other.last_claimed_at
            for other in known
            if other.bot_id == queue.bot_id and other.lane <= queue.lane and other.last_claimed_at
        ]
        if not taken or now - max(taken) >= patience:
            found.append(queue)
    return found


def silent(sources: Iterable[Source], now: datetime) -> list[Source]:
    """The sources that fell silent, or never said anything in several tries."""
    return [
        source
        for source in sources
        if (source.unreadable and source.failures >= UNREADABLE_POLLS)
        or (
            source.failures >= SILENT_POLLS
            if source.last_success is None
            else now - source.last_success > SILENT_POLLS * source.expected_every
        )
    ]
