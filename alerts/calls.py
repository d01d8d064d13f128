"""The states of one call, and what leads from one to another. Pure.

A call belongs to one person (DESIGN, rule 2). It is *open* until its addressee answers it, an
officer records that the person was reached otherwise (proxy), or somebody discharges it with a
reason. Nothing else closes it: not another person's answer, not time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from contacts.channels import Channel


class CallState(Enum):
    """Where a call is."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"  # 收到, by the addressee
    PROXIED = "proxied"  # reached otherwise, recorded by an officer
    REPORTED = "reported"  # answered, and told what was done
    DISCHARGED = "discharged"  # taken off the list with a reason
    CANCELLED = "cancelled"  # the warning was cancelled or expired before an answer
    LEFT_OUT = "left_out"  # narrowed, it is no more for where they are; lowered, it relieves them


class Proxy(Enum):
    """How a person was reached when not by Telegram (DOMAIN: the last rung is people)."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    BROADCAST = "broadcast"
    RUNNER = "runner"  # somebody sent there told them, as no other way was left


OPEN = frozenset({CallState.WAITING})
ANSWERED = frozenset({CallState.ACKNOWLEDGED, CallState.PROXIED, CallState.REPORTED})
SETTLED = ANSWERED | {CallState.DISCHARGED}
"""What counts for closing the alert (销号): answered, or discharged with a reason."""

COUNTED = tuple(state for state in CallState if state is not CallState.LEFT_OUT)
"""What is in the denominator (应叫): every call but those that a narrowing left out, which are
neither called nor silent, whatever they had answered. What they answered and reported stays in
their rows, and who was moved there stays counted as moved (docs/changing_warnings.md)."""

STOOD_DOWN = "stood_down"
"""The ``discharge_reason`` of a stand-in's call that ended because the other is there; all other
reasons are an officer's own words."""

INCLUDED = 1024
"""A bit in a call's ``steps``, beside the rungs: it was made, or made anew, as its warning came to
be for where its person is while it ran. Its button says that time."""

ASKED_AGAIN = 256
"""Another: it was asked before; that was answered, or counts no more."""

PROXIED = "call.proxied"
"""The action of the trail: an officer recorded that somebody was reached otherwise."""

TAKE_BACK_FOR = timedelta(minutes=1)
"""How long an officer can take a proxy answer back (ours): a slip of the finger is noticed at once.
"""


class Reach(Enum):
    """Whether the call's message got to the addressee's phone."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    UNREACHABLE = "unreachable"  # never linked, blocked, deactivated


class Via(Enum):
    """How a call was answered."""

    BUTTON = "button"
    GROUP = "group"  # the button under the group's post
    WORDS = "words"  # typed 收到
    REACTION = "reaction"  # 👍 to the call's message
    MEDIA = "media"  # a voice message or picture in reply to the call
    PROXY = "proxy"
    VOICE = "voice"  # a key pressed during a telephone call
    SMS = "sms"  # the reply to an SMS
    PAGE = "page"  # the page in a browser
    WECOM = "wecom"  # a button of a card, or a message, there
    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    EMAIL = "email"


ANSWERED_BY: Mapping[Channel, Via] = {
    channel: Via(channel.value)
    for channel in (
        Channel.VOICE,
        Channel.SMS,
        Channel.WECOM,
        Channel.FEISHU,
        Channel.DINGTALK,
        Channel.EMAIL,
    )
}
"""How whoever answers in a channel beside Telegram has answered."""


class Report(Enum):
    """What the responsible person reports after answering."""

    DONE = "done"
    MOVED = "moved"
    CANNOT = "cannot"
    HELP = "help"


class CallOutcome(Enum):
    """What became of an attempt to change a call; only RECORDED changed anything."""

    RECORDED = "recorded"
    ALREADY = "already"  # the same was recorded before: fine, say when
    CLOSED = "closed"  # the alert was cancelled or the call discharged
    NEEDS_ANSWER = "needs_answer"  # a report before the answer
    DOUBTED = "doubted"  # the figures are asked about first
    BEFORE = "before"  # given before an earlier answer was taken back or doubted: it is asked again
    RAISED = "raised"  # the button is of before the level rose: it is asked again
    TOO_LATE = "too_late"  # a proxy answer cannot be taken back any more, or not by this officer


class LadderState(NamedTuple):
    """Where a call stands on its ladder: all that decides its next step. Times are aware UTC.

    A named tuple, which a sweep makes and compares tens of thousands of times.
    """

    state: CallState
    reach: Reach
    called_at: datetime
    delivered_at: datetime | None = None
    steps: int = 0  # the rungs climbed, as bits (``escalation.Step``)
    last_step_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Still to be answered."""
        return self.state in OPEN


