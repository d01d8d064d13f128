"""What a group robot is sent, what its answer means, and when it speaks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.channels.robots import (
    PostKind,
    PostState,
    Robot,
    RobotPost,
    chase_due,
    hear_of,
    posts_due,
)
from alerts.model import Hazard
from bot.channels.robots.wire import LONGEST_WECOM, Brand, Heard, heard, longest_text, request
from bot.views.warnings.robot_post import NAMED, robot_chase
from contacts.groups import Purpose
from tests.unit.views import samples as s

NOW = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
URL = "https://oapi.dingtalk.com/robot/send?access_token=x"


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (200, b'{"errcode":0,"errmsg":"ok"}', Heard.TAKEN),
        (200, b'{"StatusCode":0,"StatusMessage":"success","code":0,"data":{}}', Heard.TAKEN),
        (200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', Heard.LATER),
        (200, b'{"errcode":130101,"errmsg":"send too fast"}', Heard.LATER),
        (200, b'{"code":11232,"msg":"frequency limited"}', Heard.LATER),
        (200, b'{"errcode":-1,"errmsg":"busy"}', Heard.LATER),
        (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', Heard.NEVER),
        (200, b'{"errcode":310000,"errmsg":"keywords not in content"}', Heard.NEVER),
        (200, b'{"code":19021,"msg":"sign match fail"}', Heard.NEVER),
        (200, b"<html>", Heard.LATER),
        (429, b"", Heard.LATER),
        (503, b"", Heard.LATER),
        (404, b"", Heard.NEVER),
        (302, b"", Heard.NEVER),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, meaning: Heard) -> None:
    assert heard(status, body)[0] is meaning


def asked(brand: Brand, secret: str = "", text: str = "预警") -> tuple[dict[str, str], Any]:
    made = request(brand, URL, secret, text, NOW)
    return dict(made.url.query), json.loads(made.body)


def test_requests_are_signed_as_each_wants_it() -> None:
    """The signatures were made with openssl, by the providers' descriptions."""
    stamp = "1782932400"
    of_dingtalk = "Atsi64SS55yi+tpNe0QxS29BWpjVr5u/930BlqFk0+8="
    of_feishu = "NZwI4WlWBHaQ/C35exW0JAAx4LTL92zlVWnROJ5ezEQ="
    query, body = asked(Brand.DINGTALK, "SECdemo")
    assert (query["timestamp"], query["access_token"]) == (stamp + "000", "x")
    assert query["sign"] == of_dingtalk and body["text"] == {"content": "预警"}
    _, body = asked(Brand.FEISHU, "SECdemo")
    assert (body["timestamp"], body["sign"]) == (stamp, of_feishu)
    assert body["content"] == {"text": "预警"}
    query, body = asked(Brand.WECOM, "ignored")
    assert query == {"access_token": "x"} and body["msgtype"] == "text"
    assert "sign" not in asked(Brand.FEISHU)[1] and "sign" not in asked(Brand.DINGTALK)[0]


def test_a_long_warning_is_cut_between_characters() -> None:
    text = asked(Brand.WECOM, text="急" * 2000)[1]["text"]["content"]
    assert LONGEST_WECOM - 3 < len(text.encode()) <= LONGEST_WECOM and text.endswith("急…")


def test_as_many_silent_are_named_as_fit_and_what_is_to_be_done_is_never_cut() -> None:
    silent = [replace(s.SILENT[0], place=f"大石头镇 红石村第{n}村民小组") for n in range(NAMED)]
    text = robot_chase(
        ALERT, "敦化市", silent, "zh", total=40, minutes=5, longest=longest_text("wecom")
    )
    assert asked(Brand.WECOM, text=text)[1]["text"]["content"] == text
    named = text.count("\n• ")
    assert 10 < named < NAMED and f"……另有 {40 - named} 人\n请被点到的人" in text
    assert text.endswith("在本群回复「收到」不算。")


ALERT = replace(s.ALERT, id=7, areas=("222403100000",), hazard=Hazard.RAINSTORM, released_at=NOW)
COUNTY = Robot("county", "222403000000", Purpose.ALL)
VILLAGE = Robot("village", "222403100201", Purpose.FLOOD)
FIRE = Robot("fire", "222403100000", Purpose.FIRE)
CITY = Robot("city", "222400000000", Purpose.ALL)
OTHER = Robot("other", "222404000000", Purpose.ALL)


def said(kind: PostKind, minutes: float, named: tuple[int, ...] = ()) -> RobotPost:
    at = NOW + timedelta(minutes=minutes)
    return RobotPost(1, 7, "county", kind, PostState.SENT, 0, named, at)


def test_who_hears_of_it_and_once() -> None:
    robots = [COUNTY, VILLAGE, FIRE, CITY, OTHER]
    assert hear_of(robots, ALERT) == [COUNTY, VILLAGE]
    due = posts_due(ALERT, robots, [said(PostKind.POST, 0)], NOW)
    assert [post.robot for post in due] == ["village"]
    assert posts_due(ALERT, robots, [], NOW + timedelta(minutes=31)) == []
    # Held after an outage and sent anew, it is a new post.
    anew = replace(ALERT, released_at=NOW + timedelta(hours=3))
    again = posts_due(anew, robots[:1], [said(PostKind.POST, 0)], NOW + timedelta(hours=3))
    assert [post.kind for post in again] == [PostKind.POST]


def test_a_robot_that_was_refused_is_tried_again_while_the_warning_holds() -> None:
    refused = said(PostKind.POST, 0)._replace(state=PostState.FAILED)
    for minutes, due in ((9, []), (11, ["county"]), (120, ["county"])):
        at = NOW + timedelta(minutes=minutes)
        assert [post.robot for post in posts_due(ALERT, [COUNTY], [refused], at)] == due
    again = said(PostKind.POST, 12)
    assert posts_due(ALERT, [COUNTY], [refused, again], NOW + timedelta(minutes=120)) == []


@pytest.mark.parametrize(
    ("before", "late", "minutes", "named"),
    [
        ([], [1], 6, None),  # the group does not know of the warning
        ([said(PostKind.POST, 0)], [1, 2], 6, (1, 2)),
        ([said(PostKind.POST, 0), said(PostKind.CHASE, 6, (1, 2))], [2], 12, None),
        ([said(PostKind.POST, 0), said(PostKind.CHASE, 6, (1, 2))], [2, 3], 10, None),
        ([said(PostKind.POST, 0), said(PostKind.CHASE, 6, (1, 2))], [2, 3], 12, (2, 3)),
    ],
)
def test_the_silent_are_named_when_somebody_new_is_among_them(
    before: list[RobotPost], late: list[int], minutes: float, named: tuple[int, ...] | None
) -> None:
    post = chase_due(ALERT, COUNTY, late, before, NOW + timedelta(minutes=minutes))
    assert (None if post is None else post.named) == named
