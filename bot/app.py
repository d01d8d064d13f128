"""The only place where the parts are put together: the store, the bots, the schedule."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import socket
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.config.fingerprint import fingerprint
from bot.config.rules import all_rules
from bot.config.settings import Settings
from bot.runtime.leases import Leases
from bot.runtime.line import Line
from bot.runtime.loading import load_the_rest
from bot.runtime.schedule import TickRunner, schedule
from bot.services.async_database import AsyncDatabase
from bot.services.clocks import utc_now
from bot.services.geography import Geography
from bot.services.services import Services
from bot.telegram.lookout import Lookout
from bot.telegram.transport import Connections
from bot.telegram.webhook import Webhook
from bot.watch.vitals import Vitals
from bot.watch.watching import Watching
from contacts import bot_store
from contacts.bots import Bot
from data.database import Database
from data.leases import LeaseTable

if TYPE_CHECKING:
    from bot.api.server import ApiServer
    from bot.channels.answer_page import AnswerPage
    from bot.channels.callback_server import CallbackServer
    from bot.channels.gateway_server import GatewayServer
    from bot.channels.providers import LongConnection
    from data.geo.boundaries import Boundaries

# python-telegram-bot's new way with durations; without it, every live location is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

INTAKE, DISPATCH, SCHEDULE = "intake", "dispatch", "schedule"
PARTS = (INTAKE, DISPATCH, SCHEDULE)
"""What a process may do: take updates in, send, chase. ``run --only`` names one of them."""


def tune_interpreter() -> None:
    """Set the interpreter for a process of many threads that answers taps; once, before any starts.

    What is loaded by now stays: the collector need not walk it. With its defaults, each of its
    long rounds (50 to 100 ms) makes a message late, and costs a quarter of the CPU of sending.
    What is garbage when this is called stays too (two thousand things of the modules; to look for
    them would take a twentieth of the start).

    Threads started from here on share one pool of C's allocator: with one each, what one of them
    has freed is of no use to the others (6 MB of 138).
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
    with suppress(OSError, AttributeError):  # another C library: it has its own ways
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


FIRST_MESSAGES_SECONDS = 1.0
"""For so long a start waits for its first messages to leave before it takes updates in."""

_M_ARENA_MAX = -8
"""``malloc.h`` of the GNU C library."""


