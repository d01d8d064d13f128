"""Something between the bot and Telegram sends error pages, cuts connections or says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.sandbox.bot_api.faults import Fault, FaultAction
from bot.telegram.transport import ANSWER_SECONDS
from tests.faults.counting import Count
from tests.faults.scene import scene_of
from tests.waiting import PassTime


@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_pages_of_a_gateway_lose_nothing(tmp_path: Path, counted: Count, code: int) -> None:
    async with scene_of(tmp_path, 200) as scene:
        page = Fault(FaultAction.HTML, "sendMessage", share=0.5, count=100, error_code=code)
        scene.server.faults.add(page)
        scene.release()
        await scene.until(lambda: scene.reached == 200, advancing=5)
        lost, twice = scene.lost_and_twice()
        counted(f"{code} 网页 HTML page, not sent", trials=100, lost=lost, twice=twice, bound=0)


async def test_a_page_after_it_was_sent_is_at_most_a_duplicate(
    tmp_path: Path, counted: Count
) -> None:
    async with scene_of(tmp_path, 200) as scene:
        scene.server.faults.add(Fault(FaultAction.HTML_AFTER, "sendMessage", share=0.5, count=40))
        scene.release()
        await scene.until(
            lambda: scene.reached == 200 and scene.states() == {"sent": 200}, advancing=5
        )
        lost, twice = scene.lost_and_twice()
        counted("502 但已送达 502 after it was sent", trials=40, lost=lost, twice=twice, bound=40)


async def test_a_connection_cut_after_sending_is_at_most_a_duplicate(
    tmp_path: Path, counted: Count
) -> None:
    async with scene_of(tmp_path, 200) as scene:
        scene.server.faults.add(Fault(FaultAction.DROP_AFTER, "sendMessage", share=0.5, count=40))
        scene.release()
        await scene.until(
            lambda: scene.reached == 200 and scene.states() == {"sent": 200}, advancing=5
        )
        lost, twice = scene.lost_and_twice()
        counted("送达后断线 cut after it was sent", trials=40, lost=lost, twice=twice, bound=40)


async def test_a_connection_cut_before_sending_loses_nothing(
    tmp_path: Path, counted: Count
) -> None:
    async with scene_of(tmp_path, 200) as scene:
        scene.server.faults.add(Fault(FaultAction.DROP_BEFORE, "sendMessage", share=0.5, count=100))
        scene.release()
        await scene.until(lambda: scene.reached == 200, advancing=5)
        lost, twice = scene.lost_and_twice()
        counted("送达前断线 cut before it was sent", trials=100, lost=lost, twice=twice, bound=0)


async def test_accepted_then_hung_is_at_most_a_duplicate(
    tmp_path: Path, counted: Count, pass_time: PassTime
) -> None:
    async with scene_of(tmp_path, 200) as scene:
        scene.server.faults.add(
            Fault(FaultAction.HANG, "sendMessage", share=0.5, count=40, seconds=3600)
        )
        scene.release()
        await scene.until(lambda: scene.reached == 200 and scene.pending() <= 40)
        await pass_time(ANSWER_SECONDS + 1)
        await scene.until(
            lambda: scene.reached == 200 and scene.states() == {"sent": 200}, advancing=5
        )
        lost, twice = scene.lost_and_twice()
        counted("接受后不回答 accepted, then hung", trials=40, lost=lost, twice=twice, bound=40)
