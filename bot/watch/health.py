"""Whether this process can do its work: its parts run, and the database can be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from alerts.oversight.auditing import worst_open
from alerts.oversight.findings import FindingKind
from alerts.oversight.store import prove_writable
from bot.services.async_database import AsyncDatabase
from bot.watch.vitals import Vitals
from data import schema
from data.errors import StoreError
from data.schema import SchemaState

PATIENCE_SECONDS = 8.0
"""For the database: longer than it waits by itself for a lock or a server that is restarted."""

FRESH_FOR = timedelta(seconds=3)
"""One proof that the store can be written serves all who ask within it."""


class Ailment(Enum):
    """What is wrong with a process."""

    UNWRITABLE = "database_unwritable"
    SCHEMA = "schema_not_current"
    NOT_SENDING = "not_sending"
    PART_DIED = "part_died"
    NOT_HEARING = "telegram_not_heard"
    SWEEP_LATE = "sweep_late"
    AUDIT_LATE = "audit_late"


WORDS = {
    Ailment.UNWRITABLE: "数据库写不进去 / the database cannot be written",
    Ailment.SCHEMA: "数据库结构与程序不符，请运行 jiaoying db upgrade"
    " / the schema is not this release's: run jiaoying db upgrade",
    Ailment.NOT_SENDING: "没有在发消息 / nothing is sending",
    Ailment.PART_DIED: "有一部分已停止 / a part has died",
    Ailment.NOT_HEARING: "收不到 Telegram 的更新 / Telegram does not answer getUpdates",
    Ailment.SWEEP_LATE: "很久没有扫描到期的叫应 / the last sweep is long ago",
    Ailment.AUDIT_LATE: "很久没有自查 / the auditor's last look is long ago",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One ailment; ``bot_id`` when it is of one bot."""

    ailment: Ailment
    bot_id: int | None = None

    @property
    def words(self) -> str:
        """What is wrong, in Chinese and English."""
        which = "" if self.bot_id is None else f" (bot {self.bot_id})"
        return WORDS[self.ailment] + which


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What the store answered at ``at``."""

    at: datetime
    writable: bool
    current: bool
    worst: tuple[FindingKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """How healthy the process is. ``worst`` are the open findings that stop the heartbeat."""

    complaints: tuple[Complaint, ...]
    worst: tuple[FindingKind, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing to complain of."""
        return not self.complaints


SCHEDULE = 0
"""The schedule's key among the duties of a process; a bot's is its id."""


def duties(vitals: Vitals) -> set[int]:
    """What the process has to do again and again: the schedule, and bots it must hear of."""
    listens = vitals.should_take_in and vitals.alone
    found = {bot.bot_id for bot in vitals.bots if bot.polls and (bot.takes_in or listens)}
    return found | ({SCHEDULE} if vitals.schedules else set())


def judge(
    vitals: Vitals,
    store: StoreHealth,
    began: Mapping[int, datetime],
    now: datetime,
    silence: timedelta,
) -> Health:
    """What is wrong. Pure.

    :param began: when each of its ``duties`` was first seen: what has not happened yet, or was
        long ago because it was another process's, counts from there.
    :param silence: how long nothing may be swept or heard.
    """

    def late(duty: int, at: datetime | None) -> bool:
        since = began.get(duty)
        return since is not None and abs(now - max(since, at or since)) > silence

    complaints = (*_of_the_store(store), *_of_the_process(vitals, late))
    return Health(complaints, store.worst)


def _of_the_store(store: StoreHealth) -> Iterator[Complaint]:
    if not store.writable:
        yield Complaint(Ailment.UNWRITABLE)
    elif not store.current:
        yield Complaint(Ailment.SCHEMA)


def _of_the_process(
    vitals: Vitals, late: Callable[[int, datetime | None], bool]
) -> Iterator[Complaint]:
    for bot in vitals.bots:
        if bot.died:
            yield Complaint(Ailment.PART_DIED, bot.bot_id)
        if vitals.should_send and vitals.alone and not bot.sends:
            yield Complaint(Ailment.NOT_SENDING, bot.bot_id)
        if late(bot.bot_id, bot.heard_at):
            yield Complaint(Ailment.NOT_HEARING, bot.bot_id)
    if late(SCHEDULE, vitals.swept_at):
        yield Complaint(Ailment.SWEEP_LATE)
    if late(SCHEDULE, vitals.audited_at):
        yield Complaint(Ailment.AUDIT_LATE)


class HealthCheck:
    """Finds out how healthy one process is."""

    def __init__(
        self,
        database: AsyncDatabase,
        clock: Callable[[], datetime],
        vitals: Callable[[], Vitals],
        silent_seconds: float,
    ) -> None:
        self._database = database
        self._clock = clock
        self._vitals = vitals
        self._silence = timedelta(seconds=silent_seconds)
        self._began: dict[int, datetime] = {}
        self._known: StoreHealth | None = None
        self._asking = asyncio.Lock()

    async def check(self) -> Health:
        """How healthy it is now."""
        store = await self._store()
        vitals, now = self._vitals(), self._clock()
        self._began = {duty: self._began.get(duty, now) for duty in duties(vitals)}
        return judge(vitals, store, self._began, now, self._silence)

    async def _store(self) -> StoreHealth:
        async with self._asking:
            known = self._known
            if known is None or abs(self._clock() - known.at) > FRESH_FOR:
                self._known = known = await self._ask()
            return known

    async def _ask(self) -> StoreHealth:
        now, database = self._clock(), self._database
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await database.run(lambda c: prove_writable(c, now))
                found, worst = await database.ask(lambda c: (schema.state(c), worst_open(c, now)))
        except (StoreError, TimeoutError):
            return StoreHealth(self._clock(), False, True)
        return StoreHealth(self._clock(), True, found is SchemaState.CURRENT, tuple(worst))