class Included(NamedTuple):
    """That a warning came to be for where somebody is while it ran.

    ``at``: since when their call waits: since then, or since an answer was taken back.
    ``again``: they had been called before.
    """

    at: datetime
    again: bool


class Call(NamedTuple):
    """One person's call. Times are aware UTC.

    A named tuple: each tap makes two, and a frozen dataclass takes ten times as long to change.
    """

    id: int
    alert_id: int
    person_id: int
    division_code: str
    role: str
    state: CallState
    reach: Reach
    called_at: datetime
    delivered_at: datetime | None = None
    stand_in_for: int | None = None
    message_id: int | None = None
    steps: int = 0
    repeats: int = 0
    last_step_at: datetime | None = None
    answered_at: datetime | None = None
    answered_via: Via | None = None
    proxy_by: int | None = None
    proxy_how: str | None = None
    reported_at: datetime | None = None
    report: Report | None = None
    households: int | None = None
    persons: int | None = None
    report_text: str | None = None
    discharged_by: int | None = None
    discharge_reason: str | None = None
    place_code: str = ""  # of the post, where it is at a place

    @property
    def open(self) -> bool:
        """Still to be answered."""
        return self.state in OPEN

    @property
    def ladder_state(self) -> LadderState:
        """Where it stands on its ladder."""
        return LadderState(
            self.state,
            self.reach,
            self.called_at,
            self.delivered_at,
            self.steps,
            self.last_step_at,
        )

    @property
    def stood_down(self) -> bool:
        """A stand-in's, which ended because the other is there."""
        return self.state is CallState.DISCHARGED and self.discharge_reason == STOOD_DOWN

    @property
    def left_out(self) -> bool:
        """Its warning was narrowed, and is no more for where its person is; or it is a response
        that was lowered, and calls its person no more."""
        return self.state is CallState.LEFT_OUT

    @property
    def included(self) -> Included | None:
        """When its warning came to be for where its person is, if that was while it ran."""
        if not self.steps & INCLUDED:
            return None
        return Included(self.called_at, bool(self.steps & ASKED_AGAIN))

    @property
    def answered(self) -> bool:
        """Answered by the person or by proxy."""
        return self.state in ANSWERED

    @property
    def answered_before(self) -> bool:
        """Answered, and left out since: that was said stays, and counts no more."""
        return self.left_out and self.answered_at is not None


_OVER = frozenset({CallState.CANCELLED, CallState.DISCHARGED, CallState.LEFT_OUT})
"""Nothing is asked any more, and nothing was answered that counts."""


def answer_time(call: Call, done_at: datetime | None, now: datetime) -> datetime:
    """When the addressee answered: when it was done, though never before they were called.

    :param done_at: ``None``: now.
    """
    return now if done_at is None else min(now, max(done_at, call.delivered_at or call.called_at))


def report_time(call: Call, done_at: datetime | None, now: datetime) -> datetime:
    """When the addressee reported: when it was done, though never before they had answered.

    :param done_at: ``None``: now.
    """
    return now if done_at is None else min(now, max(done_at, call.answered_at or call.called_at))


def _in_time(call: Call, at: datetime, over_since: datetime | None) -> bool:
    """Whether its warning ended unanswered only because what was done before was heard after."""
    return call.state is CallState.CANCELLED and over_since is not None and at < over_since


