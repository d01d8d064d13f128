"""Attack: somebody uses the API without a token, with another's, or beyond what it is for."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from bot.api import bearer
from contacts import api_token_store
from contacts.api_tokens import Scope, public_part
from tests.roster import CITY, OTHER_COUNTY, TOWNSHIP
from tests.stories.api_client import OPEN, made_token, other_system
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, story_of

WARNING = {"level": "blue", "hazard": "gale", "areas": [TOWNSHIP], "text": "注意防风"}


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, api=OPEN) as running:
        yield running


def files_of(folder: Path) -> list[Path]:
    return list(folder.glob("story.db*"))


async def test_no_token_is_kept_or_logged(
    story: Story, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = made_token(story, "县指挥", [Scope.RELEASE])
    secret = token.split("_", 2)[2]  # it may hold that character, too
    async with other_system(story, token) as system:
        assert (await system.get("/token")).status == 200
        assert secret not in str((await system.posts("/alerts/preview", WARNING)).body)
        system.token = token[:-1] + ("A" if token[-1] != "A" else "B")
        assert (await system.get("/token")).code == "unknown_token"
    story.app.database.do(lambda _: None)
    assert secret.encode() not in b"".join(map(Path.read_bytes, files_of(tmp_path)))
    assert secret not in caplog.text
    [kept] = story.app.database.read(api_token_store.every)
    assert kept.public == public_part(token) and secret not in repr(kept)


async def test_guessing_is_slowed_and_does_not_shut_out_who_is_known(story: Story) -> None:
    good, other = made_token(story, "县指挥"), made_token(story, "州指挥")
    async with other_system(story, good) as system:
        assert (await system.get("/token")).status == 200
        # The first part of a token is no secret: it stands in the list.
        guesses = [good[:12] + "x" * 43, *(f"jy_aaaaaaaa_{n:043d}" for n in range(30)), "", "jy_"]
        answers = []
        for guess in guesses:
            system.token = guess
            answers.append((await system.get("/token")).status)
        assert answers[:10] == [401] * 10 and answers.count(429) >= 20
        system.token = other  # right, but never seen here: it waits with the guesser
        refused = await system.get("/token")
        assert refused.status == 429 and 0 < int(refused.headers["Retry-After"]) <= 30
        system.token = good
        assert (await system.get("/token")).status == 200


async def test_a_wrong_token_waits_for_its_refusal(story: Story) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with other_system(story, "jy_aaaaaaaa_" + "x" * 43) as system:
        with patch.object(bearer.asyncio, "sleep", sleep), patch.object(bearer, "GUESS_SECONDS", 7):
            assert (await system.get("/token")).status == 401
    assert 7 in waited


async def test_one_token_cannot_take_the_server_for_itself(story: Story) -> None:
    greedy, modest = made_token(story, "县指挥"), made_token(story, "州指挥")
    async with other_system(story, greedy) as system:
        answers = {(await system.get("/token")).status for _ in range(bearer.AT_ONCE + 30)}
        assert answers == {200, 429}
        system.token = modest
        assert (await system.get("/token")).status == 200


async def test_a_token_goes_in_a_header_and_nowhere_else(story: Story) -> None:
    token = made_token(story, "县指挥")
    async with other_system(story) as system:
        for path in (f"/token?token={token}", f"/token?access_token={token}"):
            assert (await system.get(path)).code == "no_token"
        basic = base64.b64encode(f"anybody:{token}".encode()).decode()
        assert (await system.get("/token", Authorization=f"Basic {basic}")).status == 200
        for header in ("Basic !!!", f"Basic {token}", "Bearer", f"Digest {token}", "Basic /w=="):
            assert (await system.get("/token", Authorization=header)).status == 401


async def test_a_token_reaches_no_further_than_its_division_and_its_person(story: Story) -> None:
    database, clock = story.app.database, story.clock
    release, phones = [Scope.RELEASE], [Scope.PHONES]
    for name, scopes, division in (
        ("县指挥", release, CITY),  # above
        ("县指挥", (), OTHER_COUNTY),  # beside
        ("县值班", release, ""),  # on duty, not commanding
        ("县值班", [Scope.CONFIRM], ""),
        ("护林员", (), ""),  # not informed
        ("村长0", phones, ""),
    ):
        with pytest.raises(Exception, match=r"outside_division|not_commanding|not_on_duty"):
            made_token(story, name, scopes, division)
    narrow = made_token(story, "州指挥", [*release, *phones], TOWNSHIP)
    async with other_system(story, narrow) as system:
        beyond = WARNING | {"areas": [OTHER_COUNTY]}
        assert (await system.posts("/alerts", beyond)).code == "token_division"
        assert (await system.posts("/alerts/preview", beyond)).code == "token_division"
        # A warning of the whole prefecture: of it the township's part is shown, and nobody else's.
        wide = made_token(story, "州指挥", [*release, *phones])
        system.token = wide
        done = await system.posts("/alerts", WARNING | {"areas": [CITY]})
        assert done.status == 201
        number = done.json["alert"]
        for message in story.server.watch.untaken():
            story.server.watch.take(message["chat"]["id"])
        everybody = (await system.get(f"/alerts/{number}/silent")).json["silent"]
        system.token = narrow
        part = (await system.get(f"/alerts/{number}/silent")).json["silent"]
        assert {one["name"] for one in part} < {one["name"] for one in everybody}
        assert all(one["division"].startswith(TOWNSHIP[:9]) for one in part)
        calls = (await system.get(f"/alerts/{number}/calls")).json
        assert calls["total"]["calls"] == len(part)
        # To change it is to change it for everybody.
        for act in ("lift", "cancel"):
            assert (await system.posts(f"/alerts/{number}/{act}")).code == "token_division"
        changed = await system.posts(f"/alerts/{number}/changes", {"hours": 1})
        assert changed.code == "token_division"
    assert database.read(lambda c: api_token_store.every(c))[0].used_at is not None and clock()


async def test_the_operator_makes_lists_and_revokes_them(story: Story, tmp_path: Path) -> None:
    run = CommandLine(tmp_path)
    chief = story["县指挥"].row["phone"]
    made = await run("token", "new", "--person", chief, "--name", "省平台", "--scope", "release")
    assert made.code == 0 and "只显示这一次" in made.out
    assert f"到 {(story.clock() + timedelta(days=365)).year}-" in made.out
    token = next(word for word in made.out.split() if "jy_" in word).rpartition("：")[2]
    async with other_system(story, token) as system:
        own = (await system.get("/token")).json
        assert own["scopes"] == ["read", "release"]
        listed = await run("token", "list")
        assert "县指挥" in listed.out and "本机" in listed.out and token not in listed.out
        assert chief not in listed.out
        assert (await run("token", "revoke", "1")).code == 0
        assert (await system.get("/token")).code == "token_revoked"
    assert (await run("token", "revoke", "1")).code == 1
    assert "没有令牌" in (await run("token", "list")).out
    assert "已撤销" in (await run("token", "list", "--all")).out
    wrong = ("token", "new", "--person", story["村长0"].row["phone"], "--name", "x")
    assert (await run(*wrong)).code == 1
    assert (await run("token", "new", "--person", "19911112222", "--name", "x")).code == 1
    many = ("token", "new", "--person", chief, "--name", "x", "--days", "9999")
    assert "731" not in (await run(*many)).err and (await run(*many)).code == 1
