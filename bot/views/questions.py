"""What is said when a text comes that a question might have taken for its answer, and did not."""

from __future__ import annotations

from alerts.conversation_store import ConversationTopic
from bot.locale import N_, translator
from bot.views.screen import Inline, Screen, bold

_NOT_TAKEN = {
    ConversationTopic.RELEASE: N_("刚才这句话没有写进预警。要改预警，请按预览下面的按钮。"),
    ConversationTopic.REPORT: N_("刚才这句话没有当作报告。要报告，请再按一次报告按钮。"),
    ConversationTopic.DISCHARGE: N_("刚才这句话没有当作销号原因，没有人被销号。"),
    ConversationTopic.CLOSE: N_("刚才这句话没有当作销号原因，预警没有销号。"),
    ConversationTopic.ROLL_CALL: N_("刚才这句话没有当作点名区域。要点名，请发 /rollcall。"),
}


def not_taken(topic: ConversationTopic, language: str, buttons: Inline | None = None) -> Screen:
    """The question was asked too long ago, or something else was done since."""
    _ = translator(language)
    return Screen(bold(_("ℹ️ 没有记录")) + "\n" + _(_NOT_TAKEN[topic]), buttons)


def too_late(language: str) -> Screen:
    """The button under a typed reason was pressed when that was not waiting any more."""
    _ = translator(language)
    return Screen(_("这个确认已过期，没有销号。请从态势或未回应名单重新开始。"))