def acknowledge(
    call: Call, via: Via, at: datetime, over_since: datetime | None = None
) -> tuple[Call, CallOutcome]:
    """The addressee answers. An own answer after a proxy's replaces it: the person is awake.

    :param over_since: since when the warning is over: what was answered before counts.
    """
    if call.state in (CallState.ACKNOWLEDGED, CallState.REPORTED):
        return call, CallOutcome.ALREADY
    if call.state in _OVER and not _in_time(call, at, over_since):
        return call, CallOutcome.CLOSED
    return (
        call._replace(state=CallState.ACKNOWLEDGED, answered_at=at, answered_via=via),
        CallOutcome.RECORDED,
    )


def proxy(
    call: Call, by: int, how: str, at: datetime, over_since: datetime | None = None
) -> tuple[Call, CallOutcome]:
    """An officer records that the person was reached otherwise; counted apart from own answers.

    :param over_since: as for ``acknowledge``.
    """
    if call.answered:
        return call, CallOutcome.ALREADY
    if not call.open and not _in_time(call, at, over_since):
        return call, CallOutcome.CLOSED
    return (
        call._replace(
            state=CallState.PROXIED,
            answered_at=at,
            answered_via=Via.PROXY,
            proxy_by=by,
            proxy_how=how,
        ),
        CallOutcome.RECORDED,
    )


def take_back(
    call: Call, by: int, recorded_at: datetime | None, now: datetime
) -> tuple[Call, CallOutcome]:
    """The officer who recorded a proxy answer takes it back: the call is open again.

    :param recorded_at: when it was recorded: after the answer itself, when the tap came late.
    """
    if call.open:
        return call, CallOutcome.ALREADY
    if call.state is not CallState.PROXIED or call.proxy_by != by or recorded_at is None:
        return call, CallOutcome.TOO_LATE
    if now - recorded_at > TAKE_BACK_FOR:
        return call, CallOutcome.TOO_LATE
    return reopened(call), CallOutcome.RECORDED


def reopened(call: Call) -> Call:
    """The call as it was before it was answered by proxy."""
    return call._replace(
        state=CallState.WAITING,
        answered_at=None,
        answered_via=None,
        proxy_by=None,
        proxy_how=None,
    )


def report(
    call: Call,
    what: Report,
    at: datetime,
    *,
    households: int | None = None,
    persons: int | None = None,
    text: str | None = None,
) -> tuple[Call, CallOutcome]:
    """The person tells what was done: the call keeps the last report, and the latest figures.

    Whoever was left out since tells it still, and stays left out.
    """
    if call.state in (CallState.CANCELLED, CallState.DISCHARGED):
        return call, CallOutcome.CLOSED
    if call.open:
        return call, CallOutcome.NEEDS_ANSWER
    told = call._replace(
        state=CallState.LEFT_OUT if call.left_out else CallState.REPORTED,
        reported_at=at,
        report=what,
        households=call.households if households is None else households,
        persons=call.persons if persons is None else persons,
        # Of another kind of report the words of this one are none.
        report_text=call.report_text if text is None and call.report is what else text,
    )
    if told._replace(reported_at=call.reported_at) == call:
        return call, CallOutcome.ALREADY
    return told, CallOutcome.RECORDED


def stands_as(state: CallState, via: str | None, *, told: bool) -> CallState:
    """How a call stands that is for another of its posts from now on.

    :param via: by what it was answered.
    :param told: whether something was reported of that post.
    """
    if state not in ANSWERED or told:
        return CallState.REPORTED if state in ANSWERED else state
    return CallState.PROXIED if via == Via.PROXY.value else CallState.ACKNOWLEDGED


def discharge(call: Call, by: int | None, reason: str) -> tuple[Call, CallOutcome]:
    """Take an open call off the list, with the reason (销号)."""
    if call.state is CallState.DISCHARGED:
        return call, CallOutcome.ALREADY
    if not call.open:
        return call, CallOutcome.CLOSED
    return (
        call._replace(state=CallState.DISCHARGED, discharged_by=by, discharge_reason=reason),
        CallOutcome.RECORDED,
    )
