"""How a web server of ours takes connections in: a few at a time, the others wait in the system.

The event loop takes as many at once as may wait, a hundred if it is asked to: under a flood each of
its rounds, in which people are called too, was as long as that takes.
"""

from __future__ import annotations

import asyncio
import os
import socket
from typing import cast

from aiohttp import web

AT_ONCE = 8
"""Connections taken in one round of the event loop (ours)."""

WAITING = 512
"""Connections that may wait for that (ours)."""


async def open_site(runner: web.AppRunner, listen: str, port: int) -> None:
    """Listen.

    :raises OSError: it cannot.
    """
    site = web.TCPSite(runner, listen, port, backlog=AT_ONCE)
    await site.start()
    # One number means both to the event loop: the system is told another afterwards.
    for own in cast(asyncio.Server, site._server).sockets:
        with socket.socket(fileno=os.dup(own.fileno())) as same:
            same.listen(WAITING)
