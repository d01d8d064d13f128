"""``jiaoying sandbox``: the local Bot API server, the real bot, a demo roster, a cast and a page.

Everything is thrown away at the end: the database lives in a temporary folder, made anew at each
start by the same import that a province uses.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any, TextIO

from alerts.loop.evacuation.card_files import read_files
from alerts.loop.evacuation.card_import import import_cards
from bot.app import App, tune_interpreter
from bot.board.server import BoardServer
from bot.config.reader import Secret
from bot.config.settings import (
    BotSettings,
    LadderSettings,
    PaceLimits,
    PolicySettings,
    ScheduleSettings,
    Settings,
)
from bot.config.settings_channels import (
    CallbacksSettings,
    ChannelsSettings,
    GatewaySettings,
    PageSettings,
    SmsSettings,
    VoiceSettings,
)
from bot.config.settings_patrol import FeedSettings
from bot.config.settings_watch import BoardSettings
from bot.config.settings_water import GaugeFeedSettings
from bot.sandbox.bot_api import control
from bot.sandbox.bot_api.server import TOKEN, BotApiServer
from bot.sandbox.card_apps import BY_LEVEL, CardApps
from bot.sandbox.carrier.exchange import Exchange
from bot.sandbox.cast.acting import Cast, scripts_for
from bot.sandbox.cast.evacuation import cards_csv, households_csv, route_geojson
from bot.sandbox.cast.roster import (
    COUNTY,
    DemoRoster,
    LinkState,
    demo_roster,
    groups_csv,
    people_csv,
)
from bot.sandbox.cast.telephones import TelephoneOwners, manners
from bot.sandbox.fast_forward import FastForward
from bot.sandbox.happenings import FEED_PATH, POLL_SECONDS, RAIN_PATH, Happenings
from bot.sandbox.page_routes import Page, scene
from bot.sandbox.telephone_routes import TelephoneRoutes
from bot.services.clocks import MovableClock
from bot.services.opening import open_upgraded
from contacts.roster.columns import RosterKind
from contacts.roster.importing import import_file
from data.database import Database
from data.errors import ConfigError

PORTS_TRIED = 10
READY_SECONDS = 30.0
_HOST = "127.0.0.1"
# Thirty a second as Telegram has it; the limits per chat would hold up a clock that runs fast.
_LIMITS = PaceLimits(per_second=30, per_chat_per_second=20, per_group_per_minute=1000)
_CALLS_PER_SECOND = 100.0


class PortsTaken(ConfigError):
    """No port is free for the page."""

    def __str__(self) -> str:
        port = self.facts.get("port")
        return (
            f"端口 {port} 及其后几个都被占用；请换一个：jiaoying sandbox --port 9000\n"
            f"Port {port} and those after it are taken; choose another: "
            "jiaoying sandbox --port 9000"
        )


class DemoRefused(ConfigError):
    """The import refused the demo roster: a mistake in this program."""

    def __str__(self) -> str:
        return f"演示通讯录无法导入 / the demo roster was refused: {self.facts}"


def run_sandbox(settings: Settings, *, port: int, cast: bool, out: TextIO) -> int:
    """Run until Ctrl-C or SIGTERM; returns the exit code.

    :param port: of the page, on 127.0.0.1; when it is taken the next ones are tried, 0 is any.
    :param cast: whether scripted people answer.
    :raises PortsTaken: when none of them is free.
    """
    began = time.monotonic()
    chosen = free_port(port)
    if port and chosen != port:
        out.write(f"端口 {port} 被占用，改用 {chosen} / port {port} is taken, using {chosen}\n")
    out.write("正在准备沙盒… / preparing the sandbox...\n")
    out.flush()
    with tempfile.TemporaryDirectory(prefix="jiaoying-sandbox-") as folder:
        asyncio.run(_run(_settings(settings, Path(folder)), Path(folder), chosen, cast, out, began))
    out.write("\n沙盒已关闭，数据已清除 / the sandbox is closed, its data is gone\n")
    return 0


def free_port(port: int) -> int:
    """The first free port from ``port`` on, on 127.0.0.1; 0 stays 0.

    :raises PortsTaken: when none of ``PORTS_TRIED`` is free.
    """
    if not port:
        return 0
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, candidate))
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                raise
        return candidate
    raise PortsTaken("ports_taken", port=port)


def import_demo(database: Database, roster: DemoRoster, folder: Path, clock: MovableClock) -> None:
    """Put the demo roster into the store by the import that a province uses.

    :raises DemoRefused: when a row has a problem.
    """
    for kind, text in (
        (RosterKind.PEOPLE, people_csv(roster)),
        (RosterKind.GROUPS, groups_csv(roster)),
    ):
        file = folder / f"{kind.value}.csv"
        file.write_text(text, encoding="utf-8")
        report = import_file(database, kind, file, clock(), zone=UTC)
        if report.problems.total:
            raise DemoRefused("demo_refused", kind=kind.value, problems=report.problems.total)
    files = {
        "cards.csv": cards_csv(roster),
        "households.csv": households_csv(),
        "route.geojson": route_geojson(),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    read = read_files([folder / name for name in files])
    cards = import_cards(database, read, clock(), area=COUNTY)
    if not cards.written:
        raise DemoRefused("demo_refused", kind="evacuation", problems=cards.findings)


def set_the_stage(server: BotApiServer, roster: DemoRoster) -> None:
    """Make everybody's Telegram accounts and groups, as if they had been there for long."""
    for character in roster.people:
        if character.link is not LinkState.NONE:
            server.people.add_user(character.account, character.name, phone=character.number)
    for group in roster.groups:
        server.people.add_group(group.chat_id, group.title, group.members)
    server.started_with_everybody()
    for character in roster.people:
        if character.link is LinkState.NEW:
            for bot in server.world.bots.values():
                server.world.known(character.account).started.discard(bot.id)
        elif character.link is LinkState.BLOCKED:
            server.people.block_bot(character.account)
        elif character.link is LinkState.GONE:
            server.people.deactivate(character.account)
    # Their keyboards: each presses Start, as they do when they come back to the bot.
    for character in (roster.commander, roster.village_head, roster.ranger):
        server.people.press_start(character.account)


