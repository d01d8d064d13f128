"""/board: the way to the command wall."""

from __future__ import annotations

from bot.locale import translator
from bot.views.screen import Button, Inline, Screen, bold, name


def board_link(place: str, address: str, language: str) -> Screen:
    """The link as a button: the message itself holds nothing that could be copied on."""
    _ = translator(language)
    lines = [
        bold(_("🖥 指挥大屏")) + f" · {name(place)}",
        _("按下面的按钮打开。10 分钟内有效，只能打开一次；打开后可看 12 小时。"),
        _("里面有电话号码：链接不要转给别人。"),
    ]
    return Screen("\n".join(lines), Inline(((Button(_("🖥 打开大屏"), url=address),),)))
