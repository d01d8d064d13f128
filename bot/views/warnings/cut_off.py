"""Villages that are cut off (三断), for the officers above; and the word to whoever goes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.cut_off.model import CutOff, Errand, ErrandState, News, Outcome
from alerts.model import Alert
from bot.actions.cut_off import (
    AssignRunner,
    CutOffPage,
    CutOffVillage,
    ErrandArrived,
    ErrandDeclined,
    ErrandFailed,
    ErrandGoing,
    FindRunner,
    MarkAsk,
    MarkVillage,
    Unmark,
)
from bot.actions.warnings import StatusOf
from bot.locale import N_, translator
from bot.views.clock import BEIJING, clock
from bot.views.figures import direction, distance
from bot.views.screen import Button, ForceReply, Inline, Screen, bold, escape, name, shorten
from bot.views.vocabulary import with_thing
from bot.views.warnings.parts import body, heading, state_line
from contacts.equipment import Equipment, EquipmentKind

MOST_LISTED = 6
"""Villages in one message (ours); of the others it says how many."""

MOST_PERSONS = 3
"""Persons named of a village (ours)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to be rung up; ``phones`` are empty where the reader may not see them."""

    person_id: int
    name: str
    post: str
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """A village that answered: how far it is, in which direction from the one cut off, and who."""

    place: str
    metres: float | None = None  # none: nobody knows where one of the two is
    degrees: float | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class Goer:
    """Somebody who could go: ``where`` they are from, or how far away they were seen."""

    contact: Contact
    where: str = ""
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class VillageRow:
    """One village that is cut off, and all that helps."""

    cut_off: CutOff
    place: str
    called: tuple[Contact, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    near: Near | None = None
    errand: Errand | None = None
    runner: Contact | None = None
    marked_by: str = ""


_NEWS: Mapping[News, str] = {
    News.FOUND: N_("🚧 又有村庄用什么渠道都没有人回应，疑似三断"),
    News.MARKED: N_("🚧 {village} 被标记为三断"),
    News.ANSWERED: N_("✅ {village} 有人回应了，不再算三断"),
    News.GOING: N_("🏃 {runner} 去 {village}"),
    News.DECLINED: N_("✖️ {runner} 去不了 {village}，请另派人"),
    News.SILENT: N_("⏰ 派去 {village} 的 {runner} 没有答复，请打电话或另派人"),
    News.ARRIVED: N_("✅ {runner} 已到 {village}，人已通知"),
    News.FAILED: N_("✖️ {runner} 到不了 {village}，请另想办法"),
    News.UNMARKED: N_("☑️ {village} 已由值班员取消三断"),
    News.LEFT_OUT: N_("➖ 范围已改，不再包括 {village}，不用再派人去"),
}
_STATES: Mapping[ErrandState, str] = {
    ErrandState.ASKED: N_("🏃 {time} 派 {runner}，等答复"),
    ErrandState.GOING: N_("🏃 {runner} 在路上（{time} 派）"),
    ErrandState.DECLINED: N_("✖️ {runner} 去不了，请另派人"),
    ErrandState.ARRIVED: N_("✅ {runner} 已到，人已通知"),
    ErrandState.FAILED: N_("✖️ {runner} 到不了，请另想办法"),
    ErrandState.ENDED: N_("{runner} 不用去了"),
}


def news_line(news: News, village: str, runner: str, language: str) -> str:
    """What happened, above the list; plain."""
    _ = translator(language)
    return _(_NEWS[news]).format(village=village, runner=runner)


def cut_off_list(
    alert: Alert,
    rows: Sequence[VillageRow],
    language: str,
    place: str,
    *,
    total: int,
    news: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """The villages that are cut off, a button for each: who goes?

    :param total: how many there are, listed or not.
    :param news: what happened, plain.
    """
    _ = translator(language)
    shout = bold(news or _("🚧 三断村庄 {count} 个").format(count=total))
    lines = [heading(alert, shout, place, language)]
    if not alert.in_force:
        lines.append(state_line(alert, language, zone))
        return Screen("\n".join(lines))
    if news:
        lines.append(bold(_("🚧 三断村庄 {count} 个").format(count=total)))
    if rows:
        lines.append(_("被叫的人和替补用什么渠道都没有回应。先拨卫星电话、喊大喇叭，再派人去。"))
    else:
        lines.append(_("现在没有列为三断的村庄。"))
    for row in rows[:MOST_LISTED]:
        lines += ["", *_row(row, language, zone)]
    if total > len(rows[:MOST_LISTED]):
        more = total - len(rows[:MOST_LISTED])
        lines += ["", _("……另有 {count} 处").format(count=more)]
    buttons: list[tuple[Button, ...]] = [
        (
            Button(
                _("🏃 {village}：谁去").format(village=shorten(row.place, 20)),
                CutOffVillage(row.cut_off.id).encode(),
            ),
        )
        for row in rows[:MOST_LISTED]
    ]
    refresh = Button(_("🔄 刷新"), CutOffPage(alert.id).encode())
    buttons.append((Button(_("➕ 标记三断"), MarkAsk(alert.id).encode()), refresh))
    buttons.append((Button(_("📊 看态势"), StatusOf(alert.id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(buttons)))


def village_screen(
    alert: Alert,
    row: VillageRow,
    goers: Sequence[Goer],
    language: str,
    place: str,
    *,
    zone: tzinfo = BEIJING,
) -> Screen:
    """One village: what is there, and who goes, each by one tap."""
    _ = translator(language)
    lines = [heading(alert, bold(_("🚧 三断：谁去？")), place, language)]
    lines += ["", *_row(row, language, zone)]
    buttons: list[tuple[Button, ...]] = []
    if row.errand is not None and row.errand.open and row.runner is not None:
        who = shorten(row.runner.name, 12)
        buttons += [
            (
                Button(
                    _("✅ {name} 已到，人已通知").format(name=who),
                    ErrandArrived(row.errand.id).encode(),
                ),
            ),
            (Button(_("✖️ {name} 到不了").format(name=who), ErrandFailed(row.errand.id).encode()),),
        ]
    elif goers:
        lines += ["", _("可以派：")]
    for goer in goers:
        lines += ["", *_goer(goer, language)]
        words = _("🏃 派 {name} 去").format(name=shorten(goer.contact.name, 16))
        key = AssignRunner(row.cut_off.id, goer.contact.person_id)
        buttons.append((Button(words, key.encode()),))
    buttons += [
        (Button(_("🔎 派别人：按姓名找"), FindRunner(row.cut_off.id).encode()),),
        (Button(_("☑️ 不是三断"), Unmark(row.cut_off.id).encode()),),
        (Button(_("⬅️ 返回名单"), CutOffPage(alert.id).encode()),),
    ]
    return Screen("\n".join(lines), Inline(tuple(buttons)))


def ask_village(alert: Alert, language: str, place: str) -> Screen:
    """Ask which village is cut off."""
    _ = translator(language)
    head = heading(alert, bold(_("哪个村断了联系？请写村名")), place, language)
    return Screen(f"{head}\n{_('例如：红石村，或 大石头镇 红石村')}", ForceReply())


def which_village(
    alert: Alert, wanted: str, found: Sequence[tuple[str, str]], language: str, place: str
) -> Screen:
    """Several villages of the name, or none: buttons for those that may be meant.

    :param found: code and path of each.
    """
    _ = translator(language)
    words = _("「{text}」是哪一个？") if found else _("区域里没有「{text}」这个村")
    head = heading(alert, bold(words.format(text=shorten(wanted, 30))), place, language)
    rows = [(Button(path, MarkVillage(alert.id, code).encode()),) for code, path in found]
    rows.append((Button(_("➕ 再写村名"), MarkAsk(alert.id).encode()),))
    rows.append((Button(_("⬅️ 返回名单"), CutOffPage(alert.id).encode()),))
    return Screen(head, Inline(tuple(rows)))


def ask_runner(alert: Alert, village: str, language: str, place: str) -> Screen:
    """Ask who goes."""
    _ = translator(language)
    words = _("派谁去 {village}？请写姓名、电话或村名").format(village=shorten(village, 30))
    return Screen(heading(alert, bold(words), place, language), ForceReply())


def runners_found(
    alert: Alert,
    cut_off: CutOff,
    wanted: str,
    goers: Sequence[Goer],
    language: str,
    place: str,
) -> Screen:
    """Who was found in the handbook: a button for each."""
    _ = translator(language)
    words = _("派谁去？「{text}」：{count} 人")
    head = bold(words.format(text=shorten(wanted, 30), count=len(goers)))
    lines = [heading(alert, head, place, language)]
    rows: list[tuple[Button, ...]] = []
    for goer in goers:
        lines += ["", *_goer(goer, language)]
        label = _("🏃 派 {name} 去").format(name=shorten(goer.contact.name, 16))
        key = AssignRunner(cut_off.id, goer.contact.person_id)
        rows.append((Button(label, key.encode()),))
    rows.append((Button(_("🔎 派别人：按姓名找"), FindRunner(cut_off.id).encode()),))
    rows.append((Button(_("⬅️ 返回"), CutOffVillage(cut_off.id).encode()),))
    return Screen("\n".join(lines), Inline(tuple(rows)))


def assigned_toast(outcome: Outcome, runner: str, language: str, *, by_telegram: bool) -> str:
    """Toast to the officer who sends somebody."""
    _ = translator(language)
    who = shorten(runner, 30)
    if outcome is Outcome.OVER:
        return _("这个村已不算三断，或已经结束，没有派人")
    if outcome is Outcome.ALREADY:
        return _("{name} 已经派过了").format(name=who)
    if not by_telegram:
        return _("已记下派 {name}；此人收不到 Telegram，请马上打名单上的电话告诉").format(name=who)
    return _("✅ 已派 {name}，等答复").format(name=who)


def marked_toast(outcome: Outcome, language: str) -> str:
    """Toast to the officer who says that a village is cut off, or is not."""
    _ = translator(language)
    if outcome is Outcome.RECORDED:
        return _("✅ 已记录")
    if outcome is Outcome.ALREADY:
        return _("这个村已在名单上")
    return _("这个村已不算三断，或已经结束")


# -- to the runner -----------------------------------------------------------------------------


def errand_message(
    alert: Alert,
    errand: Errand,
    village: str,
    language: str,
    place: str,
    *,
    to_tell: Sequence[Contact] = (),
    by: Contact | None = None,
    duty: str = "",
    again: bool = False,
    over: bool = False,
) -> Screen:
    """The errand as it stands: go, you go, you are there, there is no need.

    :param to_tell: the persons of the village.
    :param by: the officer who sends them; ``duty``: whom else they ring up.
    """
    _ = translator(language)
    if over or errand.state is ErrandState.ENDED:
        shout = bold(_("☑️ 不用去 {village} 了").format(village=village))
        done = _("村里已有人回应、已另派人，或叫应范围不再包括这个村。辛苦了，请注意安全。")
        return Screen(f"{heading(alert, shout, place, language)}\n\n{done}")
    if not errand.open:
        shout = bold(_(_DONE[errand.state]).format(village=village))
        return Screen(heading(alert, shout, place, language))
    going = errand.state is ErrandState.GOING
    shout = bold(_errand_shout(village, language, going=going, again=again))
    lines = [heading(alert, shout, place, language), ""]
    lines.append(_("村里断了联系（电、网、路可能都断），用什么渠道都没有人回应。"))
    if to_tell:
        named = "、".join(f"{escape(who.post)} {name(who.name)}" for who in to_tell)
        lines.append(bold(_("请当面通知：{people}").format(people=named)))
        lines += [f"　☎️ {name(who.name)} {' / '.join(who.phones)}" for who in to_tell if who.phones]
    lines += ["", body(alert, language), ""]
    if by is not None:
        words = " / ".join(by.phones) or duty
        lines.append(_("{name} 派您去 ☎️ {phone}").format(name=name(by.name), phone=words))
    lines.append(_("路上注意安全：不涉水、不过漫水桥，走不通就按「到不了」。"))
    if going:
        first = Button(_("✅ 已到，人已通知"), ErrandArrived(errand.id).encode())
        second = Button(_("✖️ 到不了"), ErrandFailed(errand.id).encode())
    else:
        first = Button(_("🏃 我去"), ErrandGoing(errand.id).encode())
        second = Button(_("✖️ 去不了"), ErrandDeclined(errand.id).encode())
    return Screen("\n".join(lines), Inline(((first,), (second,))))


def errand_over(alert: Alert, language: str, place: str, *, zone: tzinfo = BEIJING) -> Screen:
    """What an errand becomes with the end of its warning: no buttons."""
    _ = translator(language)
    shout = bold(with_thing(_("☑️ {thing}已结束，不用再去"), alert.hazard, language))
    return Screen(f"{heading(alert, shout, place, language)}\n{state_line(alert, language, zone)}")


def errand_toast(outcome: Outcome, state: ErrandState | None, language: str) -> str:
    """Toast to the runner."""
    _ = translator(language)
    if outcome is Outcome.OVER:
        return _("不用去了：村里已有人回应、已另派人，或已经结束、范围不再包括这个村")
    if outcome is Outcome.ALREADY or state is None:
        return _("已经记录过了")
    return _(_TOASTS[state])


_DONE: Mapping[ErrandState, str] = {
    ErrandState.DECLINED: N_("已记录：您去不了 {village}，会另派人"),
    ErrandState.ARRIVED: N_("✅ 已记录：您已到 {village}，人已通知。辛苦了"),
    ErrandState.FAILED: N_("已记录：您到不了 {village}。请回到安全的地方"),
}
_TOASTS: Mapping[ErrandState, str] = {
    ErrandState.GOING: N_("✅ 已记录：您去。到了请报告，注意安全"),
    ErrandState.DECLINED: N_("已记录：您去不了，会另派人"),
    ErrandState.ARRIVED: N_("✅ 已记录：人已通知，辛苦了"),
    ErrandState.FAILED: N_("已记录：到不了。请回到安全的地方"),
}


def _errand_shout(village: str, language: str, *, going: bool, again: bool) -> str:
    _ = translator(language)
    if going:
        words = _("‼️ 到 {village} 了吗？请报告") if again else _("🏃 已记录：您去 {village}")
    elif again:
        words = _("‼️ 还没有收到您的答复：能去 {village} 吗？")
    else:
        words = _("🏃 请马上去 {village}")
    return words.format(village=village)


# -- parts -------------------------------------------------------------------------------------


def errand_words(state: ErrandState, at: str, runner: str, language: str) -> str:
    """How it stands with whoever was sent to a village, in words."""
    return translator(language)(_STATES[state]).format(time=at, runner=runner)


def cut_off_line(count: int, language: str) -> list[str]:
    """On a card: how many villages are cut off (HTML); none when none is."""
    _ = translator(language)
    return [bold(_("🚧 三断村庄 {count} 个").format(count=count))] if count else []


def _row(row: VillageRow, language: str, zone: tzinfo) -> list[str]:
    _ = translator(language)
    since = clock(row.cut_off.found_at, zone)
    if row.cut_off.marked_by is None:
        how = _("{time} 起疑似三断").format(time=since)
    else:
        how = _("{time} {name} 标记").format(time=since, name=name(row.marked_by))
    lines = [f"<b>{name(row.place)}</b> {how}"]
    lines += [f"　👤 {_contact(who)}" for who in row.called[:MOST_PERSONS]]
    lines += [f"　{_equipment(piece, language)}" for piece in row.equipment]
    if row.near is not None:
        lines.append("　" + _near(row.near, language))
    if row.errand is not None and row.runner is not None:
        at = clock(row.errand.assigned_at, zone)
        words = errand_words(row.errand.state, at, name(row.runner.name), language)
        phones = " / ".join(row.runner.phones)
        lines.append(f"　{words}" + (f" ☎️ {phones}" if phones else ""))
    else:
        lines.append("　" + _("还没有派人"))
    return lines


def _contact(who: Contact) -> str:
    phones = " / ".join(who.phones)
    return f"{name(who.name)} {escape(who.post)}" + (f" ☎️ {phones}" if phones else "")


def _equipment(piece: Equipment, language: str) -> str:
    _ = translator(language)
    said = escape(piece.number or piece.words)
    if piece.kind is EquipmentKind.SATELLITE_PHONE:
        return _("🛰 卫星电话 {number}").format(number=said or _("有，号码未登记"))
    return _("📢 大喇叭 {words}").format(words=said or _("有"))


def _near(near: Near, language: str) -> str:
    _ = translator(language)
    where = ""
    if near.metres is not None and near.degrees is not None:
        where = _("，{distance}，在其{direction}").format(
            distance=distance(near.metres, language), direction=direction(near.degrees, language)
        )
    words = _("🏘 最近有回应的村：{village}{where}").format(village=name(near.place), where=where)
    return words if near.contact is None else f"{words}　{_contact(near.contact)}"


def _goer(goer: Goer, language: str) -> list[str]:
    _ = translator(language)
    where = name(shorten(goer.where, 40))
    if goer.metres is not None:
        away = distance(goer.metres, language)
        where = " · ".join(part for part in (where, _("{away}外").format(away=away)) if part)
    return [_contact(goer.contact), *([f"　📍 {where}"] if where else [])]
