"""A reason that was typed: shown as it was typed, with the button that alone acts on it."""

from __future__ import annotations

from alerts.model import Alert
from bot.actions.codec import Action
from bot.locale import translator
from bot.views.screen import Button, Inline, Screen, bold, quote, shorten
from bot.views.warnings.parts import heading

_SHOWN = 30
"""Characters of a reason in the button that acts on it; the whole of it stands above."""


def confirm_reason(
    alert: Alert,
    place: str,
    language: str,
    *,
    question: str,
    reason: str,
    follows: str,
    strike_off: Action,
    rewrite: Action,
    back: Action,
) -> Screen:
    """Ask whether to strike off (销号) for this reason.

    :param question: what is to be struck off, plain.
    :param follows: what comes of it (HTML).
    """
    _ = translator(language)
    lines = [heading(alert, bold(question), place, language), quote(reason), follows]
    words = _("☑️ 确定销号：{reason}").format(reason=shorten(reason, _SHOWN))
    keys = (
        (Button(words, strike_off.encode()),),
        (Button(_("✏️ 重写原因"), rewrite.encode()),),
        (Button(_("⬅️ 返回"), back.encode()),),
    )
    return Screen("\n".join(lines), Inline(keys))
