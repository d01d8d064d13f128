"""A gateway that takes every call and keeps nothing but when: ``python -m bench.county_gateway``.

Prints ``ready URL``. ``GET /seen`` tells when each call came, by channel; its signature is not
looked at.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict

import orjson
from aiohttp import web


def application() -> web.Application:
    """Takes calls as ``docs/channels.md`` says."""
    seen: defaultdict[str, list[float]] = defaultdict(list)
    ids: set[str] = set()
    twice = 0

    async def take(request: web.Request) -> web.Response:
        nonlocal twice
        call = orjson.loads(await request.read())
        twice += call["id"] in ids
        ids.add(call["id"])
        seen[call["channel"]].append(time.monotonic())
        return web.json_response({"provider_id": call["id"]}, status=202)

    async def tell(_request: web.Request) -> web.Response:
        return web.json_response({"came": seen, "twice": twice})

    made = web.Application()
    made.router.add_post("/v1/calls", take)
    made.router.add_get("/seen", tell)
    return made


async def serve() -> None:
    """Serve until killed."""
    runner = web.AppRunner(application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    print(f"ready http://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve())
