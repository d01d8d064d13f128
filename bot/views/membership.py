"""Joining and help: to a stranger, to a person just linked, to a group."""

from __future__ import annotations

from dataclasses import replace

from bot.locale import translator
from bot.views.menu import menu_for
from bot.views.screen import Button, RemoveReply, ReplyKeyboard, Screen, bold, escape, name, shorten
from bot.views.telephones import FIRE_LINE
from bot.views.vocabulary import post_name
from contacts.people import COMMANDING, PATROLLING, Person, Role
from contacts.phones import masked


def welcome_stranger(language: str) -> Screen:
    """To somebody the bot does not know: how to link to the roster."""
    _ = translator(language)
    lines = [
        bold(_("您好，这里是防汛森防预警叫应。")),
        _("请先绑定身份，任选一种："),
        _("1. 按下面的「📱 分享手机号」"),
        _("2. 打开发给您的邀请链接，或扫纸上的二维码"),
        _("只认本人登记在通讯录里的号码。"),
    ]
    share = Button(_("📱 分享手机号"), request_contact=True)
    return Screen("\n".join(lines), ReplyKeyboard(((share,),)))


def linked(
    person: Person,
    place: str,
    language: str,
    *,
    already: bool = False,
    duty: str = FIRE_LINE,
    keep_days: int = 90,
) -> Screen:
    """To a person linked to the roster: who they are here, and what happens next.

    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    :param keep_days: for how many days a position is kept.
    """
    _ = translator(language)
    head = _("✅ 您已经绑定过了") if already else _("✅ 绑定成功")
    lines = [bold(head), *_who(person, place, language), "", _next(person, language)]
    if duty == FIRE_LINE:  # nobody is known above: a fire line corrects no roster
        lines.append(_("资料不对，请告诉上级单位或给您邀请链接的人。"))
    else:
        lines.append(_("资料不对，请告诉值班员 {duty}。").format(duty=escape(duty)))
    if not already:
        lines += ["", privacy_notice(language, keep_days)]
    return Screen("\n".join(lines), menu_for(person, language))


def privacy_notice(language: str, keep_days: int) -> str:
    """For what the person's data are kept, and for how long: said at the first contact (HTML).

    :param keep_days: for how many days a position is kept.
    """
    _ = translator(language)
    return _(
        "🔏 您的姓名、职务、电话、位置、照片和回应，只用于防汛、森林防火的预警叫应与处置。"
        "位置保存 {days} 天；其余在岗期间保存，离任后可要求删除。要查看、更正，请找上面的值班员。"
    ).format(days=keep_days)


def my_card(
    person: Person, place: str, language: str, duty: str = FIRE_LINE, *, named: str = ""
) -> Screen:
    """Answer to /link of somebody who is linked already.

    :param named: of whom they wanted the links: they have none to hand out.
    """
    card = linked(person, place, language, already=True, duty=duty)
    if not named:
        return card
    _ = translator(language)
    words = _("没有「{text}」等您发链接。下面是您自己的绑定。").format(text=shorten(named, 30))
    return replace(card, text=f"{escape(words)}\n\n{card.text}")


def unlinked(language: str) -> Screen:
    """To somebody who is no longer linked."""
    _ = translator(language)
    return Screen(_("已解除绑定，不会再收到预警。要恢复，发送 /start。"), RemoveReply())


def group_hello(
    title: str, language: str, *, known: bool, place: str = "", chat_id: int = 0
) -> Screen:
    """To a group the bot was put into: whether it gets warnings."""
    _ = translator(language)
    if known:
        words = _("✅ 本群已登记：{place} 的预警会发到这里，被叫应的人按「收到」。")
        return Screen(words.format(place=name(place)))
    words = _("「{title}」还没有登记，不会收到预警。请管理员把本群编号导入群名单。")
    return Screen(
        words.format(title=name(title)) + (f"\n<code>{chat_id}</code>" if chat_id else "")
    )


def language_set(person: Person, language: str) -> Screen:
    """Answer to /lang: the new language, in that language, and the keyboard in it."""
    keyboard = menu_for(person, language)
    _ = translator(language)
    return Screen(_("✅ 以后用中文"), keyboard)


def help_message(person: Person | None, language: str) -> Screen:
    """Answer to /help: what this person's post can do here."""
    _ = translator(language)
    if person is None:
        return welcome_stranger(language)
    lines = [bold(_("能做什么"))]
    if person.role in COMMANDING:
        lines += [
            _("⚠️ 发布预警，或一行发布：/warn 红 暴雨 敦化市 内容"),
            _("/update 变更　/lift 解除　/cancel 取消（发错了）"),
            _("/response 应急响应　/stages 分阶段　/drafts 待决定"),
            _("/status 态势　/who 未回应　/coverage 覆盖"),
            _("/frail 未转移的老弱（态势里按「🏘 转移进度」看应转、已转）"),
            _("/duty 值班、换班、接班　/patrol 巡护成果"),
            _("/water 水情　/rollcall 点名　/danger 火险等级"),
            _("/hotspots 热点核查　/feed 现场上报　/board 指挥大屏"),
            _("/task 交办任务　/tasks 清单：我的、下面的　/taskchart 进度图"),
            _("/daily 日报、周报、月报，点评下级"),
            _("/templates 改预警用语、任务清单、手册卡片"),
        ]
    elif person.role in (Role.DUTY_OFFICER, Role.STAFF):
        lines.append(_("/status 态势　/who 未回应　/coverage 覆盖"))
        lines.append(_("/duty 值班、换班、接班　/patrol 巡护成果"))
        lines.append(_("/task 交办任务　/tasks 清单：我的、下面的　/taskchart 进度图"))
        lines.append(_("/daily 日报、周报、月报"))
        if person.role is Role.DUTY_OFFICER:
            lines.append(_("/frail 未转移的老弱（态势里按「🏘 转移进度」看应转、已转）"))
            lines.append(_("/water 水情　/drafts 待决定　/rollcall 点名"))
            lines.append(_("/hotspots 热点核查　/feed 现场上报　/board 指挥大屏"))
        else:
            lines.append(_("/feed 现场上报"))
    elif person.role in PATROLLING:
        lines.append(_("📍 一键报位　📷 现场上报　🆘 求救"))
        lines.append(_("/hotspots 派给我的热点核查　/patrol 我的巡护"))
    else:
        lines.append(_("/tasks 我的清单任务"))
    lines += [
        _("收到预警：按「✅ 收到」，或打字「收到」。"),
        _("/handbook 通讯录、处置手册（/handbook 山洪）　/link 我的绑定"),
        _("/card 转移卡：路线、安置点、谁组织（/card 村名）"),
    ]
    return Screen("\n".join(lines), menu_for(person, language))


def _who(person: Person, place: str, language: str) -> list[str]:
    _ = translator(language)
    return [
        f"👤 <b>{name(person.name)}</b> {escape(post_name(person, language))}",
        f"📍 {name(place)}",
        f"☎️ {masked(person.phone)}",
    ]


def _next(person: Person, language: str) -> str:
    _ = translator(language)
    if person.role in COMMANDING:
        return _("您可以发布预警：按「⚠️ 发布预警」。")
    if person.role is Role.DUTY_OFFICER:
        return _("有人不回应时，名单会发给您，请逐个打电话。")
    if person.role in PATROLLING:
        return _("巡护时按「📍 一键报位」；有危险按「🆘 求救」。")
    return _("有预警会直接发给您：看到就按「✅ 收到」。请打开本聊天的通知声音。")