class App:
    """All bots at work; make it in a running event loop. ``start`` it, then it runs until ``stop``.

    :param clock: where the time comes from; the sandbox and the tests move it.
    :param ticking: whether the schedule runs and geography is loaded ahead by themselves; tests
        tick by hand.
    :param parts: what this process does, of ``PARTS``; several processes may share the work.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        clock: Callable[[], datetime] = utc_now,
        ticking: bool = True,
        parts: Collection[str] = PARTS,
    ) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.worker = f"{socket.gethostname()[:16]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._parts = frozenset(parts)
        self._ticking = ticking

        # What all parts work with.
        self.services = Services(
            database=AsyncDatabase(database, readers=4, name="reader"),
            settings=settings,
            rules=all_rules(settings),
            geography=Geography(database, self._load_boundaries),
            clock=clock,
        )
        self._connections = Connections(poll_limit=2 * len(settings.telegram.bots) + 4)

        # The bots: each takes its updates in and sends its messages, here or in another process.
        self._outbox = AsyncDatabase(database, readers=4, name="render")
        lookout = Lookout(self._outbox, clock)
        self.lines = [
            Line(
                bot.token.reveal(),
                services=self.services,
                outbox=self._outbox,
                lookout=lookout,
                connections=self._connections,
                process=self.worker,
                may_send=self._holds(DISPATCH, bot.token.reveal().partition(":")[0]),
            )
            for bot in settings.telegram.bots
        ]
        self._webhook: Webhook | None = None
        self.answer_page: AnswerPage | None = None  # where people answer without Telegram
        self.api: ApiServer | None = None  # for other systems
        self._gateway: GatewayServer | None = None
        self._callbacks: CallbackServer | None = None
        self._roads_in: list[LongConnection] = []  # to providers
        self._hearing: list[asyncio.Task[None]] = []  # what keeps them open

        # What happens by itself as time passes, and the watch over it all.
        self._ticks: TickRunner | None = None  # made when it is first needed
        self._scheduler: AsyncIOScheduler | None = None  # while the schedule is ours to keep
        self.watching = Watching(settings.watch, database, self._connections, clock, self.vitals)

        # Which of all this is this process's to do.
        self._leases: Leases | None = None
        self._keeping_leases: asyncio.Task[None] | None = None
        self._following: list[asyncio.Task[None]] = []  # what is imported

    async def start(self) -> None:
        """Send first: what an earlier process left undone goes out before anything is asked."""
        await self._connections.open()
        configured = [
            Bot(line.bot_id, bot.division)
            for line, bot in zip(self.lines, self.settings.telegram.bots, strict=True)
        ]
        await self.services.database.run(lambda c: bot_store.configure(c, configured, self.clock()))
        if INTAKE in self._parts and self.settings.telegram.mode == "webhook":
            intakes = {line.webhook_path: line.intake for line in self.lines}
            self._webhook = Webhook(self.settings.telegram.webhook, intakes)
            for line in self.lines:
                await line.intake.learn()
            await self._webhook.start()
        if INTAKE in self._parts and self.settings.channels.page.url:
            from bot.channels.answer_page import AnswerPage  # others start without it

            self.answer_page = AnswerPage(self.services)
            await self.answer_page.start()
        if INTAKE in self._parts and self.settings.api.url:
            from bot.api.server import ApiServer  # others start without it

            self.api = ApiServer(self.services)
            await self.api.start()
        gateway = self.settings.channels.gateway
        if INTAKE in self._parts and gateway.secret and gateway.port:
            from bot.channels.gateway_server import GatewayServer  # others start without it

            self._gateway = GatewayServer(self.services)
            await self._gateway.start()
        if INTAKE in self._parts and self.settings.channels.served:
            await self._hear_providers()
        table = None if self.database.is_sqlite else LeaseTable(self.database.url)
        self._leases = Leases(
            table,
            self.worker,
            self._wanted_leases(),
            self._gained,
            self._lost,
            settings=fingerprint(self.settings),
            wall=self.clock,
        )
        loop = asyncio.get_running_loop()
        self._keeping_leases = loop.create_task(self._leases.run(), name="leases")
        geography = self.services.geography
        self._following = [loop.create_task(geography.follow(), name="geography")]
        if DISPATCH in self._parts and self._ticking:
            ahead = loop.create_task(geography.load_ahead(), name="geography ahead")
            self._following.append(ahead)
        await self.watching.start()

    async def _hear_providers(self) -> None:
        """Take in what the providers of other channels tell, by the roads that are in use."""
        from bot.channels.callback_server import CallbackServer  # others start without it
        from bot.channels.providers import callback_routes, kept_open, long_connections

        if routes := callback_routes(self.services):
            self._callbacks = CallbackServer(
                self.settings.channels.callbacks, routes, self.services.doors
            )
            await self._callbacks.start()
        self._roads_in = long_connections(self.services)
        self._hearing = [
            asyncio.create_task(kept_open(connection), name=f"{connection.name} connection")
            for connection in self._roads_in
        ]

    def _holds(self, part: str, which: str) -> Callable[[], bool]:
        """Asks whether one of the leases is ours at that moment."""
        name = f"{part}:{which}"
        return lambda: self._leases is not None and self._leases.held(name)

    def _wanted_leases(self) -> dict[str, list[str]]:
        """What this process would do, by part: each bot's sending and intake, the schedule."""
        wanted = {
            part: [f"{part}:{line.bot_id}" for line in self.lines]
            for part in (DISPATCH, INTAKE)
            if part in self._parts
        }
        if SCHEDULE in self._parts and self._ticking:
            wanted[SCHEDULE] = [f"{SCHEDULE}:all"]
        return wanted

    @property
    def ticks(self) -> TickRunner:
        """What happens by itself as time passes."""
        if self._ticks is None:
            from bot.runtime.ticks import all_ticks  # a start sends before it has it

            self._ticks = TickRunner(
                all_ticks(self.services),
                self.services.database,
                self.clock,
                may_run=self._holds(SCHEDULE, "all"),
            )
        return self._ticks

    async def ready(self) -> None:
        """Wait until Telegram knows our bots and their updates are being taken in."""
        for line in self.lines:
            await line.ready.wait()

    def vitals(self) -> Vitals:
        """How this process stands, for the watch."""
        finished = {} if self._ticks is None else self._ticks.finished
        return Vitals(
            tuple(line.vitals() for line in self.lines),
            should_send=DISPATCH in self._parts,
            should_take_in=INTAKE in self._parts,
            alone=self.database.is_sqlite,
            schedules=self._scheduler is not None,
            swept_at=finished.get("sweep"),
            audited_at=finished.get("audit"),
            writer_queue=self.database.waiting,
            connections={connection.name: connection.stands for connection in self._roads_in},
        )

    @property
    def busy(self) -> bool:
        """Whether anything is being handled or waits to be sent."""
        return any(line.busy for line in self.lines)

    def look_again(self) -> None:
        """Something may be due that was not: the clock was moved, and nobody slept meanwhile."""
        for line in self.lines:
            line.intake.awake()
            if line.dispatcher is not None:
                line.dispatcher.look_again()

    async def stop(self) -> None:
        """Finish what is under way, give back the rest, let go."""
        await self.watching.stop()
        for following in (*self._following, *self._hearing):
            following.cancel()
        await asyncio.gather(*self._following, *self._hearing, return_exceptions=True)
        doors = (self._webhook, self.answer_page, self.api, self._gateway, self._callbacks)
        for server in doors:
            if server is not None:
                await server.stop()
        if self._leases is not None:
            await self._leases.end_work(INTAKE)
            await asyncio.gather(*(line.voice.finish() for line in self.lines))
            await self._leases.end_work()
        await self._end_schedule()
        if self._keeping_leases is not None:
            self._keeping_leases.cancel()
            await asyncio.gather(self._keeping_leases, return_exceptions=True)
        # What is at work all the same, where keeping the leases itself went wrong.
        await asyncio.gather(*(line.stop_taking_in() for line in self.lines))
        await asyncio.gather(*(line.voice.finish() for line in self.lines))
        await asyncio.gather(*(line.stop_sending() for line in self.lines))
        if self._leases is not None:
            await self._leases.leave()
        await asyncio.gather(
            *(line.application.bot.shutdown() for line in self.lines), return_exceptions=True
        )
        await self._connections.close()
        self._outbox.close()
        self.services.database.close()

    async def forever(self) -> None:
        """Run until one of the parts dies (which is a bug) or the caller cancels."""
        assert self._keeping_leases is not None
        while True:
            tasks = [self._keeping_leases, *(task for line in self.lines for task in line.tasks)]
            done, _ = await asyncio.wait(
                tasks, return_when=asyncio.FIRST_EXCEPTION, timeout=LOOK_SECONDS
            )
            for task in done:
                if not task.cancelled():
                    task.result()

    async def _gained(self, name: str) -> None:
        part, _, which = name.partition(":")
        if part != DISPATCH:
            await self._first_messages()
            await load_the_rest()
        if part == SCHEDULE:
            # Made now: ticks that were overdue would all look at one moment.
            self._scheduler = schedule(self.ticks)
            self._scheduler.start()
            return
        line = next(line for line in self.lines if str(line.bot_id) == which)
        await (line.send() if part == DISPATCH else line.take_in())

    async def _first_messages(self) -> None:
        """Let what waited for this start leave, before it must share the interpreter."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_MESSAGES_SECONDS):
                await asyncio.gather(*(line.first_messages() for line in self.lines))

    async def _lost(self, name: str) -> None:
        part, _, which = name.partition(":")
        if part == SCHEDULE:
            await self._end_schedule()
            return
        line = next(line for line in self.lines if str(line.bot_id) == which)
        await (line.stop_sending() if part == DISPATCH else line.stop_taking_in())

    async def _end_schedule(self) -> None:
        """Look at nothing more; returns when what was under way has ended."""
        scheduler, self._scheduler = self._scheduler, None
        if scheduler is not None:
            scheduler.shutdown(wait=False)
        await self.ticks.halt()

    def _load_boundaries(self) -> Boundaries:
        from contacts.divisions.boundary_file import load_boundaries

        return load_boundaries(self.settings.database.url, Path.cwd())


LOOK_SECONDS = 1.0
"""How soon the death of a part begun after a change of leases is noticed."""
