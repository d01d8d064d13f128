"""To somebody who cried for help in words: who hears it, whom to telephone, which key."""

from __future__ import annotations

from datetime import datetime, tzinfo

from alerts.cries import Cry
from alerts.patrol.field_reports.reporting import Cried
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.menu import menu_in_danger
from bot.views.screen import Screen, bold, name
from contacts.people import Person
from contacts.phones import display

_TELEPHONES = {
    Cry.FIRE: N_("🔥 请马上打电话：森林火警 12119，火警 119"),
    Cry.RESCUE: N_("☎️ 请马上打电话：报警 110，火警 119，急救 120，森林火警 12119"),
    Cry.FLOOD: N_("☎️ 请马上打电话：报警 110，火警 119。先往高处走，通知左右邻居。"),
}


def late_note(done_at: datetime, language: str, *, zone: tzinfo = BEIJING) -> str:
    """To whoever cried when nobody could hear it (HTML)."""
    _ = translator(language)
    return _("⏰ 您 {time} 的话刚刚才收到，已马上转告。").format(time=clock(done_at, zone))


def heard(cry: Cry, cried: Cried, person: Person, language: str) -> Screen:
    """What was done with the words; with the keys for position, picture and 求救."""
    _ = translator(language)
    if cried.officers:
        told = _("、").join(
            f"{name(officer.name)} {display(officer.phone)}" for officer in cried.officers
        )
        words = (
            _("✅ 您的话已转给值班员：{names}")
            if cried.at_once
            else _("✅ 刚才已转给值班员：{names}。这一句几分钟内一并转去。")
        )
        head = words.format(names=told)
    else:
        head = bold(_("现在没有值班员能收到，请立即打电话！"))
    lines = [
        bold(_(_TELEPHONES[cry])),
        head,
        _("人有危险，按「🆘 求救」，会一直呼叫到有人接手。"),
        bold(_("👇 请发送位置，再拍一张照片")),
    ]
    return Screen("\n".join(lines), menu_in_danger(person, language))
