"""Links to the board are signed, short-lived, usable once, and end with the person's post."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.board.server import COOKIE
from contacts import board_link_store, board_links, people_store
from contacts.board_link_store import BoardSession
from contacts.board_links import LINK_FOR, SESSION_FOR, BoardRefusal, Pass, PassKind
from contacts.linking import unlink
from contacts.people import Role
from data import audit
from data.database import Database
from data.tables.contacts import people
from tests.roster import (
    COUNTY,
    COUNTY_COMMANDER,
    COUNTY_DUTY,
    NOW,
    OTHER_COUNTY,
    PROVINCE,
    STRANGER_COMMANDER,
    VILLAGERS,
    fill,
)
from tests.store.test_board import Wall, released, wall
from tests.stories.command_line import CommandLine

pytestmark = pytest.mark.one_database

__all__ = ["wall"]  # the fixture

KEY = board_links.key_of("a-key-of-this-test")
ONE = Pass(PassKind.LINK, 7, 4, 10_004, COUNTY, NOW + LINK_FOR)
SIGNED = board_links.sign(ONE, KEY)


@given(st.integers(0, len(SIGNED) - 1), st.characters(codec="utf-8"))
def test_one_altered_character_is_found(at: int, mark: str) -> None:
    altered = SIGNED[:at] + mark + SIGNED[at + 1 :]
    verdict = board_links.verify(altered, PassKind.LINK, KEY, NOW)
    if altered == SIGNED:
        assert verdict == ONE
    else:
        assert verdict is BoardRefusal.FORGED


@given(st.one_of(st.text(max_size=300), st.from_regex(board_links._FORM, fullmatch=True)))
def test_nothing_made_up_is_taken(text: str) -> None:
    assert board_links.verify(text, PassKind.LINK, KEY, NOW) in (
        BoardRefusal.FORGED,
        BoardRefusal.NO_PASS,
    )


FIELDS = {
    "another scope": SIGNED.replace(COUNTY, PROVINCE),
    "another person": SIGNED.replace("l-7-4-", "l-7-1-"),
    "another account": SIGNED.replace("-10004-", "-10001-"),
    "longer": re.sub(r"-(\d+)\.", r"-9\1.", SIGNED),
    "another kind": "s" + SIGNED[1:],
    "no signature": SIGNED.partition(".")[0],
    "an empty signature": SIGNED.partition(".")[0] + ".",
    "cut": SIGNED[:-1],
    "signature of another key": board_links.sign(ONE, board_links.key_of("another")),
    "signed with the bare secret": board_links.sign(ONE, b"a-key-of-this-test"),
    "zeros before the number": SIGNED.replace("l-7-", "l-07-"),
    "digits of another script": SIGNED.replace("l-7-", "l-٧-"),
    "a line break": SIGNED + "\n",
}


@pytest.mark.parametrize("alteration", FIELDS)
async def test_forged_and_altered_links(wall: Wall, alteration: str) -> None:
    assert FIELDS[alteration] != SIGNED
    assert board_links.verify(FIELDS[alteration], PassKind.LINK, KEY, NOW) is BoardRefusal.FORGED
    real = wall.link(COUNTY_COMMANDER)
    # The same alteration of a link that is really ours, over HTTP.
    changed = real.replace(COUNTY, PROVINCE) if alteration == "another scope" else real[:-2] + "xx"
    answer = await wall.opens(changed)
    assert (answer.status, await answer.json()) == (403, {"refusal": "forged"})
    assert COOKIE not in answer.cookies


async def test_it_ends_by_the_clock_to_the_second(wall: Wall) -> None:
    late = wall.link(COUNTY_COMMANDER)
    wall.clock.now = NOW + LINK_FOR
    answer = await wall.opens(late)
    assert (answer.status, await answer.json()) == (403, {"refusal": "expired"})
    wall.clock.now = NOW
    await wall.enters(COUNTY_COMMANDER)
    wall.clock.now = NOW + SESSION_FOR - timedelta(seconds=1)
    assert (await wall.client.get("/facts")).status == 200
    wall.clock.now = NOW + SESSION_FOR
    assert (await wall.client.get("/facts")).status == 403
    assert timedelta(minutes=15) >= LINK_FOR and timedelta(hours=24) >= SESSION_FOR


@pytest.mark.both_databases
async def test_a_second_opening_and_a_session_as_a_link(wall: Wall) -> None:
    link = wall.link(COUNTY_COMMANDER)
    assert (await wall.opens(link)).status == 204
    cookie = next(morsel.value for morsel in wall.client.session.cookie_jar if morsel.key == COOKIE)
    assert await (await wall.opens(link)).json() == {"refusal": "used"}
    assert await (await wall.opens(cookie)).json() == {"refusal": "forged"}
    wall.client.session.cookie_jar.clear()
    for stolen in (link, link.replace("l-", "s-", 1)):
        answer = await wall.client.get("/facts", headers={"Cookie": f"{COOKIE}={stolen}"})
        assert answer.status == 403


LOST: dict[str, dict[str, Any]] = {
    "out of the roster": {"active": False},
    "another post": {"role": Role.RANGER.value},
    "another division": {"division_code": OTHER_COUNTY},
    "another account": {"telegram_id": 99_999},
    "unlinked": {"telegram_id": None},
}


@pytest.mark.parametrize("loss", LOST)
async def test_revoked_at_once_and_no_replay(wall: Wall, loss: str) -> None:
    released(wall.database, COUNTY)
    unopened = wall.link(COUNTY_COMMANDER)
    await wall.enters(COUNTY_COMMANDER)
    await wall.facts()
    changed = people.update().where(people.c.id == COUNTY_COMMANDER["id"]).values(**LOST[loss])
    wall.database.do(lambda c: c.execute(changed))
    for path in ("/facts", "/map", "/"):
        answer = await wall.client.get(path)
        assert answer.status == 403, path
        assert VILLAGERS[1]["name"] not in await answer.text()
    assert await (await wall.opens(unopened)).json() == {"refusal": "not_in_post"}


async def test_a_ranger_with_a_well_signed_pass_sees_nothing(wall: Wall) -> None:
    """Signed by us for somebody who holds no such post: the roster decides, not the pass."""
    answer = await wall.opens(wall.link(VILLAGERS[0]))
    assert (answer.status, await answer.json()) == (403, {"refusal": "not_in_post"})


async def test_each_sees_their_own_division_and_below(wall: Wall) -> None:
    released(wall.database, COUNTY)
    await wall.enters(STRANGER_COMMANDER)
    text = str(await wall.facts())
    for row in VILLAGERS:
        assert row["name"] not in text and row["phone"] not in text
    await wall.enters(COUNTY_DUTY)
    assert VILLAGERS[1]["phone"] in str(await wall.facts())


@pytest.mark.parametrize("path", ["/", "/open", "/facts", "/map", "/nowhere", "/static/board.js"])
async def test_headers(wall: Wall, path: str) -> None:
    await wall.enters(COUNTY_COMMANDER)
    headers = (await wall.client.get(path)).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy and "http" not in policy
    if not path.startswith("/static/board"):
        assert "no-store" in headers["Cache-Control"]
    assert "Server" not in headers or "Python" not in headers["Server"]


async def test_the_cookie(wall: Wall) -> None:
    answer = await wall.opens(wall.link(COUNTY_COMMANDER))
    cookie = answer.headers["Set-Cookie"].lower()
    for word in ("httponly", "samesite=strict", "max-age="):
        assert word in cookie


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_opens_nothing(wall: Wall, site: str) -> None:
    link = wall.link(COUNTY_COMMANDER)
    answer = await wall.client.post(
        "/session", json={"pass": link}, headers={"Sec-Fetch-Site": site}
    )
    assert answer.status == 403
    form = await wall.client.post("/session", data={"pass": link})
    assert form.status == 403
    assert (await wall.opens(link)).status == 204  # it was not used up


async def test_bodies_are_bounded_and_oddities_refused(wall: Wall) -> None:
    for body in ("", "[]", "null", '"x"', "{}", '{"pass":1}', "[" * 3000, "x" * 5000):
        answer = await wall.client.post(
            "/session", data=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status in (400, 403, 413), body[:10]
    for path in ("/static/../config.toml", "/static/%2e%2e/config.toml", "/static//etc/passwd"):
        assert (await wall.client.get(path)).status in (403, 404)


async def test_the_trail_names_the_link_and_never_holds_it(wall: Wall) -> None:
    link = wall.link(COUNTY_COMMANDER)
    await wall.opens(link)
    subject = f"person:{COUNTY_COMMANDER['id']}"
    rows = wall.database.read(lambda c: list(audit.trail(c, subject)))
    assert [row["action"] for row in rows] == ["board.opened"]
    assert link.rpartition(".")[2] not in str(rows)


@pytest.mark.both_databases
async def test_leaving_ends_the_session_and_not_only_the_cookie(wall: Wall) -> None:
    await wall.enters(COUNTY_COMMANDER)
    copied = next(morsel.value for morsel in wall.client.session.cookie_jar if morsel.key == COOKIE)
    await wall.enters(COUNTY_DUTY)
    other = next(morsel.value for morsel in wall.client.session.cookie_jar if morsel.key == COOKIE)

    async def shown(cookie: str) -> tuple[int, str]:
        wall.client.session.cookie_jar.clear()
        answer = await wall.client.get("/facts", headers={"Cookie": f"{COOKIE}={cookie}"})
        return answer.status, (await answer.json()).get("refusal", "")

    assert await shown(copied) == (200, "")
    left = await wall.client.post("/leave", json={}, headers={"Cookie": f"{COOKIE}={copied}"})
    assert left.status == 204
    assert await shown(copied) == (403, "ended")
    assert await shown(other) == (200, "")
    for forged in ("", "x", copied):
        again = await wall.client.post("/leave", json={}, headers={"Cookie": f"{COOKIE}={forged}"})
        assert again.status == 204
    subject = f"person:{COUNTY_COMMANDER['id']}"
    rows = wall.database.read(lambda c: list(audit.trail(c, subject)))
    assert [row["action"] for row in rows] == ["board.opened", "board.left"]


@pytest.mark.both_databases
async def test_an_untied_person_tied_again_finds_the_old_sessions_ended(wall: Wall) -> None:
    """The same account, ten minutes later: what was opened before stays shut."""
    unopened = wall.link(COUNTY_COMMANDER)
    await wall.enters(COUNTY_COMMANDER)
    account = COUNTY_COMMANDER["telegram_id"]

    def untie_and_tie(c: Any) -> None:
        unlink(c, COUNTY_COMMANDER["id"], NOW)
        people_store.set_link(c, COUNTY_COMMANDER["id"], account, NOW)

    wall.database.do(untie_and_tie)
    answer = await wall.client.get("/facts")
    assert (answer.status, await answer.json()) == (403, {"refusal": "ended"})
    assert (await wall.opens(unopened)).status == 403


def test_the_administrator_sees_and_ends_sessions(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'story.db'}", synchronous="normal")
    fill(database)
    now = datetime.now(UTC)
    for link_id, row in ((7, COUNTY_COMMANDER), (8, COUNTY_DUTY), (9, COUNTY_DUTY)):
        session = BoardSession(link_id, row["id"], "private", now, now + SESSION_FOR)
        database.do(lambda c, session=session: board_link_store.add_session(c, session))  # type: ignore[misc]
    jiaoying = CommandLine(tmp_path)
    listed = jiaoying.run("board", "sessions").out
    assert listed.count("县值班") == 2 and "内网" in listed and "敦化市" in listed
    facts = jiaoying.run("board", "sessions", "--json").facts["sessions"]
    assert [session["session"] for session in facts] == [9, 8, 7]
    assert jiaoying.run("board", "revoke", "9").code == 0
    assert jiaoying.run("board", "revoke", "9").code == 1
    assert "1 个" in jiaoying.run("board", "revoke", "--person", COUNTY_DUTY["phone"]).out
    assert database.read(lambda c: [s.link_id for s in board_link_store.sessions(c, now)]) == [7]
    assert "1 个" in jiaoying.run("board", "revoke", "--all").out
    assert "没有打开的大屏" in jiaoying.run("board", "sessions").out
    revoked = database.read(lambda c: list(audit.trail(c, "board")))
    assert [row["detail"]["ended"] for row in revoked] == [1, 1]
    database.close()