def _settings(settings: Settings, folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'sandbox.db'}"
    return replace(
        settings,
        database=replace(settings.database, url=url, synchronous="normal"),
        schedule=ScheduleSettings(sweep_seconds=1.0, card_seconds=2.0),
        # Its clock jumps: nobody is looked for in the woods at every jump, but who is ordered to.
        patrol=replace(settings.patrol, expected=False),
        board=BoardSettings(listen=_HOST, port=0),
        channels=ChannelsSettings(
            page=_page_settings(),
            gateway=_gateway_settings(),
            callbacks=CallbacksSettings(listen=_HOST, port=_any_port()),
            voice=VoiceSettings(per_second=_CALLS_PER_SECOND),
            sms=SmsSettings(per_second=_CALLS_PER_SECOND),
        ),
        policy=PolicySettings(
            *(
                _by_all_means(getattr(settings.policy, level), apps)
                for level, apps in BY_LEVEL.items()
            )
        ),
        watch=replace(settings.watch, port=0, heartbeat_url=Secret()),
        telegram=replace(
            settings.telegram,
            mode="polling",
            limits=_LIMITS,
            bots=(BotSettings(token=Secret(TOKEN)),),
        ),
    )


def _any_port() -> int:
    """A port that is free now, on 127.0.0.1; another one each time."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _page_settings() -> PageSettings:
    """The answer page, on a port that is free now: a link leads there from the first minute."""
    page, port = PageSettings(), _any_port()
    return replace(page, url=f"http://{_HOST}:{port}", listen=_HOST, port=port)


def _gateway_settings() -> GatewaySettings:
    """The carrier's gateway: its secret is made anew each time; its address is known later."""
    return replace(
        GatewaySettings(),
        secret=Secret(secrets.token_urlsafe(32)),
        listen=_HOST,
        port=_any_port(),
    )


def _by_all_means(ladder: LadderSettings, apps: tuple[str, ...]) -> LadderSettings:
    """The ladder with other channels: at once to whoever has no Telegram, to others later."""
    means = ("telegram", "voice", "sms", *apps)
    return replace(ladder, remind_by=means, stand_in_by=means)


