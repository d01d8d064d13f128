"""Groups in WeCom, Feishu and DingTalk hear of a warning by robots; they announce, no more."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.robots import posting
from bot.channels.robots.wire import Asked, Brand, request
from bot.config.reader import Secret
from bot.config.settings_channels import ChannelsSettings, RobotSettings
from tests.roster import COUNTY, TOWNSHIP
from tests.stories.story import Story, story_of
from tests.stories.test_call_and_respond import LINE

OK = {"errcode": 0, "errmsg": "ok"}
TOO_OFTEN = {"errcode": 45009, "errmsg": "api freq out of limit"}
NO_SUCH_ROBOT = {"errcode": 93000, "errmsg": "invalid webhook url"}


class Groups:
    """The webhooks of three groups, on one server."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {"wecom": [], "feishu": [], "dingtalk": []}
        self.planned: deque[dict[str, Any]] = deque()  # what WeCom says next
        app = web.Application()
        app.router.add_post("/apprise", self._take_other)
        app.router.add_post("/{kind}", self._take)
        self.server = TestServer(app)
        self.others: list[str] = []  # what came by apprise, which the first time is not taken

    @property
    def other(self) -> str:
        """The address of a service that only apprise knows, by apprise's own writing."""
        return str(self.server.make_url("/apprise")).replace("http://", "json://")

    async def _take_other(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.others.append(f"{told['title']}\n{told['message']}")
        return web.Response(status=200 if len(self.others) > 1 else 500)

    async def _take(self, request: web.Request) -> web.Response:
        kind, body = request.match_info["kind"], json.loads(await request.read())
        answer = self.planned.popleft() if kind == "wecom" and self.planned else OK
        if answer is OK:
            self.texts[kind].append((body.get("text") or body["content"]).popitem()[1])
        told = json.dumps({"code": 0, "msg": "success"} if kind == "feishu" else answer).encode()
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(told[:9])  # half a JSON object
        for _ in range(20):  # rounds of the loop: the other half comes by itself
            await asyncio.sleep(0)
        await response.write(told[9:])
        return response

    def robot(self, kind: str, division: str) -> RobotSettings:
        url = Secret(str(self.server.make_url(f"/{kind}")))
        return RobotSettings(kind, division, "all", url, Secret("" if kind == "wecom" else "SEC"))


@asynccontextmanager
async def robot_story(tmp_path: Path) -> AsyncIterator[tuple[Story, Groups]]:
    groups = Groups()
    async with groups.server:
        robots = (
            groups.robot("wecom", COUNTY),
            groups.robot("feishu", TOWNSHIP),
            groups.robot("dingtalk", "222404000000"),
            RobotSettings("apprise", COUNTY, "all", Secret(groups.other), Secret("")),
        )
        async with story_of(
            tmp_path, alone=True, channels=ChannelsSettings(robots=robots)
        ) as story:
            yield story, groups
            read(story)


def read(story: Story) -> list[str]:
    """What Telegram said meanwhile, whoever it was for; other stories are about it."""
    watch = story.server.watch
    chats = {message["chat"]["id"] for message in watch.untaken()}
    return [message.get("text", "") for chat in chats for message in watch.take(chat)]


async def looks(story: Story, seconds: float) -> None:
    await story.fast_forward(seconds=seconds)
    await story.tick()


async def test_a_warning_its_silent_and_its_end_are_said_once(tmp_path: Path) -> None:
    async with robot_story(tmp_path) as (story, groups):
        groups.planned.extend([TOO_OFTEN])
        chief = story["县指挥"]
        await chief.says(LINE)
        await chief.sees("发布前请核对")
        await chief.taps("确认发布")
        await looks(story, 6)
        assert groups.texts["wecom"] == [], "more than 20 a minute: it is said a little later"
        await looks(story, 11)
        await looks(story, 6)
        [post] = groups.texts["wecom"]
        assert post.startswith("🔴 敦化市暴雨红色预警\n立即转移低洼地群众\n发布：")
        assert "在本群回复「收到」不算" in post
        await looks(story, 5 * 60)
        await looks(story, 6)
        chase = groups.texts["wecom"][1]
        assert "还有" in chase and "• 村长0（" in chase and "139" not in chase
        assert len(groups.texts["feishu"]) == 2 and groups.texts["dingtalk"] == []
        await chief.says("/status")
        await chief.taps("取消预警")
        await chief.taps("取消")
        await looks(story, 6)
        await looks(story, 6)
        assert "🚫 本次预警是误发，已取消" in groups.texts["wecom"][-1]
        assert [len(texts) for texts in groups.texts.values()] == [3, 3, 0]
        assert groups.others[:3] == [groups.others[0], *groups.texts["wecom"][:2]]
        assert len(groups.others) == 4, "not taken at first, it was said once more"


async def test_a_robot_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a post that we cannot even make holds up no other group, and is made again.

    One refusal is believed after a second look; from then on previews and coverage say it, too.
    """

    def broken(brand: Brand, *more: Any) -> Asked:
        if brand is Brand.FEISHU:
            raise ValueError("a lone surrogate")
        return request(brand, *more)

    async with robot_story(tmp_path) as (story, groups):
        groups.planned.extend([NO_SUCH_ROBOT])
        chief = story["县指挥"]
        await chief.says(LINE.replace("/warn", "/warn 演练"))
        assert "工作群联系不上" not in (await chief.sees("发布前请核对"))["text"]
        await chief.taps("确认发布")
        with monkeypatch.context() as patched:
            patched.setattr(posting, "request", broken)
            await looks(story, 6)
        assert groups.texts["feishu"] == [] and not groups.planned, "WeCom was asked"
        await looks(story, 11)
        assert groups.texts["wecom"] == []
        assert groups.texts["feishu"][0].startswith("【演练】🔴 ")
        groups.planned.extend([NO_SUCH_ROBOT])
        for _ in range(5):
            await looks(story, 31)
        assert not groups.planned and groups.texts["wecom"] == []
        assert any("群机器人有 1 条消息没有发出去" in text for text in read(story))
        await chief.says("/coverage")
        assert "敦化市的企业微信群机器人发不出消息" in (await chief.sees("👥 覆盖"))["text"]
        await chief.says(LINE.replace("/warn", "/warn 演练").replace("暴雨", "大风"))
        assert "1 个工作群联系不上" in (await chief.sees("发布前请核对"))["text"]
        # Mended meanwhile: the warning that is in force is posted after all, and nothing is wrong.
        read(story)
        await looks(story, 10 * 60)
        await looks(story, 6)
        assert groups.texts["wecom"] and groups.texts["wecom"][0].startswith("【演练】🔴 ")
        read(story)
        await chief.says("/coverage")
        assert "群机器人" not in (await chief.sees("👥 覆盖"))["text"]
