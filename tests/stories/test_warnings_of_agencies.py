"""Warnings of other agencies come in, become drafts for whoever is in charge, change and end."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from sqlalchemy import update as change

from alerts.drafts import store as draft_store
from alerts.lifecycle import Change
from alerts.sources.cap import message_store
from alerts.sources.cap.message_store import Outcome
from alerts.sources.feed_store import feed_states
from alerts.sources.finding_store import since
from alerts.updates.changing import update
from bot.config.settings_sources import (
    CapSettings,
    SourcePolicySettings,
    SourcesSettings,
)
from bot.views.clock import BEIJING
from contacts import people_store
from data.tables.contacts import divisions
from data.tables.sources import cap_messages, proposed_warnings
from tests.roster import COUNTY, COUNTY_COMMANDER, VILLAGES
from tests.security.scene import forget
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, buttons, story_of

SAMPLES = Path(__file__).parents[1] / "unit" / "cap" / "samples"
C = "urn:oasis:names:tc:emergency:cap:1.2"


WRITTEN = datetime(2026, 7, 2, 3, tzinfo=BEIJING)
"""When the samples were written: it is now, in a story."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")


class Agency:
    """A feed that answers what the test sets; its times are moved to those of the story."""

    def __init__(self) -> None:
        self.by = timedelta(0)
        self.body = b""
        self.modified: str | None = None
        self.url = ""

    async def answer(self, _request: web.Request) -> web.Response:
        headers = {"Last-Modified": self.modified} if self.modified else {}
        return web.Response(body=self.body, content_type="application/xml", headers=headers)

    def says(self, *files: str) -> None:
        """These samples, all in one answer."""
        pieces = [(SAMPLES / file).read_text(encoding="utf-8") for file in files]
        self.has("".join(piece.partition("?>")[2] for piece in pieces))

    def has(self, messages: str, encoding: str = "utf-8") -> None:
        """These messages, all in one answer."""
        self.body = f"<all>{self.moved(messages)}</all>".encode(encoding)

    def moved(self, text: str) -> str:
        """The same with the times of this story."""

        def later(match: re.Match[str]) -> str:
            at = datetime.fromisoformat(match[0]) + self.by
            return f"{at:%Y-%m-%d}{match[0][10]}{at:%H:%M:%S}"

        return MOMENT.sub(later, text)


