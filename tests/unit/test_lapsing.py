"""Which updates that failed lapse, and which tell a fact or call for help."""

from __future__ import annotations

from typing import Any

import pytest

from bot.handlers.lapsing import may_lapse


@pytest.mark.parametrize(
    "what",
    [
        {"message": {"text": "收到"}},
        {"edited_message": {"text": "收到，马上转移"}},
        {"message": {"voice": {}}},
        {"message": {"photo": [], "caption": "桥断了"}},
        {"message": {"location": {}}},
        {"message_reaction": {"new_reaction": [{"emoji": "👍"}]}},
        {"message": {"text": "着火了"}},
    ],
)
def test_an_answer_a_picture_a_place_and_a_cry_keep_their_time(what: dict[str, Any]) -> None:
    assert not may_lapse({"update_id": 1, **what})


@pytest.mark.parametrize(
    "what",
    [
        {"message": {"text": "/warn 红 暴雨 敦化市 立即转移"}},
        {"message": {"document": {}}},
        {"callback_query": {"data": "w:confirm:00000000"}},
        {"my_chat_member": {}},
    ],
)
def test_what_sends_or_changes_something_is_left_undone_when_it_is_old(
    what: dict[str, Any],
) -> None:
    assert may_lapse({"update_id": 1, **what})
