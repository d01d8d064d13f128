"""What waits is listed, withdrawn and confirmed by the API: two persons, and two systems."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.drafts.model import ProposalKind
from alerts.model import Level
from contacts.api_tokens import Scope, TokenProblem
from data.errors import InvalidInput
from tests.roster import CITY
from tests.security.scene import forget
from tests.stories.api_client import OPEN, made_token, other_system
from tests.stories.story import Story, story_of
from tests.stories.test_api import WARNING, trail_of
from tests.stories.test_proposed_warnings import HEAVY, bring, kept, of

OTHER = "州会商系统"


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path, api=OPEN) as running:
        yield running


def heard(story: Story, name: str, *texts: str) -> bool:
    """Whether somebody was sent a message with all of these texts."""
    return any(
        all(text in message.get("text", "") for text in texts)
        for message in story.server.messages(story[name].id)
    )


async def test_the_second_person_is_another_commander_by_a_token_of_another_system(
    story: Story,
) -> None:
    with pytest.raises(InvalidInput) as refused:
        made_token(story, "州主任", [Scope.RELEASE, Scope.CONFIRM])
    assert refused.value.code is TokenProblem.BOTH_HANDS
    first = made_token(story, "州指挥", [Scope.RELEASE])
    same_machine = made_token(story, "州主任", [Scope.CONFIRM])
    same_person = made_token(story, "州指挥", [Scope.CONFIRM], system=OTHER)
    second = made_token(story, "州主任", [Scope.CONFIRM], system=OTHER)
    county = made_token(story, "县指挥", [Scope.CONFIRM], system=OTHER)
    async with other_system(story, first) as system:
        red = WARNING | {"level": "红", "areas": [CITY]}
        number = (await system.posts("/alerts", red)).json["alert"]
        path = f"/alerts/{number}/confirm"
        [listed] = (await system.get("/waiting")).json["releases"]
        assert (listed["alert"]["id"], listed["own"]) == (number, True)
        for token, code in (
            (first, "token_scope"),
            (same_machine, "token_same_system"),
            (same_person, "same_person"),
            (county, "unknown_alert"),  # not even that it exists
        ):
            system.token = token
            refusal = await system.posts(path, {})
            assert refusal.code == code, token
        assert (await system.get("/waiting")).json["releases"] == []
        system.token = second
        [listed] = (await system.get("/waiting")).json["releases"]
        assert (listed["alert"]["by"], listed["own"]) == ("api:省应急平台", False)
        forget(story)
        story.clock.advance(timedelta(minutes=61))
        assert (await system.posts(path, {})).code == "old_proposal"
        done = await system.posts(path, {"old_too": True}, key="confirm-0001")
        assert (done.status, done.json["state"]) == (200, "released")
        again = await system.posts(path, {"old_too": True}, key="confirm-0001")
        assert (again.json, again.headers["Idempotency-Replayed"]) == (done.json, "true")
        assert (await system.posts(path, {})).code == "not_pending"
        for name in ("州指挥", "州主任"):
            assert heard(story, name, "暴雨红色预警", f"经 API 发布（{OTHER}）")
        [released] = trail_of(story, "alert.released")[-1:]
        assert released.actor == story["州主任"].row["id"] and OTHER in released.detail
        forget(story)

        # A change of it: withdrawn by who wanted it; the next is confirmed.
        system.token = first
        text = {"text": "上游溃口，马上转移", "note": "会商"}
        change = (await system.posts(f"/alerts/{number}/changes", text)).json["change"]
        assert heard(story, "州主任", "请您确认变更", "由其他系统经 API 提出（省应急平台）")
        [listed] = (await system.get("/waiting")).json["changes"]
        assert (listed["change"], listed["own"], listed["note"]) == (change, True, "会商")
        assert listed["would_be"]["text"] == text["text"]
        gone = await system.posts(f"/changes/{change}/withdraw")
        assert (gone.json["state"], gone.json["alert"]) == ("refused", number)
        assert (await system.posts(f"/changes/{change}/withdraw")).code == "change_not_pending"
        assert (await system.get(f"/changes/{change}")).json["state"] == "refused"
        change = (await system.posts(f"/alerts/{number}/changes", text)).json["change"]
        system.token = same_machine
        of_one = {"version": 1}
        refusal = await system.posts(f"/changes/{change}/confirm", of_one)
        assert refusal.code == "token_same_system"
        system.token = county
        assert (await system.get(f"/changes/{change}")).code == "unknown_change"
        system.token = second
        preview = (await system.get(f"/changes/{change}")).json["preview"]
        assert preview["kinds"] == ["correct"] and preview["told"] > 0
        # Meanwhile it was prolonged: who read it before reads it again.
        system.token = first
        both = {"hours": 6, "expires_at": "2030-01-01T00:00:00Z"}
        assert (await system.posts(f"/alerts/{number}/changes", both)).code == "bad_field"
        assert (await system.posts(f"/alerts/{number}/changes", {"hours": 6})).status == 200
        system.token = second
        assert (await system.posts(f"/changes/{change}/confirm", {})).code == "bad_field"
        assert (await system.posts(f"/changes/{change}/confirm", of_one)).code == "changed_since"
        read = (await system.get(f"/changes/{change}")).json["version"]
        made = await system.posts(f"/changes/{change}/confirm", {"version": read})
        assert (made.status, made.json["version"], made.json["change"]) == (200, 3, None)
        for name in ("州指挥", "州主任"):
            assert heard(story, name, "确认，变更生效", f"经 API 由其他系统决定的（{OTHER}）")
        forget(story)

        # A release that waits is withdrawn by its sender.
        system.token = first
        other = await system.posts("/alerts", red | {"hazard": "山洪"})
        gone = await system.posts(f"/alerts/{other.json['alert']}/withdraw")
        assert (gone.status, gone.json["state"]) == (200, "refused")
        assert (await system.get("/waiting")).json["releases"] == []
        forget(story)


async def test_what_machines_propose_is_released_or_dismissed_by_the_api(story: Story) -> None:
    elsewhere = bring(story, of(story, "E1", draft=replace(HEAVY, areas=(CITY,))))
    heavy, gale = bring(story, of(story, "N1")), bring(story, of(story, "N2"))
    async with other_system(story, made_token(story, "县指挥", [Scope.RELEASE])) as system:
        waiting = (await system.get("/waiting")).json
        drafts = {one["draft"]: one for one in waiting["drafts"]}
        assert {heavy.id, gale.id} <= set(drafts) and waiting["drafts_in_all"] == len(drafts)
        assert drafts[heavy.id]["headline"] == "黄泥河镇暴雨橙色预警"
        assert (await system.posts(f"/drafts/{elsewhere.id}/release", {})).status in (403, 404)
        done = await system.posts(f"/drafts/{heavy.id}/release", {}, key="draft-0001")
        assert (done.status, done.json["state"]) == (201, "released")
        assert (await system.posts(f"/drafts/{heavy.id}/release", {}, key="draft-0001")).json == (
            done.json
        )
        assert kept(story, heavy.id).alert_id == done.json["alert"]
        assert (await system.posts(f"/drafts/{heavy.id}/dismiss")).code == "draft_decided"
        assert (await system.posts(f"/drafts/{gale.id}/release", {})).code == "same_in_force"
        gone = await system.posts(f"/drafts/{gale.id}/dismiss")
        assert gone.json == {"draft": gale.id, "state": "dismissed"}
        forget(story)

        number = done.json["alert"]
        red = replace(HEAVY, level=Level.RED)
        rise = bring(story, of(story, "U1", draft=red, kind=ProposalKind.UPDATE, changes=number))
        changed = await system.posts(f"/drafts/{rise.id}/release", {})
        assert (changed.status, changed.json["kinds"][0]) == (200, "upgrade")
        assert not kept(story, rise.id).open
        over = bring(story, of(story, "L1", draft=red, kind=ProposalKind.LIFT, changes=number))
        lifted = await system.posts(f"/drafts/{over.id}/release", {})
        assert (lifted.json["alert"], lifted.json["state"]) == (number, "lifted")
        assert (await system.posts("/drafts/99999/release", {})).code == "unknown_draft"
        forget(story)
