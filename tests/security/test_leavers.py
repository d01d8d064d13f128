"""Whoever leaves, or loses a phone or invitation, loses every right; what they did is kept."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.cli import main
from contacts import board_links, people_store
from contacts.board_links import BoardRefusal
from contacts.linking import LinkRefusal, link_by_code
from data import audit
from data.database import Database
from data.errors import NotAllowed
from data.tables.alerts import calls
from tests.roster import COUNTY_COMMANDER, NOW, VILLAGERS
from tests.security.scene import changed, forget, full_day, snapshot
from tests.stories.story import Story, story_of


def jiaoying(url: str, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("JIAOYING_DATABASE__URL", url)
    out = io.StringIO()
    return main([*arguments], out), out.getvalue()


async def test_who_leaves_in_the_middle_of_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with story_of(tmp_path) as story:
        await full_day(story)
        chief, head = story["县指挥"], story["村长0"]
        call = head.last_with("收到")["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        url = story.app.database.url
        for row in (COUNTY_COMMANDER, VILLAGERS[0]):
            retire = ("person", "retire", row["phone"])
            code, output = await asyncio.to_thread(jiaoying, url, monkeypatch, *retire)
            assert (code, row["name"] in output) == (0, True)
        before = snapshot(story)
        assert "已记录" not in await head.forges(call)
        for data in ("X:1", "Z:1", "c:2", "n:2", "s:1", "l:1::0", "w:start:", "qt:1:close:0"):
            assert await chief.forges(data)
        for words in ("/warn 红 暴雨 敦化市 转移", "/board", "/who", "/handbook", "/danger 红"):
            await chief.says(words)
        assert not changed(before, snapshot(story))
        for message in forget(story):
            assert "村长" not in message.get("text", "")
        await _kept(story)


async def _kept(story: Story) -> None:
    """The call and the trail stay."""
    query = select(calls.c.id).where(calls.c.person_id == VILLAGERS[0]["id"])
    assert story.app.database.read(lambda c: c.execute(query).scalars().all())
    assert story.app.database.read(audit.verify).broken is None


def test_the_account_the_sheet_and_the_board_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = COUNTY_COMMANDER
    pass_ = database.read(lambda c: board_links.link_for(1, _person(c, row), NOW))
    assert jiaoying(database.url, monkeypatch, "person", "unlink", row["phone"])[0] == 0
    person = database.read(lambda c: _person(c, row))
    assert person.telegram_id is None and person.active
    assert board_links.still_good(pass_, person) is BoardRefusal.NOT_IN_POST
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: link_by_code(c, row["invite_code"], 5, NOW))
    assert refused.value.code is LinkRefusal.UNKNOWN_CODE
    assert database.do(lambda c: link_by_code(c, person.invite_code, 5, NOW)).person.id == row["id"]


def test_retired_nothing_links_again_and_twice_is_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = VILLAGERS[1]
    assert "停用" in jiaoying(database.url, monkeypatch, "person", "retire", row["phone"])[1]
    assert "本来" in jiaoying(database.url, monkeypatch, "person", "retire", row["phone"])[1]
    person = database.read(lambda c: _person(c, row))
    assert not person.active and not person.reachable
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: link_by_code(c, person.invite_code, 5, NOW))
    assert refused.value.code is LinkRefusal.INACTIVE
    trail = database.read(lambda c: list(audit.trail(c, f"person:{row['id']}")))
    assert [entry["action"] for entry in trail] == ["person.retired"]


def test_a_lost_sheet_is_renewed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    row = VILLAGERS[1]
    renew = ("person", "renew", row["phone"])
    assert "早已用掉" in jiaoying(database.url, monkeypatch, *renew)[1]
    jiaoying(database.url, monkeypatch, "person", "unlink", row["phone"])
    lost = database.read(lambda c: _person(c, row)).invite_code
    assert "作废" in jiaoying(database.url, monkeypatch, *renew)[1]
    with pytest.raises(NotAllowed) as refused:
        database.do(lambda c: link_by_code(c, lost, 5, NOW))
    assert refused.value.code is LinkRefusal.UNKNOWN_CODE
    fresh = database.read(lambda c: _person(c, row)).invite_code
    assert database.do(lambda c: link_by_code(c, fresh, 5, NOW)).person.id == row["id"]


def test_a_number_nobody_has(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jiaoying(database.url, monkeypatch, "person", "retire", "13911112222")[0] == 1
    assert jiaoying(database.url, monkeypatch, "person", "unlink", "nonsense")[0] == 1
    assert capsys.readouterr().err


def _person(c: Any, row: dict[str, Any]) -> Any:
    person = people_store.person(c, row["id"])
    assert person is not None
    return person