@pytest.fixture
async def agency():
    made = Agency()
    app = web.Application()
    app.router.add_get("/feed", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/feed"))
    yield made
    await server.close()


@pytest.fixture
async def story(tmp_path: Path, agency: Agency):
    sources = SourcesSettings(cap=(CapSettings("weather", agency.url, every_seconds=30),))
    async with story_of(tmp_path, sources=sources) as running:
        agency.by = running.clock() - WRITTEN

        def settle(c: Any) -> None:
            for n, code in enumerate(VILLAGES):
                there = change(divisions).where(divisions.c.code == code)
                c.execute(there.values(lon=128.2 + n / 50, lat=43.38))

        running.app.database.do(settle)
        yield running


def rows(story: Story, table: Any = proposed_warnings) -> list[Any]:
    return story.app.database.read(lambda c: list(c.execute(select(table).order_by(table.c.id))))


def findings(story: Story) -> list[tuple[str, str]]:
    day = story.clock() - timedelta(days=1)
    return [(f.kind, f.subject) for f in story.app.database.read(lambda c: since(c, day))]


async def poll(story: Story) -> None:
    await story.fast_forward(minutes=1)


async def test_a_signal_becomes_a_draft_is_released_raised_and_ended(
    story: Story, agency: Agency
) -> None:
    head = story["镇长"]
    agency.says("cma.xml")
    await poll(story)
    asked = await head.sees(
        "发不发", "暴雨橙色预警", "黄泥河镇", "📡 敦化市气象局发布", "50毫米", "没有写到期时间"
    )
    await poll(story)  # the same again
    assert len(rows(story)) == 1
    await head.taps("预览发布", message=asked)
    await head.sees("敦化市气象局发布暴雨橙色预警信号")
    await head.taps("确认发布")
    for name in ("村长0", "村长1", "村长2"):
        await story[name].sees("暴雨橙色预警")
    forget(story)
    agency.says("cma.xml", "cma_update.xml")
    await poll(story)
    asked = await head.sees("预警有变更", "暴雨红色预警", "60毫米")
    changed = rows(story)[1]
    assert (changed.kind, changed.changes) == ("update", rows(story)[0].alert_id)
    await head.taps("预览变更", message=asked)
    preview = await head.sees("变更前请核对", "红色", "60毫米")
    await head.taps("确认变更为红色", message=preview)
    assert "已变更" in head.shows(preview)["text"]
    for name in ("村长0", "村长1", "村长2"):
        await story[name].sees("暴雨红色预警")
    agency.says("cma.xml", "cma_update.xml", "cma_cancel.xml")
    forget(story)
    await poll(story)
    asked = await head.sees("来源已解除预警")
    lifted = rows(story)[2]
    assert (lifted.kind, lifted.changes) == ("lift", rows(story)[0].alert_id)
    await head.taps("预览解除", message=asked)
    forget(story)
    await head.taps("解除")
    await story.fast_forward(seconds=30)
    forget(story)
    assert [row.state for row in rows(story)] == ["released", "released", "released"]
    raw = story.app.database.read(
        lambda c: message_store.raw_of(c, rows(story, cap_messages)[0].id)
    )
    assert raw is not None and "22240341600000_20260702025500" in raw.decode()


def alert(identifier: str, **changes: str) -> str:
    """A message of ours about Dunhua; any element may be another, or left out."""
    parts = {
        "sender": "a@weather.example",
        "sent": "2026-07-02T03:00:00+08:00",
        "status": "Actual",
        "msgType": "Alert",
        "scope": "Public",
        "references": "",
        "event": "暴雨",
        "severity": "Severe",
        "expires": "2026-07-02T12:00:00+08:00",
        "area": "<geocode><valueName>GB/T 2260</valueName><value>222403</value></geocode>",
        "areaDesc": "somewhere",
        **changes,
    }
    head = "".join(
        f"<{name}>{parts[name]}</{name}>"
        for name in ("sender", "sent", "status", "msgType", "scope", "references")
        if parts[name]
    )
    info = "".join(f"<{n}>{parts[n]}</{n}>" for n in ("event", "severity", "expires") if parts[n])
    return (
        f'<alert xmlns="{C}"><identifier>{identifier}</identifier>{head}<info>'
        f"<language>zh-CN</language>{info}<headline>预警</headline><description>预警内容</description>"
        f"<area><areaDesc>{parts['areaDesc']}</areaDesc>{parts['area']}</area></info></alert>"
    )


OF = "a@weather.example,{},2026-07-02T03:00:00+08:00"
FAR = "<polygon>43.3,128.1 43.5,128.1 43.5,128.4 43.3,128.4</polygon>"
SWAPPED = "<polygon>128.1,43.3 128.1,43.5 128.4,43.5\n128.4,43.3</polygon>"
BORDER = "<polygon>43.3,128.1 45.5,128.1 45.5,130.5 43.3,130.5 43.3,128.1</polygon>"
CROSSING = "<polygon>43.2,128.0 43.6,128.4 43.6,128.0 43.2,128.4 43.2,128.0</polygon>"
HERE: list[tuple[str, dict[str, str], str, str]] = [
    # name, what is other, how many drafts and of what state, a note
    ("six digits", {}, "open", ""),
    ("open ring", {"area": FAR}, "open", "没有闭合"),
    ("lon lat", {"area": SWAPPED}, "open", "写反了"),
    ("crosses itself", {"area": CROSSING}, "open", ""),
    ("border", {"area": BORDER}, "open", "辖区以外"),
    ("circle", {"area": "<circle>43.37,128.23 30</circle>"}, "open", ""),
    ("circle in metres", {"area": "<circle>43.37,128.23 30000</circle>"}, "open", "米"),
    ("name only", {"area": "", "areaDesc": "敦化市"}, "open", "地名"),
    ("no level", {"severity": "Unknown"}, "open", "没有写等级"),
    ("no zone", {"sent": "2026-07-02 02:59:00"}, "open", "时区"),
    ("exercise", {"status": "Exercise"}, "open", ""),
    ("a test", {"status": "Test"}, "", ""),
    ("over", {"expires": "2026-07-01T12:00:00+08:00"}, "", ""),
    ("elsewhere", {"area": "<geocode><value>440100000000</value></geocode>"}, "", ""),
    ("far away", {"area": "<circle>10.0,20.0 30</circle>"}, "", ""),
    ("heat", {"event": "高温"}, "", ""),
]


async def test_what_agencies_write_is_read_and_what_is_wrong_is_a_line_each(
    story: Story, agency: Agency
) -> None:
    many = "".join(alert(f"h{n}", **changes) for n, (_, changes, _, _) in enumerate(HERE))
    agency.has(many)
    await poll(story)
    forget(story)
    kept = {row.identifier: row for row in rows(story, cap_messages)}
    drafts = {row.identifier.partition("#")[0]: row for row in rows(story)}
    for number, (name, _, state, note) in enumerate(HERE):
        draft = drafts.get(kept[f"h{number}"].digest)
        assert ("" if draft is None else draft.state) == state, name
        if draft is not None:
            assert note in " ".join(draft.notes), (name, draft.notes)
    assert drafts[kept["h1"].digest].draft["shape"]
    assert findings(story) == []

    bad = [
        alert(
            "b0", msgType="Cancel", references="a@weather.example,never,2026-07-02T00:00:00+08:00"
        ),
        alert("b1", msgType="Cancel", sender="x@other", references="h0"),
        alert("b2", msgType="Update", references=OF.format("b2")),
        alert("b3", msgType="Update", references=OF.format("no")),
        alert("b4", event="奇怪的事"),
        alert("b5", msgType="Nonsense"),
        alert("b6").replace("<identifier>b6</identifier>", ""),
        alert("h0", severity="Extreme"),
        alert("b7", msgType="Cancel", references="h2"),
    ]
    agency.has("".join(bad))
    await poll(story)
    forget(story)
    found = {kind: subject for kind, subject in findings(story) if subject}
    assert found | {"cap_message": ""} == {
        "cap_cancel_unknown": "b0",
        "cap_cancel_by_other": "b1",
        "cap_loop": "b2",
        "cap_update_unknown": "b3",
        "cap_unknown_event": "b4",
        "cap_message": "",
        "cap_other_content": "h0",
    }
    states = {row.identifier.partition("#")[0]: row.state for row in rows(story)}
    assert states[kept["h0"].digest] == "open", "nobody takes back what another has sent"
    assert states[kept["h2"].digest] == "superseded"

    long_ago = alert("g4", expires="2026-06-30T12:00:00+08:00")
    whole = [
        ("bomb", b'<!DOCTYPE a [<!ENTITY b "c">]><alert>&b;</alert>', "cap_feed", "not_cap"),
        ("page", b"<!doctype html><p>sorry</p>", "cap_feed", "html"),
        ("gb18030", f"<all>{alert('g1')}</all>".encode("gb18030"), "", ""),
        ("half", f"<all>{alert('g2')}{alert('g3')[:200]}".encode(), "cap_broke_off", ""),
        ("yesterday", f"<all>{long_ago}</all>".encode(), "cap_yesterday", ""),
    ]
    for name, body, kind, fault in whole:
        encoding = "gb18030" if name == "gb18030" else "utf-8"
        agency.body = agency.moved(body.decode(encoding)).encode(encoding)
        await story.fast_forward(minutes=3)
        assert not kind or kind in {found for found, _ in findings(story)}, name
        state = story.app.database.read(feed_states)[0]
        assert (state.fault.value if state.fault else "") == fault, name
        forget(story)
    told = {row.identifier: row.outcome for row in rows(story, cap_messages)}
    assert told["g1"] == told["g2"] == Outcome.PROPOSED.value
    assert "g3" not in told
    unread = [row for row in rows(story, cap_messages) if row.outcome == "unreadable"]
    assert all(row.raw for row in unread) and len(unread) == 4
    assert story.app.database.read(lambda c: draft_store.open_proposals(c, story.clock()))


async def test_feeds_with_links_lists_and_folders(tmp_path: Path, agency: Agency) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    feeds = (
        CapSettings("atom", agency.url, every_seconds=30),
        CapSettings("folder", folder=str(folder), every_seconds=30),
    )
    async with story_of(tmp_path, sources=SourcesSettings(cap=feeds)) as story:
        at = "<updated>2026-07-02T03:00:00+08:00</updated>"
        entry = f"<entry><id>{{0}}</id>{at}<link href='{{1}}'/></entry>"
        agency.body = (
            "<feed xmlns='http://www.w3.org/2005/Atom'>"
            f"{entry.format('e1', '/feed')}{entry.format('e2', '/nowhere')}</feed>"
        ).encode()
        agency.by = story.clock() - WRITTEN
        sample = (SAMPLES / "cma.xml").read_text(encoding="utf-8")
        (folder / "one.xml").write_text(agency.moved(sample), encoding="utf-8")
        (folder / "note.txt").write_text("no warning", encoding="utf-8")
        await poll(story)
        await story["镇长"].sees("发不发", "来源：folder")
        assert ("cap_links", "") in findings(story)
        (folder / "two.cap").write_text("<alert", encoding="utf-8")
        await poll(story)
        told = await story["省指挥"].sees("数据源里有不能用的内容", "atom · 1 条预警的链接取不到")
        assert "预警 e1 读不出：里面没有 CAP 预警；原文已留存" in told["text"]
        await story["省指挥"].sees("数据源没有消息", "atom（所有行都读不出）")
        assert [row.source for row in rows(story)] == ["folder"]
        assert any(kind == "cap_message" and subject for kind, subject in findings(story))
        assert buttons(story["镇长"].last_with("预览发布")) == ["👁 预览发布", "✖️ 不发"]
        command = CommandLine(tmp_path)
        listed = command.run("sources")
        assert "folder" in listed.out
        assert "proposed 1" in listed.out
        assert "预警 e1 读不出" in listed.out
        number = command.run("sources", "--json").facts["messages"][-1]["id"]
        assert "<alert" in command.run("sources", "--raw", str(number)).out
        assert command.run("sources", "--raw", "999").code == 1


async def test_what_a_policy_let_out_it_changes_and_lifts_too(
    tmp_path: Path, agency: Agency
) -> None:
    policy = SourcePolicySettings(
        "release", "weather", "敦化市气象局", areas=(COUNTY,), by=COUNTY_COMMANDER["phone"]
    )
    sources = SourcesSettings(
        cap=(CapSettings("weather", agency.url, every_seconds=30),), policy=(policy,), keep_days=1
    )
    async with story_of(tmp_path, sources=sources) as story:
        agency.by = story.clock() - WRITTEN
        agency.says("cma.xml")
        await poll(story)
        await story["村长0"].sees("暴雨橙色预警", "敦化市气象局发布")
        forget(story)
        agency.says("cma.xml", "cma_update.xml")
        await poll(story)
        await story["村长0"].sees("暴雨红色预警", "60毫米")
        forget(story)
        agency.says("cma.xml", "cma_update.xml", "cma_cancel.xml")
        await poll(story)
        await story["村长0"].sees("解除")
        forget(story)
        assert [(row.kind, row.state) for row in rows(story)] == [
            ("new", "released"),
            ("update", "released"),
            ("lift", "released"),
        ]
        story.clock.advance(timedelta(days=2))
        await story.tick()
        assert all(row.raw is None for row in rows(story, cap_messages))
        forget(story)


async def test_what_a_person_had_a_hand_in_is_asked_about(tmp_path: Path, agency: Agency) -> None:
    policy = SourcePolicySettings("release", "weather", by=COUNTY_COMMANDER["phone"])
    feeds = (CapSettings("weather", agency.url, every_seconds=30),)
    sources = SourcesSettings(cap=feeds, policy=(policy,))
    async with story_of(tmp_path, sources=sources) as story:
        agency.by = story.clock() - WRITTEN
        agency.says("cma.xml")
        await poll(story)
        forget(story)
        alert_id = rows(story)[0].alert_id

        def corrects(c: Any) -> None:
            person = people_store.person(c, COUNTY_COMMANDER["id"])
            assert person is not None
            rules = story.app.services.rules.warnings
            update(c, alert_id, Change(text="按县里的来"), person, rules, story.clock())

        story.app.database.do(corrects)
        await story.settled()
        forget(story)
        agency.says("cma.xml", "cma_update.xml")
        await poll(story)
        await story["镇长"].sees("预警有变更")
        forget(story)
        assert [row.state for row in rows(story)] == ["released", "open"]