def _found_at(
    settings: Settings,
    server: BotApiServer,
    board: BoardServer,
    exchange: Exchange,
    apps: CardApps,
) -> Settings:
    """The settings with the addresses of the servers, once they have their ports."""
    gateway = replace(settings.channels.gateway, url=exchange.url)
    return replace(
        settings,
        channels=apps.named_in(replace(settings.channels, gateway=gateway)),
        telegram=replace(settings.telegram, api_base_url=server.base_url),
        feeds=(
            FeedSettings(
                name="satellite",
                url=f"{server.base_url}{FEED_PATH}",
                every_seconds=POLL_SECONDS,
            ),
        ),
        sources=replace(
            settings.sources,
            gauges=(
                GaugeFeedSettings(
                    name="rain",
                    url=f"{server.base_url}{RAIN_PATH}",
                    every_seconds=POLL_SECONDS,
                ),
            ),
        ),
        board=replace(settings.board, public_url=board.url, port=board.port),
    )


async def _run(
    settings: Settings, folder: Path, port: int, scripted: bool, out: TextIO, began: float
) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    roster, clock, page = demo_roster(), MovableClock(), Page()
    with closing(open_upgraded(settings)) as database:
        import_demo(database, roster, folder, clock)
        server = BotApiServer(clock=clock, app_extensions=(control.add_routes, page.extend))
        await server.start(_HOST, port)

        def changed(number: str) -> None:
            server.world.event("telephone", None, number=number)

        exchange = _exchange(settings, clock, changed)
        callbacks = settings.channels.callbacks
        callback = f"http://{callbacks.listen}:{callbacks.port}/wecom"
        apps = CardApps(clock, roster.people, callback)
        try:
            set_the_stage(server, roster)
            await exchange.start()
            await apps.start()
            board = BoardServer(settings, database, clock)
            await board.start()
            app = App(_found_at(settings, server, board, exchange, apps), database, clock=clock)
            page.scene = scene(roster, server, app.services.gazetteer)
            cast = None
            if scripted:
                geography, scripts = app.services.geography, scripts_for(roster.people)
                cast = Cast(server, clock, scripts, boundaries=lambda: geography.boundaries)
            numbers = [character.number for character in roster.people]
            owners = TelephoneOwners(
                exchange, clock, numbers, manners(roster.people) if scripted else {}
            )
            page.telephones = TelephoneRoutes(exchange, owners, apps, page.now, changed)
            page.cast, page.fast_forward = cast, FastForward(clock, app, server, cast, owners)
            page.happenings = Happenings(
                page.satellite,
                page.gauge,
                page.fast_forward,
                database,
                roster,
                folder,
                app.services.rules.daily,
            )
            tune_interpreter()
            await app.start()
            try:
                await asyncio.wait_for(app.ready(), READY_SECONDS)
                _say_where(server, out, time.monotonic() - began)
                acting = [owners.run(), page.telephones.run(), *([cast.run()] if cast else [])]
                await _until(stopping, app.forever(), *acting)
            finally:
                await app.stop()
                await board.stop()
        finally:
            await apps.stop()
            await exchange.stop()
            await server.stop()


def _exchange(settings: Settings, clock: MovableClock, changed: Callable[[str], None]) -> Exchange:
    """The carrier that rings the telephones; the page hears what happens on each."""
    gateway = settings.channels.gateway
    return Exchange(
        gateway.secret.reveal(),
        f"http://{gateway.listen}:{gateway.port}",
        clock,
        changed,
    )


async def _until(stopping: asyncio.Event, *working: Awaitable[Any]) -> None:
    """Wait for the stop; if something that works forever dies first, raise what it died of."""
    stop = asyncio.ensure_future(stopping.wait())
    tasks = [asyncio.ensure_future(work) for work in working]
    await asyncio.wait({stop, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    dead = [task for task in tasks if task.done()]
    for task in (stop, *tasks):
        task.cancel()
    await asyncio.gather(stop, *tasks, return_exceptions=True)
    for task in dead:
        task.result()


def _say_where(server: BotApiServer, out: TextIO, seconds: float) -> None:
    out.write(
        f"\n叫应沙盒已就绪（{seconds:.1f} 秒）。请用浏览器打开：\n"
        f"The sandbox is ready ({seconds:.1f} s). Open it in a browser:\n\n"
        f"    {server.base_url}/\n\n"
        "人员与电话均为自动生成，不连接互联网；按 Ctrl-C 停止。\n"
        "People and numbers are generated; nothing leaves this machine. Ctrl-C stops it.\n"
    )
    out.flush()
