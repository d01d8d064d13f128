"""What happens to a warning goes out: CAP files, an Atom feed, signed webhooks; nothing is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
import pytest
from aiohttp import web
from defusedxml.ElementTree import fromstring

from alerts import alert_store
from alerts.publishing import store
from alerts.sources.cap.drafting import meant
from alerts.sources.cap.reading import read_alert
from bot.api import publishing
from bot.channels.signing import check_signature
from bot.config.reader import Secret
from bot.config.settings_out import HookSettings, PublishSettings
from contacts.api_tokens import Scope
from tests.roster import FLOOD_GROUP, VILLAGES
from tests.stories.api_client import OPEN, made_token, other_system
from tests.stories.command_line import CommandLine
from tests.stories.story import Story, story_of
from tests.unit.test_cap_out import BEIJING, named, schema, texts

SECRET = "0123456789abcdef0123456789abcdef"
LINE = "/warn 橙 暴雨 黄泥河镇 立即转移低洼地群众"
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(slots=True)
class Receiver:
    """Another system that is told: it keeps what it got, and answers what the test says."""

    port: int = 0
    status: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.asked.append((dict(request.headers), body))
        if self.status == 200:
            self.heard.append(json.loads(body))
        headers = {"Location": f"http://127.0.0.1:{self.port}/elsewhere"}
        return web.Response(status=self.status, headers=headers)

    @property
    def kinds(self) -> list[str]:
        return [told["event"] for told in self.heard]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    try:
        yield found
    finally:
        await runner.cleanup()


def told_to(port: int, name: str = "province", path: str = "/hook?from=jiaoying") -> HookSettings:
    url = Secret(f"http://127.0.0.1:{port}{path}")
    return HookSettings(name=name, url=url, secret=Secret(SECRET))


async def release(story: Story) -> int:
    """A warning by chat; everybody's messages are taken."""
    chief = story["县指挥"]
    await chief.says(LINE)
    await chief.taps("确认发布")
    for name in ("村长0", "村长1", "村长2", "镇长"):
        await story[name].sees("暴雨橙色预警")
    await chief.sees("暴雨橙色预警", chat=FLOOD_GROUP)
    forget(story)
    (alert,) = story.app.database.read(lambda c: alert_store.alerts(c, limit=1))
    return alert.id


def forget(story: Story) -> None:
    for message in story.server.watch.untaken():
        story.server.watch.take(message["chat"]["id"])


