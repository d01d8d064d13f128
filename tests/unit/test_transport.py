"""Sending to Telegram over our own HTTP code: each way a call can end, and no token in any log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator

import orjson
import pytest

from bot.telegram.bot_api import BotApi
from bot.telegram.failures import Outcome, OutcomeKind, Reason
from bot.telegram.transport import ANSWER_SECONDS, Connections
from tests.unit.http_server import SECRET, TOKEN, Server
from tests.waiting import PassTime, free_port, until

TOO_LONG = ANSWER_SECONDS + 1


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.http.start_server()
    yield server
    server.release.set()
    await server.http.close()


@pytest.fixture
async def connections() -> AsyncIterator[Connections]:
    async with Connections() as connections:
        yield connections


@pytest.fixture
def api(server: Server, connections: Connections) -> BotApi:
    return BotApi(connections, TOKEN, server.url)


@pytest.fixture(autouse=True)
def _no_token_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    logged = [record for record in caplog.records if record.name != "aiohttp.access"]
    assert not [record for record in logged if SECRET in f"{record.getMessage()}{record.exc_text}"]


async def test_a_dict_and_its_json_are_the_same_request(server: Server, api: BotApi) -> None:
    payload = {"chat_id": 1, "text": "立即转移"}
    first = await api.call("sendMessage", payload)
    second = await api.call("sendMessage", orjson.dumps(payload))
    assert first == second
    assert first.ok
    assert first.message_id == 5
    assert server.asked[0] == server.asked[1]
    assert server.asked[0][0] == f"/bot{TOKEN}/sendMessage"
    assert orjson.loads(server.asked[0][1]) == payload
    assert server.content_types == ["application/json"] * 2


async def test_no_payload_is_an_empty_object(server: Server, api: BotApi) -> None:
    assert (await api.call("getMe")).ok
    assert server.asked == [(f"/bot{TOKEN}/getMe", b"{}")]


async def test_telegrams_refusals_arrive_translated(server: Server, api: BotApi) -> None:
    server.refuse(429, "Too Many Requests: retry after 4", retry_after=4)
    outcome = await api.call("sendMessage", {})
    assert (outcome.kind, outcome.retry_after) == (OutcomeKind.TEMPORARY, 4.0)
    server.refuse(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100777)
    outcome = await api.call("sendMessage", {})
    assert (outcome.kind, outcome.new_chat_id) == (OutcomeKind.MIGRATED, -100777)


async def test_an_unanswered_request_is_uncertain(
    server: Server, api: BotApi, pass_time: PassTime
) -> None:
    server.answer = server.hang
    asking = asyncio.create_task(api.call("sendMessage", {}))
    await server.arrived.wait()
    await pass_time(TOO_LONG)
    outcome = await asking
    assert (outcome.kind, outcome.reason) == (OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    server.answer = server.succeed
    assert (await api.call("sendMessage", {})).ok


async def test_calls_time_out_in_their_turn(
    server: Server, api: BotApi, pass_time: PassTime
) -> None:
    server.answer = server.hang

    def asked(number: int) -> list[asyncio.Task[Outcome]]:
        return [asyncio.create_task(api.call("sendMessage", {})) for _ in range(number)]

    early = asked(10)
    await until(lambda: len(server.asked) == 10)
    await pass_time(ANSWER_SECONDS / 2)
    late = asked(10)
    await until(lambda: len(server.asked) == 20)
    await pass_time(ANSWER_SECONDS / 2)
    outcomes = await asyncio.gather(*early)
    assert {outcome.reason for outcome in outcomes} == {Reason.TIMED_OUT}
    assert not any(call.done() for call in late)
    await pass_time(ANSWER_SECONDS / 2)
    outcomes = await asyncio.gather(*late)
    assert {outcome.reason for outcome in outcomes} == {Reason.TIMED_OUT}


async def test_a_lost_connection_is_uncertain(server: Server, api: BotApi) -> None:
    server.answer = server.hang_up
    outcome = await api.call("sendMessage", {})
    assert (outcome.kind, outcome.reason) == (OutcomeKind.UNCERTAIN, Reason.CONNECTION_LOST)
    assert len(server.asked) == 1  # it is for the dispatcher to send again


async def test_no_connection_is_temporary(connections: Connections) -> None:
    api = BotApi(connections, TOKEN, f"http://127.0.0.1:{free_port()}")
    outcome = await api.call("sendMessage", {})
    assert (outcome.kind, outcome.reason) == (OutcomeKind.TEMPORARY, Reason.NOT_CONNECTED)


async def test_no_free_connection_runs_into_the_deadline(
    server: Server, pass_time: PassTime
) -> None:
    async with Connections(limit=1) as connections:
        api = BotApi(connections, TOKEN, server.url)
        server.answer = server.hang
        first = asyncio.create_task(api.call("sendMessage", {}))
        await server.arrived.wait()
        second = asyncio.create_task(api.call("sendMessage", {}))
        await asyncio.sleep(0)  # it waits for the connection now, its deadline running
        await pass_time(TOO_LONG)
        outcome = await second
        assert (outcome.kind, outcome.reason) == (OutcomeKind.UNCERTAIN, Reason.TIMED_OUT)
        assert (await first).reason is Reason.TIMED_OUT
        assert len(server.asked) == 1
        server.release.set()


async def test_a_cancelled_caller_is_cancelled(
    server: Server, api: BotApi, pass_time: PassTime
) -> None:
    server.answer = server.hang
    task = asyncio.create_task(api.call("sendMessage", {}))
    await server.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await pass_time(TOO_LONG)  # its deadline passes and disturbs nobody
    server.answer = server.succeed
    assert (await api.call("sendMessage", {})).ok


async def test_a_poll_outlasts_calls_and_does_not_block_them(
    server: Server, pass_time: PassTime
) -> None:
    async with Connections(limit=1, poll_limit=1, answer_seconds=20) as connections:
        api = BotApi(connections, TOKEN, server.url)
        server.answer = server.hang
        poll = asyncio.create_task(api.poll({"offset": 3}, seconds=30))
        await server.arrived.wait()
        assert orjson.loads(server.asked[0][1]) == {"offset": 3, "timeout": 30}
        server.answer = server.succeed
        assert (await api.call("sendMessage", {})).ok
        await pass_time(25)
        assert not poll.done()
        server.release.set()
        assert (await poll).ok


async def test_connections_close_with_their_last_user(server: Server) -> None:
    connections = Connections()
    api = BotApi(connections, TOKEN, server.url)
    with pytest.raises(RuntimeError, match="not open"):
        await api.call("getMe")
    async with connections:
        async with connections:
            assert (await api.call("getMe")).ok
        assert (await api.call("getMe")).ok
    with pytest.raises(RuntimeError, match="not open"):
        await api.call("getMe")


@pytest.mark.parametrize("status", [200, 404, 413, 502])
async def test_a_page_that_echoes_the_url_does_not_tell_the_token(
    server: Server, api: BotApi, status: int
) -> None:
    server.echo_page(status)
    assert SECRET not in repr(await api.call("sendMessage", {}))


async def test_telegrams_text_with_the_token_is_cleaned(server: Server, api: BotApi) -> None:
    server.refuse(400, f"Bad Request: wrong URL /bot{TOKEN}/x and {TOKEN}")
    outcome = await api.call("sendMessage", {})
    assert outcome.description == "Bad Request: wrong URL /bot123456789:***/x and 123456789:***"


async def test_even_a_short_token_is_cleaned(server: Server, connections: Connections) -> None:
    server.refuse(400, "Bad Request: 7:short is no good")
    outcome = await BotApi(connections, "7:short", server.url).call("sendMessage", {})
    assert outcome.description == "Bad Request: 7:*** is no good"


def test_its_repr_names_the_bot_only(api: BotApi) -> None:
    assert repr(api) == "<BotApi 123456789>"


@pytest.mark.parametrize("url", ["", "api.telegram.org", "ftp://x", "https://"])
async def test_a_base_url_must_be_one(connections: Connections, url: str) -> None:
    with pytest.raises(ValueError, match="not an http or https URL"):
        BotApi(connections, TOKEN, url)
