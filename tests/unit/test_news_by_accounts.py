"""That a warning is over asks for nothing, in whatever channel: no button, no reply."""

from __future__ import annotations

import json
from dataclasses import replace

from bot.channels.dingtalk.wire import message_request
from bot.channels.email.letter import letter
from bot.channels.events import Handle, OutgoingCall
from bot.channels.feishu.card import card
from bot.channels.wecom.wire import message
from contacts.channels import Channel
from tests.roster import NOW

WORDS = "已解除。已转移的群众：未接到返回通知，不得返回。"
END = OutgoingCall(
    Handle(812, 1), Channel.WECOM, "end", "chief", WORDS, {}, {}, 0.0, False, NOW,
    title="敦化市暴雨红色预警", queued_at=NOW,
)  # fmt: skip


def test_what_is_only_told_asks_for_nothing() -> None:
    told = {
        "wecom": json.dumps(message(END, "chief", 7, cards=True), ensure_ascii=False),
        "dingtalk": json.dumps(message_request(END, "chief", "robot"), ensure_ascii=False),
        "feishu": json.dumps(card(END), ensure_ascii=False),
        "email": str(letter(replace(END, to="a@b.cn"), "yj@b.cn", NOW).get_content()),
    }
    for name, words in told.items():
        assert "已解除" in words and "不得返回" in words, name
        for asked in ("回复 1", "button_list", "callback", "按「收到」", "template_card"):
            assert asked not in words, (name, asked)
    assert '"green"' in told["feishu"]
    called = replace(END, kind="call")
    assert "回复 1" in json.dumps(message(called, "chief", 7, cards=False), ensure_ascii=False)