async def test_a_whole_life_goes_out_in_files_feed_and_webhook(tmp_path: Path) -> None:
    folder = tmp_path / "cap"
    async with (
        receiver() as province,
        story_of(
            tmp_path,
            api=OPEN,
            publish=PublishSettings(directory=str(folder), sender="yj.example.gov.cn"),
            webhooks=(told_to(province.port),),
        ) as story,
    ):
        number = await release(story)
        await story.fast_forward(seconds=5)
        [told] = [one for one in province.heard if one["event"] == "released"]
        assert told["alert"]["id"] == number and told["message"]["type"] == "Alert"
        assert told["counts"]["calls"] == 4 and "phone" not in str(told)
        headers, body = province.asked[0]
        check_signature(SECRET, "POST", "/hook?from=jiaoying", headers, body, story.clock())
        assert SECRET not in str(headers)

        token = made_token(story, "县指挥", [Scope.RELEASE])
        async with other_system(story, token) as system:
            raised = {"level": "red", "text": "上游溃口，马上转移", "note": "会商"}
            preview = await system.posts(f"/alerts/{number}/changes/preview", raised)
            assert preview.json["kinds"][0] == "upgrade" and preview.json["asked_again"] == 4
            changed = await system.posts(f"/alerts/{number}/changes", raised, key="change-0001")
            assert (changed.status, changed.json["version"]) == (200, 2)
            now = story.app.database.read(lambda c: alert_store.alert(c, number))
            assert now is not None and now.headline == "黄泥河镇暴雨红色预警"
            again = await system.posts(f"/alerts/{number}/changes", raised, key="change-0001")
            assert again.json == changed.json
            forget(story)
            await story["村长0"].taps("收到")
            await story.fast_forward(minutes=3)
            assert "closed" not in province.kinds
            for name in ("村长1", "村长2", "镇长"):
                await story[name].taps("收到")
            await story.fast_forward(seconds=62)
            forget(story)
            lifted = await system.posts(f"/alerts/{number}/lift")
            assert (lifted.status, lifted.json["state"]) == (200, "lifted")
            assert (await system.posts(f"/alerts/{number}/cancel")).code == "over"
            forget(story)
            await story.fast_forward(seconds=5)

            assert [kind for kind in province.kinds if kind != "counts"] == [
                "released",
                "updated",
                "closed",
                "lifted",
            ]
            counted = [one["counts"] for one in province.heard if one["event"] == "counts"]
            assert [one["acknowledged"] for one in counted][-1] == 1  # the rest is in "closed"
            closed = next(one for one in province.heard if one["event"] == "closed")
            assert (closed["counts"]["acknowledged"], closed["counts"]["waiting"]) == (4, 0)
            assert len(counted) <= 4  # a minute each, and not one for each answer

            listed = (await system.get(f"/alerts/{number}/messages")).json["messages"]
            assert [one["type"] for one in listed] == ["Alert", "Update", "Cancel"]
            first, second, third = (one["identifier"] for one in listed)
            assert listed[2]["references"] == [first, second]

            files = sorted(folder.glob("*.xml"))
            assert [file.stem for file in files] == sorted([first, second, third])
            for file in files:
                schema().validate(file.read_text(encoding="utf-8"))
            root = fromstring((folder / f"{third}.xml").read_bytes())
            assert texts(root, "sender") == ["yj.example.gov.cn"]
            assert set(texts(root, "info/responseType")) == {"AllClear"}
            assert named(root, "info/parameter")["jiaoying:change"] == "lift"
            [referred] = texts(root, "references")
            assert [one.split(",")[1] for one in referred.split()] == [first, second]

            got = await system.get(f"/cap/{second}.xml")
            assert got.body == (folder / f"{second}.xml").read_bytes()
            assert got.headers["Content-Type"].startswith("application/cap+xml")
            await the_events_are_right(system, folder)
            await the_feed_is_right(system, [third, second, first])


async def the_events_are_right(system: Any, folder: Path) -> None:
    feed = await system.get("/events.atom")
    entries = fromstring(feed.body).findall(f"{ATOM}entry")
    found = [one.find(f"{ATOM}category") for one in entries]
    terms = ["" if one is None else one.get("term", "") for one in found]
    assert [term for term in terms if term != "counts"] == [
        "lifted",
        "closed",
        "updated",
        "released",
    ]
    by_term = dict(zip(reversed(terms), reversed(entries), strict=True))  # of counts the newest
    assert by_term["closed"].findtext(f"{ATOM}title") == "叫应销号：黄泥河镇暴雨红色预警"
    assert by_term["released"].findtext(f"{ATOM}title") == "发布：黄泥河镇暴雨橙色预警"  # as it was
    assert "acknowledged=1" in (by_term["counts"].findtext(f"{ATOM}summary") or "")
    found = [by_term[term].find(f"{ATOM}link") for term in ("closed", "lifted")]
    links = ["" if one is None else one.get("href", "") for one in found]
    assert all(link.endswith(".xml") for link in links)
    # How it is answered is CAP, too: an Ack of what was said, and one file that is written anew.
    closed = await system.get(links[0].rpartition("/api/v1")[2])
    schema().validate(closed.body.decode())
    root = fromstring(closed.body)
    assert (texts(root, "msgType"), texts(root, "scope")) == (["Ack"], ["Restricted"])
    assert named(root, "info/parameter")["jiaoying:acknowledged"] == "4"
    assert "叫应 4 人：本人回应 4" in texts(root, "note")[0]
    assert "4 called" in texts(root, "info/description")[1]
    read = read_alert(closed.body, BEIJING)
    assert (read.type.value, meant(read)) == ("Ack", False)  # nobody is warned by it
    [answered] = read.references
    link = by_term["updated"].find(f"{ATOM}link")
    assert link is not None and link.get("href", "").endswith(f"/{answered.identifier}.xml")
    [file] = (folder / "answers").iterdir()
    assert file.stem == texts(root, "incidents")[0]
    assert file.read_bytes() == closed.body
    same = await system.get("/events.atom", **{"If-None-Match": feed.headers["ETag"]})
    assert same.status == 304


