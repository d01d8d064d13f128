"""The Bot API server as a process of its own, for benches and tests.

``python -m bot.sandbox.bot_api --help``
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Sequence

from bot.sandbox.bot_api import control
from bot.sandbox.bot_api.limits import RateLimits
from bot.sandbox.bot_api.server import TOKEN, BotApiServer


def limits_from(text: str) -> RateLimits:
    """Read limits such as ``30,1,20``: per second, per chat per second, per group per minute.

    0 switches one off.

    :raises argparse.ArgumentTypeError: when these are not three numbers.
    """
    numbers = [int(part) for part in text.split(",")]
    if len(numbers) != 3 or min(numbers) < 0:
        raise argparse.ArgumentTypeError("three numbers, as in 30,1,20")
    return RateLimits(*numbers)


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    options = argparse.ArgumentParser(
        prog="python -m bot.sandbox.bot_api", description="The local Bot API server."
    )
    options.add_argument("--host", default="127.0.0.1")
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options.add_argument("--token", action="append", help="may be repeated")
    options.add_argument("--limits", type=limits_from, help="for example 30,1,20")
    options.add_argument("--population", type=int, default=0, help="ids that have pressed Start")
    options.add_argument("--no-log", action="store_true", help="do not log calls")
    options.add_argument("--forget", action="store_true", help="keep the newest messages only")
    return options


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT; prints ``ready URL`` once it listens."""
    server = BotApiServer(
        options.token or (TOKEN,),
        limits=options.limits,
        population=options.population,
        log_calls=not options.no_log,
        keep_messages=not options.forget,
        app_extensions=(control.add_routes,),
    )
    # Who measures a client's pace must not pause by itself: a collection over all messages kept
    # takes longer than the jitter that is measured.
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.start(options.host, options.port)
    sys.stdout.write(f"ready {server.base_url}\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server until it is told to stop; returns the exit code."""
    asyncio.run(serve(parser().parse_args(arguments)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
