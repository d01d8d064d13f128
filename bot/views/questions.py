"""What is said when a text comes that a question might have taken for its answer, and did not."""

from __future__ import annotations

from alerts.conversation_store import ConversationTopic
from alerts.model import Alert
from bot.actions.codec import Action
from bot.actions.typed_words import WordsSend
from bot.locale import N_, translator
from bot.views.screen import Button, Inline, Screen, bold, escape, quote, shorten
from bot.views.warnings.parts import heading

_NOT_TAKEN = {
    ConversationTopic.RELEASE: N_("刚才这句话没有写进去。要改内容，请按预览下面的按钮。"),
    ConversationTopic.STAGES: N_("刚才这句话没有当作预计时间，计划没有改。看计划发 /stages。"),
    ConversationTopic.TABLE: N_("刚才这句话没有用上，表格还没有导入。要导入，请按核对下面的按钮。"),
    ConversationTopic.TASK: N_("刚才这句话没有记到任务里，任务没有变。要办请再按任务的按钮。"),
    ConversationTopic.NEW_TASK: N_("刚才这句话没有用上，没有列入清单。要新建任务，请发 /task。"),
    ConversationTopic.REPORT: N_("刚才这句话没有当作报告。要报告，请再按一次报告按钮。"),
    ConversationTopic.PROXY_REPORT: N_("刚才这句话没有当作代报的内容。要代报，请再按一次「📝」。"),
    ConversationTopic.DISCHARGE: N_("刚才这句话没有当作销号原因，没有人被销号。"),
    ConversationTopic.RUNNER: N_("刚才这句话没有当作姓名，没有派人。要派人，请再按「派别人」。"),
    ConversationTopic.CUT_OFF: N_("刚才这句话没有当作村名，没有标记。要标记，请再按「标记三断」。"),
    ConversationTopic.DOUBT: N_("刚才这句话没有当作存疑原因，没有人被重新叫应。"),
    ConversationTopic.ANSWERED: N_("刚才这句话没有当作姓名。要找人，请再按「按姓名找」。"),
    ConversationTopic.CHANGE: N_("刚才这句话没有用上，没有变更。要变更，请按预览下面的按钮。"),
    ConversationTopic.TEMPLATE: N_("刚才这句话没有写进模板，没有改动。要改，请发 /templates。"),
    ConversationTopic.CLOSE: N_("刚才这句话没有当作销号原因，没有销号。"),
    ConversationTopic.DAILY_REMARK: N_("刚才这句话没有当作点评，没有发出。要点评，请打开 /daily。"),
    ConversationTopic.HANDOVER: N_(
        "刚才这句话没有写进交班说明。要写，请到 /duty 再按「写交班说明」。"
    ),
    ConversationTopic.ROLL_CALL: N_("刚才这句话没有当作点名区域。要点名，请发 /rollcall。"),
}


def not_taken(
    topic: ConversationTopic,
    language: str,
    buttons: Inline | None = None,
    *,
    about: tuple[Alert, str] | None = None,
    thing: str = "",
) -> Screen:
    """The question was asked too long ago, or something else was done since.

    :param about: the warning that it was about, and the name of its place.
    :param thing: what else it was about, plain: a task.
    """
    _ = translator(language)
    head = bold(_("ℹ️ 没有记录"))
    if about is not None:
        alert, place = about
        head = heading(alert, head, place, language)
    if thing:
        head += "\n" + escape(thing)
    return Screen(head + "\n" + _(_NOT_TAKEN[topic]), buttons)


def too_late(language: str) -> Screen:
    """The button under a typed reason was pressed when that was not waiting any more."""
    _ = translator(language)
    return Screen(_("这个确认已过期，没有执行。请从态势或未回应名单重新开始。"))


ON_BUTTON = 12
"""Characters of the words that a button of a small telephone has room for (ours)."""


def confirm_words(
    head: str, words: str, label: str, nonce: str, again: Action, language: str
) -> Screen:
    """Words that were typed, with the button that alone does something with them.

    :param head: what it will do, and with what, plain.
    :param label: the button's, before the words.
    :param again: asks for other words.
    """
    _ = translator(language)
    said = shorten(" ".join(words.split()), ON_BUTTON)
    send = Button(f"{label}：{said}", WordsSend(nonce).encode())
    anew = Button(_("✏️ 重写"), again.encode())
    return Screen(f"{bold(escape(head))}\n{quote(words)}", Inline(((send,), (anew,))))


def press_below(language: str) -> str:
    """Above what was asked, for whoever answered it in words or by a sign (HTML)."""
    return bold(translator(language)("ℹ️ 还没有记录您的答复，请按下面的按钮"))


def spent(language: str) -> str:
    """Alert: the button under the words was pressed before, or too long ago, or they were left."""
    return translator(language)(
        "这次没有办理：之前办过了，或您后来办了别的事，或已过期。"
        "办成没有，请看「📊 态势」；没有，请重新操作。"
    )


def key_forwarded(key: str, language: str) -> Screen:
    """What a key sends was forwarded: somebody else pressed it."""
    _ = translator(language)
    words = _("ℹ️ 「{key}」是转发来的，没有执行。要用，请自己按下面的按钮。")
    return Screen(words.format(key=escape(key)))


def forwarded_words(text: str, language: str) -> str:
    """A cry for help that was forwarded, as it is passed on (plain)."""
    return translator(language)("（转发的话）{text}").format(text=text)


def edited_unused(language: str) -> Screen:
    """A text was edited whose former words are what is shown and waits to be confirmed."""
    _ = translator(language)
    return Screen(_("ℹ️ 改过的话没有用上，待确认的还是原来的。要改，请按「重写」或重新发一次。"))