async def the_feed_is_right(system: Any, identifiers: list[str]) -> None:
    feed = await system.get("/cap.atom")
    root = fromstring(feed.body)
    entries = root.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [
        f"urn:x-cap:{name}" for name in identifiers
    ]
    for tag in ("id", "title", "updated"):  # RFC 4287, 4.1.1 and 4.1.2
        assert all(one.findtext(f"{ATOM}{tag}") for one in (root, *entries))
    link = entries[0].find(f"{ATOM}link")
    assert link is not None and link.get("href", "").endswith(f"/api/v1/cap/{identifiers[0]}.xml")
    same = await system.get("/cap.atom", **{"If-None-Match": feed.headers["ETag"]})
    assert (same.status, same.body) == (304, b"")
    with patch.object(publishing, "PAGE", 2):  # page by page it is the same
        paged, path = [], "/cap.atom"
        while path:
            root = fromstring((await system.get(path)).body)
            paged += [one.findtext(f"{ATOM}id") for one in root.findall(f"{ATOM}entry")]
            links = {one.get("rel"): one.get("href", "") for one in root.findall(f"{ATOM}link")}
            path = links.get("next", "").rpartition("/api/v1")[2]
    assert paged == [f"urn:x-cap:{name}" for name in identifiers]
    system.token = ""
    assert (await system.get("/cap.atom")).code == "no_token"


async def test_a_receiver_that_is_down_is_told_later_and_in_the_end_by_hand(tmp_path: Path) -> None:
    async with (
        receiver() as province,
        receiver() as city,
        story_of(
            tmp_path,
            webhooks=(told_to(province.port), told_to(city.port, "city"), HookSettings()),
        ) as story,
    ):
        # A redirect is an answer like any other that is not 2xx: nobody follows it.
        province.status = 302
        number = await release(story)
        await story.fast_forward(seconds=5)
        assert city.kinds[0] == "released" and province.heard == []
        assert all(json.loads(body) for _headers, body in province.asked)
        province.status = 503
        await story.fast_forward(minutes=2)
        forget(story)
        tried = len(province.asked)
        assert 2 <= tried <= 12
        province.status = 200
        await story.fast_forward(minutes=6)
        forget(story)
        of_it = [told["event"] for told in province.heard if told["alert"]["id"] == number]
        assert of_it[0] == "released"  # what came after it waited
        assert len({told["id"] for told in province.heard}) == len(province.heard)

        # Given up: what says that it will never take it, three times.
        province.status = 410
        await story["县指挥"].taps("解除预警")
        await story["县指挥"].taps("确定解除")
        forget(story)
        await story.fast_forward(minutes=3)
        told = [one for one in story.server.watch.untaken() if "通知不到别的系统" in one["text"]]
        assert told and "通知系统管理员" in told[0]["text"]
        forget(story)
        run = CommandLine(tmp_path)
        run.environment["JIAOYING_WEBHOOKS__0__NAME"] = "province"
        run.environment["JIAOYING_WEBHOOKS__0__URL"] = f"http://127.0.0.1:{province.port}/hook"
        run.environment["JIAOYING_WEBHOOKS__0__SECRET"] = SECRET
        dead = (await run("webhook", "dead", "--json")).facts["dead"]
        assert [(one["event"], one["status"], one["attempts"]) for one in dead] == [
            ("lifted", 410, 3)
        ]
        shown = await run("webhook", "list")
        assert "province  待送 0  死信 1" in shown.out and SECRET not in shown.out
        assert "lifted" in (await run("webhook", "dead")).out
        assert (await run("webhook", "resend")).code == 2
        assert (await run("webhook", "resend", "99999")).code == 1
        assert (await run("webhook", "resend", "--webhook", "nobody")).code == 1
        province.status = 200
        again = await run("webhook", "resend", str(dead[0]["id"]))
        assert again.code == 0 and "1 封" in again.out
        await story.fast_forward(seconds=5)
        assert province.kinds[-1] == "lifted"
        assert (await run("webhook", "dead", "--json")).facts["dead"] == []


