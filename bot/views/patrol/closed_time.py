"""The closed time (禁火期): told when it begins and ends, and shown wherever somebody looks."""

from __future__ import annotations

from datetime import date

from alerts.season.closed import ClosedTime
from bot.locale import translator
from bot.views.screen import Screen, bold, name


def closed_line(closed: ClosedTime, language: str) -> str:
    """Line: 🚫 禁火期 04-20 至 05-31（吉政发〔2026〕3号）."""
    _ = translator(language)
    words = _("🚫 禁火期 {first} 至 {last}")
    line = words.format(first=f"{closed.starts_on:%m-%d}", last=f"{closed.ends_on:%m-%d}")
    return line + (_("（{order}）").format(order=name(closed.by_order)) if closed.by_order else "")


def with_closed(screen: Screen, closed: ClosedTime | None, language: str) -> Screen:
    """A screen with the line below it, while the time is closed."""
    if closed is None:
        return screen
    return Screen(f"{screen.text}\n{closed_line(closed, language)}", screen.keyboard)


def begun(
    closed: ClosedTime, place: str, today: date, language: str, *, patrols: bool, village: bool
) -> Screen:
    """No fire outdoors from now on: what to do, for patrollers and checkpoints, and for villages.

    :param patrols: the reader patrols or stands at a checkpoint.
    :param village: the reader answers for a village.
    """
    _ = translator(language)
    first = today == closed.starts_on
    head = _("🚫 今天起禁火 · {place}") if first else _("🚫 现在是禁火期 · {place}")
    lines = [bold(head.format(place=place)), closed_line(closed, language)]
    lines.append(_("林区和林缘禁止一切野外用火：不烧荒、不烧秸秆、不烧纸，计划烧除一律停止。"))
    if patrols:
        lines.append(_("巡护、检查站：进山人员、车辆逐一登记查火种，发现用火当场制止、上报。"))
    if village:
        lines.append(_("村里：马上用大喇叭和上门告知每一户，看住坟头、地头和重点人员。"))
    lines.append(_("每天傍晚报零报告，没有火情也要报。发现烟火立即打 12119。"))
    return Screen("\n".join(lines))


def over(place: str, language: str, *, within: bool = False) -> Screen:
    """The closed time is over; the fire season may go on.

    :param within: another one holds in a part of the place.
    """
    _ = translator(language)
    lines = [
        bold(_("✅ 禁火期结束 · {place}").format(place=place)),
        _("不用再每天报零报告。防火期还没有结束的，野外用火仍要先批准。"),
    ]
    if within:
        lines.append(_("下级另有禁火令的地方，仍在禁火期，照常报零报告。"))
    return Screen("\n".join(lines))
