"""The posts of the field in words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.locale import N_, translator
from contacts.people import Role

_NAMES: Mapping[Role, str] = {
    Role.COMMANDER: N_("指挥长"),
    Role.DIRECTOR: N_("主任"),
    Role.DEPUTY_DIRECTOR: N_("副主任"),
    Role.FLOOD_OFFICE_HEAD: N_("防汛办主任"),
    Role.FIRE_OFFICE_HEAD: N_("森防办主任"),
    Role.DUTY_OFFICER: N_("值班员"),
    Role.STAFF: N_("工作人员"),
    Role.VILLAGE_RESPONSIBLE: N_("包保责任人"),
    Role.RANGER: N_("巡护员"),
    Role.LOOKOUT: N_("瞭望员"),
    Role.CHECKPOINT: N_("检查员"),
}


def role_name(role: Role, language: str) -> str:
    """``role`` as people call it."""
    return translator(language)(_NAMES[role])
