"""What runs in this process and how well, read in one go, without asking the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.base import STATE_RUNNING

from alerts.outbox.lanes import Lane
from data.database import Database

if TYPE_CHECKING:
    from bot.runtime.line import Line
    from bot.runtime.schedule import TickRunner


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


def vitals_of(
    lines: Sequence[Line],
    ticks: TickRunner,
    scheduler: AsyncIOScheduler,
    database: Database,
    *,
    should_send: bool,
    should_take_in: bool,
) -> Vitals:
    """The vitals of an app made of these parts."""
    return Vitals(
        tuple(_bot(line) for line in lines),
        should_send,
        should_take_in,
        database.is_sqlite,
        scheduler.state == STATE_RUNNING,
        ticks.finished.get("sweep"),
        ticks.finished.get("audit"),
        database.waiting,
    )


def _bot(line: Line) -> BotVitals:
    dispatcher = line.dispatcher
    return BotVitals(
        line.bot_id,
        sends=dispatcher is not None,
        takes_in=line.takes_in,
        polls=line.polls,
        died=any(task.done() for task in line.tasks),
        heard_at=line.intake.heard_at,
        requests=None if dispatcher is None else dict(dispatcher.results),
        handled=dict(line.updates.handled),
        held=None if dispatcher is None else dispatcher.held,
        halted_seconds=0.0 if dispatcher is None else dispatcher.halted_for,
    )
