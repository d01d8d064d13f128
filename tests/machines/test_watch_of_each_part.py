"""Whichever part a process runs, it answers ``/healthz`` and ``/metrics``."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bench.scene import server as bot_api_server
from bot.console.running import BOARD, PARTS
from tests.databases import FILLED
from tests.forked import ForkedProcess, forked_bot
from tests.machines.scene import asked
from tests.postgresql import Server
from tests.waiting import PATIENCE, free_port


@pytest.fixture
def watched(postgresql: Server) -> Iterator[dict[str, int]]:
    """Each part in a process of its own, and the port it is watched at."""
    ports = {part: free_port() for part in (*PARTS, BOARD)}
    with bot_api_server("--population", str(10**9)) as bot_api:
        shared = postgresql.url(FILLED.postgresql(postgresql))
        running: list[ForkedProcess] = []
        try:
            for part, port in ports.items():
                environ = {
                    "JIAOYING_WATCH__PORT": str(port),
                    "JIAOYING_BOARD__PUBLIC_URL": "https://fire.example/board/",
                    "JIAOYING_BOARD__PORT": str(free_port()),
                }
                running.append(forked_bot(shared, bot_api, "--only", part, **environ))
            yield ports
        finally:
            for process in running:
                process.kill()
                process.wait(PATIENCE)


def test_every_part_gives_health_and_figures(watched: dict[str, int]) -> None:
    for part, port in watched.items():
        status, body = asked(port, "/healthz")
        assert (part, status, json.loads(body)["ok"]) == (part, 200, True)
        status, body = asked(port, "/metrics")
        assert (part, status) == (part, 200)
        assert "jiaoying_store_up 1.0" in body, part
        assert "jiaoying_calls" in body, part
