"""Another system asks and acts by the API: with its person's rights, and never twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from alerts import alert_store
from alerts.publishing.model import RequestProblem
from bot.api import acting
from contacts import api_token_store, leaving, people_store
from contacts.access_log_store import of_person
from contacts.api_tokens import Scope
from data.errors import InvalidInput
from data.tables.running import audit
from tests.roster import CITY, COUNTY, FLOOD_GROUP, OTHER_COUNTY, TOWNSHIP, VILLAGES
from tests.stories.api_client import OPEN, made_token, other_system
from tests.stories.story import Story, story_of

WARNING = {"level": "orange", "hazard": "暴雨", "areas": ["黄泥河镇"], "text": "立即转移低洼地群众"}


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, api=OPEN) as running:
        yield running


def trail_of(story: Story, action: str) -> list[Any]:
    query = select(audit).where(audit.c.action == action)
    return story.app.database.read(lambda c: list(c.execute(query)))


async def test_a_warning_is_previewed_released_once_and_read(story: Story) -> None:
    token = made_token(story, "县指挥", [Scope.RELEASE, Scope.PHONES])
    async with other_system(story, token) as system:
        own = await system.get("/token")
        assert own.json["division"] == COUNTY
        assert own.json["scopes"] == ["phones", "read", "release"]
        assert token not in str(own.body)

        preview = await system.posts("/alerts/preview", WARNING, key="")
        assert preview.json["persons"] == 4 and preview.json["second_person"] is False
        assert preview.json["areas"] == [TOWNSHIP]
        assert preview.json["same_in_force"] == []

        released = await system.posts("/alerts", WARNING, key="flood-2026-07-01")
        assert (released.status, released.json["state"]) == (201, "released")
        number = released.json["alert"]
        for name in ("村长0", "村长1", "村长2", "镇长"):
            await story[name].sees("暴雨橙色预警", "立即转移低洼地群众")
        await story["县指挥"].sees("黄泥河镇暴雨橙色预警", chat=FLOOD_GROUP)
        await story["县指挥"].sees("省应急平台", "经 API 发布", "暴雨橙色预警")

        # The township was renamed since: what was done is answered all the same.
        renamed = InvalidInput(RequestProblem.BAD_FIELD, field="areas")
        with patch.object(acting, "release_asked", side_effect=renamed):
            again = await system.posts("/alerts", WARNING, key="flood-2026-07-01")
        assert (again.status, again.json) == (201, released.json)
        assert again.headers["Idempotency-Replayed"] == "true"
        other = await system.posts("/alerts", WARNING | {"level": "red"}, key="flood-2026-07-01")
        assert (other.status, other.code) == (409, "idempotency_key_reused")
        same = await system.posts("/alerts", WARNING)
        assert (same.status, same.code) == (409, "same_in_force")
        assert same.json["error"]["alerts"] == [number]

        [entry] = trail_of(story, "alert.released")[-1:]
        assert entry.actor == story["县指挥"].row["id"]
        assert '"via":"api"' in entry.detail and "省应急平台" in entry.detail

        await story["村长0"].taps("收到")
        shown = (await system.get(f"/alerts/{number}")).json
        assert (shown["level"], shown["by"]) == ("orange", "api:省应急平台")
        calls = (await system.get(f"/alerts/{number}/calls?tier=village")).json
        assert (calls["total"]["calls"], calls["total"]["acknowledged"]) == (4, 1)
        assert {row["code"] for row in calls["divisions"]} >= set(VILLAGES)
        assert "19900" not in str(calls)
        silent = (await system.get(f"/alerts/{number}/silent?limit=2")).json
        assert len(silent["silent"]) == 2 and silent["next_offset"] == 2
        assert silent["silent"][0]["phone"].startswith("+86199")
        looks = story.app.database.read(lambda c: of_person(c, story["村长1"].row["id"]))
        assert [look.way.value for look in looks] == ["api"]

        story.app.database.do(
            lambda c: alert_store.change_alert(c, number, archived_at=story.clock())
        )
        for asked in ("calls", "silent"):  # not a warning that nobody was called for
            assert (await system.get(f"/alerts/{number}/{asked}")).code == "archived"
        story.app.database.do(lambda c: alert_store.change_alert(c, number, archived_at=None))

        listed = (await system.get("/alerts?state=released&limit=1")).json
        assert [alert["id"] for alert in listed["alerts"]] == [number]
        assert (await system.get("/sources")).json == {"sources": []}


async def test_what_takes_two_persons_waits_for_the_second_in_the_chat(story: Story) -> None:
    token = made_token(story, "州指挥", [Scope.RELEASE])
    async with other_system(story, token) as system:
        body = WARNING | {"level": "红", "areas": [CITY]}
        assert (await system.posts("/alerts/preview", body)).json["second_person"] is True
        asked = await system.posts("/alerts", body)
        assert (asked.status, asked.json["state"]) == (202, "pending")
        await story["州指挥"].sees("等待第二人确认")
        await story["省指挥"].sees("请您确认发布", "省应急平台")
        await story["州主任"].sees("请您确认发布")
        await story["州主任"].taps("确认发布")
        shown = (await system.get(f"/alerts/{asked.json['alert']}")).json
        assert shown["state"] == "released"
        for name in ("县指挥", "镇长", "村长0", "村长1", "村长2"):
            await story[name].sees("暴雨红色预警")
        await story["图们指挥"].sees("暴雨红色预警")
        await story["县指挥"].sees("暴雨红色预警", chat=FLOOD_GROUP)
        await story["州指挥"].sees("暴雨红色预警", "经 API 发布")
        # Queued together: the call and the card come in any order.
        both = [await story["州主任"].sees("暴雨红色预警") for _ in range(2)]
        assert ["经 API 发布" in each["text"] for each in both].count(True) == 1


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


async def test_a_piece_of_land_is_warned_by_what_lies_in_it(story: Story) -> None:
    body = {name: value for name, value in WARNING.items() if name != "areas"}
    around_dunhua = box(127.4, 42.6, 129.3, 44.6)  # and parts of its neighbours
    async with other_system(story, made_token(story, "县指挥", [Scope.RELEASE])) as system:
        seen = (await system.posts("/alerts/preview", body | {"shape": around_dunhua})).json
        assert seen["areas"] == [COUNTY] and seen["shape"]["outside"] is True
        assert seen["shape"]["villages"] > 300
        done = await system.posts("/alerts", body | {"shape": around_dunhua})
        assert done.status == 201
        for message in story.server.watch.untaken():
            story.server.watch.take(message["chat"]["id"])
        [message] = (await system.get(f"/alerts/{done.json['alert']}/messages")).json["messages"]
        xml = (await system.get(f"/cap/{message['identifier']}.xml")).body.decode()
        assert "<polygon>42.6,127.4 " in xml
        # A warning that runs is widened by one, too.
        number = done.json["alert"]
        narrower = await system.posts(f"/alerts/{number}/changes", {"remove": [VILLAGES[0]]})
        wider = f"/alerts/{number}/changes/preview"
        assert (narrower.status, narrower.json["kinds"]) == (200, ["narrow"])
        back = (await system.posts(wider, {"shape": around_dunhua}, key="")).json
        assert back["kinds"] == ["add_area"] and back["areas"] == [COUNTY]
        refusal = await system.posts(wider, {"shape": box(0, 0, 1, 1)}, key="")
        assert (refusal.code, refusal.json["error"]["field"]) == ("empty_shape", "shape")
        for message in story.server.watch.untaken():
            story.server.watch.take(message["chat"]["id"])
        for shape, code in (
            (box(0, 0, 1, 1), "empty_shape"),
            ({"type": "Point", "coordinates": [128, 43]}, "shape_no_polygon"),
            (box(128, 43, 128, 43), "shape_too_few_points"),
            ("somewhere", "bad_field"),
        ):
            assert (await system.posts("/alerts", body | {"shape": shape})).code == code
        both = WARNING | {"shape": around_dunhua}
        assert (await system.posts("/alerts", both)).code == "bad_field"


REFUSED: list[tuple[Any, int, str]] = [
    (b"{", 400, "no_json"),
    (b"[1]", 400, "no_json"),
    (WARNING | {"exersise": True}, 422, "unknown_field"),
    (WARNING | {"exercise": "yes"}, 422, "bad_field"),
    (WARNING | {"level": "purple"}, 422, "bad_field"),
    (WARNING | {"areas": ["无此镇"]}, 422, "bad_field"),
    (WARNING | {"areas": ["222403999000"]}, 422, "unknown_area"),
    (WARNING | {"text": " "}, 422, "no_text"),
    (WARNING | {"text": "长" * 1001}, 422, "text_too_long"),
    (WARNING | {"areas": [OTHER_COUNTY]}, 403, "token_division"),
    (WARNING | {"areas": [CITY]}, 403, "token_division"),
    (WARNING | {"areas": []}, 422, "no_area"),
    (b"x" * (513 * 1024), 413, "too_large"),
]


async def test_what_cannot_be_released_says_why(story: Story) -> None:
    async with other_system(story, made_token(story, "县指挥", [Scope.RELEASE])) as system:
        for body, status, code in REFUSED:
            refused = await system.posts("/alerts", body)
            assert (refused.status, refused.code) == (status, code), body
            assert refused.json["error"]["message"] and refused.json["error"]["message_en"]
        for key in ("short", "", "鍵" * 10, "k" * 81):
            assert (await system.posts("/alerts", WARNING, key=key)).code == "no_idempotency_key"
    assert trail_of(story, "alert.proposed") == []


async def test_who_may_not_is_refused_and_told_why(story: Story) -> None:
    reader = made_token(story, "县值班")
    async with other_system(story) as system:
        nobody = await system.get("/alerts")
        assert (nobody.status, nobody.code) == (401, "no_token")
        assert "Bearer" in nobody.headers["WWW-Authenticate"]
        system.token = reader
        assert (await system.get("/alerts")).status == 200
        for path in ("/alerts/preview", "/alerts"):
            assert (await system.posts(path, WARNING)).code == "token_scope"
        assert (await system.get("/alerts/1/silent")).code == "token_scope"
        assert (await system.get("/alerts/9999")).status == 404
        assert (await system.get("/alerts/x")).status == 404
        assert (await system.get("/alerts?sate=released")).code == "bad_query"
        assert (await system.get("/nothing")).code == "no_such_path"
        refused = await system.asks("DELETE", "/alerts")
        assert (refused.status, refused.code) == (405, "no_such_method")
        assert refused.headers["Allow"] == "GET, HEAD, POST"
        # The warning elsewhere, of tests.elsewhere, is not this county's.
        assert (await system.get("/alerts")).json["alerts"] == []
        assert (await system.get("/alerts/1")).status == 404


async def test_a_token_ends_with_its_person_its_post_and_its_time(story: Story) -> None:
    duty, chief = made_token(story, "县值班"), made_token(story, "镇长", [Scope.RELEASE], TOWNSHIP)
    old = made_token(story, "州主任", days=1)
    database = story.app.database
    async with other_system(story, duty) as system:
        assert (await system.get("/token")).status == 200
        database.do(lambda c: leaving.retire(c, story["县值班"].row["id"], story.clock()))
        assert (await system.get("/token")).code == "token_person_left"
        # He comes back, by an import: the token does not.
        database.do(lambda c: c.execute(people_store.table.update().values(active=True)))
        assert (await system.get("/token")).code == "token_person_left"

        system.token = chief
        assert (await system.get("/token")).status == 200

        def demoted(c: Any, role: str) -> None:
            at = people_store.table.c.id == story["镇长"].row["id"]
            c.execute(people_store.table.update().where(at).values(role=role))

        database.do(lambda c: demoted(c, "grid_worker"))
        assert (await system.posts("/alerts", WARNING)).code == "token_post_lost"
        database.do(lambda c: demoted(c, "commander"))
        assert (await system.get("/token")).code == "token_post_lost"

        system.token = old
        assert (await system.get("/token")).status == 200
        story.clock.advance(timedelta(days=1))
        assert (await system.get("/token")).code == "token_expired"
    ended = {
        token.ended_how for token in database.read(lambda c: api_token_store.every(c, ended=True))
    }
    assert {how.value if how else None for how in ended} == {"left", "post_lost", None}
    assert len(trail_of(story, "token.ended")) == 2
