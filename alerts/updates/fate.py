"""What a change of a warning means for somebody who has a call of it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from alerts.calls import CallState
from alerts.lifecycle import RANK, TOLD, AlertMessage, ChangeKind
from alerts.model import Alert, Draft, Level


class Fate(Enum):
    """What becomes of a call."""

    ASK = "ask"  # it waits for an answer, as if made now
    TELL = "tell"  # the person reads what changed, and goes on
    STAND_DOWN = "stand_down"  # the warning is no more for where the person is
    DROP = "drop"  # nor is it for where this one is, who was asked nothing any more: not told again
    LEAVE = "leave"


class Standing(NamedTuple):
    """How a call stands when a change reaches it. Times are aware UTC.

    ``inside``: whether the warning, as it is now, is for one of its posts, or for what lies below.
    ``wanted``: whether its list, as it is now, has the role there.
    ``stands_in``: called in another's place. ``active``: the person is in the roster still, and has
    a post there. ``heard``: the warning has reached them, as far as is known.
    """

    id: int
    state: CallState
    stood_down: bool
    inside: bool
    wanted: bool
    active: bool
    heard: bool
    called_at: datetime
    stands_in: bool = False


def relieves(kinds: Collection[ChangeKind], thing: Draft | Alert) -> bool:
    """Whether a change calls fewer persons of the same area: a response lowered has a shorter list,
    a warning lowered is for the same."""
    return thing.hazard.response and ChangeKind.DOWNGRADE in kinds


def taken_back(history: Sequence[AlertMessage], number: int, now: Level) -> bool:
    """Whether a rise is none any more: the level fell to what it was before it, or below. Whom it
    had not got to need not answer again. A stage asks for more than its level says.

    :param history: the messages of the warning, the first first.
    :param number: that of the rise.
    """
    kinds = history[number - 1].kinds
    rose = ChangeKind.UPGRADE in kinds and ChangeKind.STAGE not in kinds
    return rose and RANK[now] <= RANK[history[number - 2].terms.level]


def rise_undone(history: Sequence[AlertMessage], number: int) -> datetime | None:
    """When the level rose from what it is again, of a change that says no more than that it fell:
    whoever has not been asked since need hear of neither. ``None``: it is no such change.

    :param number: that of the change.
    """
    fell = history[number - 1]
    if TOLD.intersection(fell.kinds) != {ChangeKind.DOWNGRADE}:
        return None
    earlier = zip(reversed(history[: number - 1]), reversed(history[: number - 2]), strict=False)
    for rose, before in earlier:
        if rose.terms.level is not before.terms.level:
            undone = taken_back(history, rose.number, fell.terms.level)
            return rose.sent_at if undone and fell.terms.level is before.terms.level else None
    return None


def fate(
    call: Standing,
    changed_at: datetime,
    *,
    raised: bool,
    told: bool,
    staged: bool = False,
    relieved: bool = False,
    rose_at: datetime | None = None,
) -> Fate:
    """What becomes of a call.

    :param changed_at: whoever was called since knows the warning as it is now.
    :param raised: the level rose: everybody is asked again.
    :param told: something changed that whoever goes on is to know.
    :param relieved: a response was lowered: whoever its list calls no longer need not answer.
    :param staged: only whom the list of the stage, or of the response, calls is asked; the
        others stay as they are.
    :param rose_at: the change ends a rise of then: whom that did not ask is told of neither.
    """
    left_out = call.state is CallState.LEFT_OUT
    gone = call.state in (CallState.DISCHARGED, CallState.CANCELLED)
    if not call.inside:
        if left_out:
            return Fate.LEAVE
        # Whoever was struck off, or stood down, read that: only their village counts no more.
        return Fate.DROP if gone else Fate.STAND_DOWN
    if left_out and call.active:
        # Who stood in there is called up when the other is silent again: as the ladder says.
        wanted = not call.stands_in and (call.wanted or not staged)
        return Fate.ASK if wanted else Fate.LEAVE
    over = left_out or call.stood_down or not call.active or call.called_at > changed_at
    if over:
        return Fate.LEAVE
    if relieved and not call.wanted and call.state is CallState.WAITING:
        return Fate.STAND_DOWN
    if raised:
        return Fate.ASK if call.wanted or not staged else Fate.LEAVE
    knows = rose_at is None or call.called_at > rose_at
    return Fate.TELL if told and call.heard and knows and not gone else Fate.LEAVE