async def test_a_folder_that_is_full_loses_nothing_and_an_officer_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "cap"
    folder.write_text("no folder")  # in its place: as a full disk, or no right to write
    publish = PublishSettings(directory=str(folder))
    async with story_of(tmp_path, publish=publish) as story:
        await release(story)
        await story.fast_forward(minutes=17)
        sees = [m for m in story.server.watch.untaken() if "CAP 文件写不进去" in m.get("text", "")]
        assert sees
        forget(story)
        folder.unlink()
        await story.fast_forward(seconds=5)
        assert len(list(folder.glob("*.xml"))) == 1
        assert not story.app.database.read(lambda c: store.unfiled(c, 1))
        forget(story)


async def test_a_process_that_dies_before_it_notes_the_file_writes_it_once_more(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "cap"
    async with story_of(tmp_path, publish=PublishSettings(directory=str(folder))) as story:
        story.without_ticks.add("cap_files")
        await release(story)
        [tick] = [tick for tick in story.app.ticks.ticks if tick.name == "cap_files"]
        with (
            patch.object(store, "filed", side_effect=RuntimeError("killed")),
            pytest.raises(RuntimeError),
        ):
            await tick.work(True, story.clock())
        [file] = folder.glob("*.xml")
        content = file.read_bytes()
        await tick.work(True, story.clock())
        assert [one.read_bytes() for one in folder.iterdir()] == [content]


async def test_a_name_that_leads_to_a_machines_own_data_is_not_followed(tmp_path: Path) -> None:
    address = "169.254.169.254"
    found = {"hostname": "x", "host": address, "port": 1, "family": 2, "proto": 0, "flags": 0}
    hook = replace(told_to(1), url=Secret("https://yj.example.gov.cn/hook"))
    with patch.object(aiohttp.resolver.ThreadedResolver, "resolve", return_value=[found]):
        async with story_of(tmp_path, webhooks=(hook,)) as story:
            await release(story)
            await story.fast_forward(seconds=3)
            tomorrow = story.clock() + timedelta(days=1)
            waiting = story.app.database.read(lambda c: store.due(c, "province", tomorrow, 9))
            assert {one.error for one in waiting} == {"unreachable"}
            forget(story)


async def test_exercises_are_marked_and_not_in_the_open_feed(tmp_path: Path) -> None:
    open_feed = replace(OPEN, open_feed=True)
    async with story_of(tmp_path, api=open_feed) as story:
        token = made_token(story, "县指挥", [Scope.RELEASE])
        async with other_system(story, token) as system:
            body = {"level": "blue", "hazard": "gale", "areas": [VILLAGES[0]], "text": "演练"}
            done = await system.posts("/alerts", body | {"exercise": True})
            await story["村长0"].sees("【演练】")
            forget(story)
            listed = await system.get(f"/alerts/{done.json['alert']}/messages")
            [message] = listed.json["messages"]
            xml = (await system.get(f"/cap/{message['identifier']}.xml")).body
            assert texts(fromstring(xml), "status") == ["Exercise"]
            assert (await system.get("/cap.atom")).body.count(b"<entry>") == 1
            system.token = ""
            assert b"<entry>" not in (await system.get("/cap.atom")).body
            assert (await system.get(f"/cap/{message['identifier']}.xml")).code == "no_message"
            assert (await system.get("/alerts")).code == "no_token"
