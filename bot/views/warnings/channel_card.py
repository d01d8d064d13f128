"""A warning as a card of WeCom, Feishu and DingTalk, and as an e-mail: plain text with a title."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.model import Alert
from bot.locale import N_, translator
from bot.views.vocabulary import headline
from bot.views.warnings.parts import exercise_mark

_BUTTONS: Mapping[str, str] = {"1": N_("✅ 收到"), "2": N_("🆘 需要支援")}


def card_title(alert: Alert, place: str, language: str) -> str:
    """Which warning it is, an exercise marked: 【演练】敦化市暴雨红色预警."""
    mark = exercise_mark(alert.exercise, language)
    return mark + headline(alert.level, alert.hazard, place, language)


def card_text(alert: Alert, sender: str, language: str, *, why: str) -> str:
    """What stands under the title: the warning's own words, and in whose name.

    :param sender: may be empty.
    :param why: of ``spoken.why_asked``.
    """
    _ = translator(language)
    lines = [why] if why else []
    if alert.exercise:
        lines.append(_("这是演练。"))
    lines += [_(line) for line in alert.description.strip().splitlines() if line.strip()]
    if sender:
        lines.append(_("发布：{sender}").format(sender=sender))
    return "\n".join(lines)


def card_buttons(language: str) -> dict[str, str]:
    """What stands on the buttons, by the key that comes back."""
    _ = translator(language)
    return {key: _(words) for key, words in _BUTTONS.items()}
