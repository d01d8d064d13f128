"""What a machine proposes reaches whoever may decide, and goes out when they say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import alert_store
from alerts.drafts import store as draft_store
from alerts.drafts.model import Proposal, ProposalKind, ProposalState, StoredProposal
from alerts.drafts.proposing import Proposed, propose
from alerts.model import Draft, Hazard, Level
from bot.config.settings_sources import SourcePolicySettings, SourcesSettings
from tests.roster import COUNTY, COUNTY_COMMANDER, TOWNSHIP
from tests.security.scene import forget
from tests.stories.story import Story, buttons, story_of

HEAVY = Draft(
    Level.ORANGE,
    Hazard.RAINSTORM,
    (TOWNSHIP,),
    "预计未来3小时降雨量将达50毫米以上，请注意防范山洪。",
    issued_by="敦化市气象台",
)


def of(story: Story, identifier: str = "A1", **changes: object) -> Proposal:
    until = story.clock() + timedelta(hours=6)
    made = Proposal("weather", identifier, HEAVY, until, sender="敦化市气象台")
    return replace(made, **changes)  # type: ignore[arg-type]


def bring(story: Story, proposal: Proposal) -> Proposed:
    rules, now = story.app.services.rules.proposals, story.clock()
    return story.app.database.do(lambda c: propose(c, proposal, rules, now))


def kept(story: Story, proposal_id: int) -> StoredProposal:
    found = story.app.database.read(lambda c: draft_store.proposal(c, proposal_id))
    assert found is not None
    return found


@pytest.fixture
async def story(tmp_path: Path):
    async with story_of(tmp_path) as running:
        yield running


async def test_the_commander_in_charge_decides_and_everybody_asked_hears_of_it(
    story: Story,
) -> None:
    head, commander, duty = story["镇长"], story["县指挥"], story["县值班"]
    first = bring(story, of(story, notes=("边界不清，按乡镇取",)))
    assert first.new and first.state is ProposalState.OPEN
    assert not bring(story, of(story)).new, "seen twice is one"
    await story.fast_forward(seconds=30)
    asked = await head.sees(
        "发不发", "暴雨橙色预警", "黄泥河镇", "敦化市气象台发布", "50毫米", "边界不清"
    )
    assert buttons(asked) == ["👁 预览发布", "✖️ 不发"]
    # Nobody decides for ten minutes: the next tier is asked, too.
    await story.fast_forward(minutes=10)
    above = await commander.sees("发不发", "暴雨橙色预警")
    told = await duty.sees("您不能发布", "请指挥员决定")
    assert buttons(told) == []
    await commander.taps("预览发布", message=above)
    await commander.sees("📡 敦化市气象台发布暴雨橙色预警信号", "50毫米", "将叫应")
    await commander.taps("确认发布")
    for name in ("村长0", "村长1", "村长2"):
        await story[name].sees("暴雨橙色预警", "敦化市气象台发布")
    await head.sees("暴雨橙色预警")
    await story.settled()
    assert "县指挥" in head.shows(asked)["text"] and "已发布" in head.shows(asked)["text"]
    assert buttons(head.shows(asked)) == ["📊 看态势"]
    decided = kept(story, first.id)
    assert decided.state is ProposalState.RELEASED and decided.alert_id is not None
    # Who presses the old button now sees what became of it.
    assert await head.forges(f"jp:{first.id}") == ""
    forget(story)


async def test_not_sent_out_of_date_replaced_and_too_many_at_once(story: Story) -> None:
    head = story["镇长"]
    no = bring(story, of(story, "B1"))
    await story.fast_forward(seconds=30)
    asked = await head.sees("发不发")
    await head.taps("不发", message=asked)
    assert "镇长" in head.shows(asked)["text"] and "决定不发" in head.shows(asked)["text"]
    assert kept(story, no.id).state is ProposalState.DISMISSED

    old = bring(story, of(story, "B2"))
    await story.fast_forward(seconds=30)
    second = await head.sees("发不发")
    new = bring(story, of(story, "B3", replaces=("B2",)))
    await story.fast_forward(seconds=30)
    third = await head.sees("发不发")
    assert "这一条作废" in head.shows(second)["text"]
    assert kept(story, old.id).state is ProposalState.SUPERSEDED
    story.app.database.do(
        lambda c: draft_store.change(
            c, new.id, valid_until=story.clock() + timedelta(minutes=1), next_at=story.clock()
        )
    )
    await story.fast_forward(minutes=2)
    assert "已过时效" in head.shows(third)["text"]

    for number in range(8):
        bring(story, of(story, f"C{number}"))
    await story.fast_forward(seconds=30)
    texts = [(await head.sees())["text"] for _ in range(6)]
    assert sum("发不发" in text for text in texts) == 5
    assert any("另有 3 条" in text and "/drafts" in text for text in texts)
    await head.says("/drafts")
    listed = await head.sees("待决定的预警：8 条")
    await head.taps("暴雨橙色", message=listed)
    await head.sees("发不发")
    bad = bring(story, of(story, "D1", draft=replace(HEAVY, areas=(COUNTY,))))
    await head.forges(f"jd:{bad.id}")
    assert kept(story, bad.id).open, "the township's head does not decide for the county"
    await head.forges("jp:999")
    forget(story)


async def test_a_policy_releases_by_itself_asks_or_ignores(tmp_path: Path) -> None:
    by = COUNTY_COMMANDER["phone"]
    policies = (
        SourcePolicySettings("ignore", "weather", levels=("blue",)),
        SourcePolicySettings("release", "weather", "敦化市气象台", areas=(COUNTY,), by=by),
        SourcePolicySettings("release", "", "别处气象台", by="+8619900009999"),
    )
    async with story_of(
        tmp_path, sources=SourcesSettings(policy=policies, most_released=2)
    ) as story:
        out = bring(story, of(story, "P1"))
        assert out.state is ProposalState.RELEASED and out.alert_id is not None
        await story.settled()
        for name in ("镇长", "村长0", "村长1", "村长2"):
            await story[name].sees("暴雨橙色预警")
        blue = replace(HEAVY, level=Level.BLUE)
        assert bring(story, of(story, "P2", draft=blue)).state is ProposalState.IGNORED
        same = bring(story, of(story, "P3"))
        hail = replace(HEAVY, hazard=Hazard.HAIL)
        nobody = bring(story, of(story, "P4", draft=hail, sender="别处气象台"))
        gale = replace(HEAVY, hazard=Hazard.GALE)
        only = bring(story, of(story, "P5", draft=gale, draft_only=True))
        bring(story, of(story, "P6", draft=replace(HEAVY, hazard=Hazard.GEOLOGICAL)))
        many = bring(story, of(story, "P7", draft=gale))
        why = [kept(story, one.id).why_asked for one in (same, nobody, only, many)]
        assert [found.value for found in why if found] == [
            "same_in_force",
            "nobody_releases",
            "draft_only",
            "too_many",
        ]

        forget(story)


async def test_a_change_that_waits_for_the_second_person_is_still_to_be_decided(
    story: Story,
) -> None:
    head = story["州指挥"]
    await head.says("/warn 橙 暴雨 延边州 立即转移低洼地群众")
    await head.sees("发布前请核对")
    await head.taps("确认发布")
    await story.settled()
    alert = story.app.database.read(lambda c: alert_store.alert(c, 1))
    assert alert is not None and alert.in_force
    worse = replace(HEAVY, level=Level.RED, areas=alert.areas)
    rise = of(story, "U1", draft=worse, kind=ProposalKind.UPDATE, changes=alert.id)
    proposed = bring(story, rise)
    await head.forges(f"jc:{proposed.id}:{max(1, alert.version)}")
    assert kept(story, proposed.id).open
    assert any("须由第二名指挥员确认" in m["text"] for m in story.server.messages(head.id))
    forget(story)
