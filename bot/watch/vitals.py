"""What runs in this process and how well, read in one go, without asking the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.outbox.lanes import Lane


@dataclass(frozen=True, slots=True)
class BotVitals:
    """How one bot runs in this process. ``bot_id`` is the public half of its token."""

    bot_id: int
    sends: bool = False  # its pace is ours
    takes_in: bool = False  # its updates are ours
    polls: bool = True  # by getUpdates; otherwise by webhook
    died: bool = False  # a part that runs for ever has ended
    heard_at: datetime | None = None  # the last answer to getUpdates
    requests: Mapping[str, int] | None = None  # by result, since we began to send
    handled: Mapping[str, int] | None = None  # updates by kind, since the start
    held: Mapping[Lane, int] | None = None  # wait in the pacer
    halted_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Vitals:
    """How one process runs. ``alone``: no other process could do what it leaves undone."""

    bots: tuple[BotVitals, ...]
    should_send: bool
    should_take_in: bool
    alone: bool
    schedules: bool
    swept_at: datetime | None = None
    audited_at: datetime | None = None
    writer_queue: int = 0
    connections: Mapping[str, bool] | None = None  # to providers, by name: whether they stand
