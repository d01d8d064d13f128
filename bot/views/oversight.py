"""Faults of jiaoying itself, to the highest duty officer: what stands still, what works again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from alerts.channels.model import Trouble
from alerts.oversight.findings import FindingKind, Telling
from bot.locale import N_, translator
from bot.views.channels import channel_name, trouble_name
from bot.views.clock import BEIJING, ago, clock, day_clock, span
from bot.views.patrol.feeds import fault_note
from bot.views.screen import Screen, bold, escape, name
from bot.views.source_findings import finding_line
from contacts.bots import Down
from contacts.channels import Channel
from data.tables.columns import from_milliseconds

_TITLES = {
    FindingKind.CALLS_LATE: N_("追叫停住了"),
    FindingKind.QUEUE_STUCK: N_("消息发不出去"),
    FindingKind.CLAIMS_STUCK: N_("有消息迟迟没有发出"),
    FindingKind.INBOX_STUCK: N_("点击没有处理"),
    FindingKind.UPDATES_FAILED: N_("有点击处理失败"),
    FindingKind.MESSAGES_FAILED: N_("有消息没法发出"),
    FindingKind.SOURCE_SILENT: N_("数据源没有消息"),
    FindingKind.BOT_DOWN: N_("机器人不能发消息"),
    FindingKind.SET_ASIDE: N_("有事一再出错，先放在一边"),
    FindingKind.SETTINGS_DIFFER: N_("各进程的配置不一样"),
    FindingKind.CLOCKS_DIFFER: N_("各机器的时钟不一样"),
    FindingKind.CLOCK_STEPPED: N_("服务器的时钟变了"),
    FindingKind.GROUPS_REFUSE: N_("有工作群联系不上"),
    FindingKind.ROWS_UNREADABLE: N_("热点数据有读不出的行"),
    FindingKind.UNFORESEEN: N_("消息被拒收，原因没见过"),
    FindingKind.CHANNEL_FAILING: N_("电话、短信交不出去"),
    FindingKind.CHANNEL_SILENT: N_("电话、短信发出后没有回音"),
    FindingKind.DOORS_SHUT: N_("接收答复的端口被占用"),
    FindingKind.ROBOT_FAILING: N_("群机器人发不出消息"),
    FindingKind.HOOKS_FAILING: N_("通知不到别的系统"),
    FindingKind.FILES_FAILING: N_("CAP 文件写不进去"),
    FindingKind.CHANNEL_REFUSED: N_("服务商拒收我们的消息"),
    FindingKind.SOURCES_DOUBTED: N_("数据源里有不能用的内容"),
    FindingKind.GAUGES_SILENT: N_("有水文站断了数据"),
}

_COUNTS = {
    FindingKind.CALLS_LATE: N_("{count} 个叫应到时没有追，最久晚了 {time}。"),
    FindingKind.QUEUE_STUCK: N_("{count} 条消息等着发，最久等了 {time}。"),
    FindingKind.CLAIMS_STUCK: N_("{count} 条消息取出后没有发成，最久 {time}。"),
    FindingKind.INBOX_STUCK: N_("{count} 个点击或消息没有处理，最久等了 {time}。"),
    FindingKind.UPDATES_FAILED: N_("{count} 个点击或消息处理时出错，没有算数。"),
    FindingKind.MESSAGES_FAILED: N_("{count} 条消息因程序出错没有发出，最早在 {time}前。"),
    FindingKind.CHANNEL_FAILING: N_("{count} 个电话或短信没有交出去，最早在 {time}前。"),
    FindingKind.CHANNEL_SILENT: N_(
        "网关或服务商收下了 {count} 个电话或短信，没有一个说送到了，最早在 {time}前。"
    ),
    FindingKind.ROBOT_FAILING: N_("群机器人有 {count} 条消息没有发出去，最早在 {time}前。"),
    FindingKind.HOOKS_FAILING: N_("有 {count} 条没有送到别的系统，最早的已 {time}。"),
    FindingKind.FILES_FAILING: N_("有 {count} 条预警消息没有写成文件，最早的已 {time}。"),
}

_ADVICE = {
    FindingKind.CALLS_LATE: N_("没有回应的人请打电话，名单和电话见 /who。马上通知系统管理员。"),
    FindingKind.QUEUE_STUCK: N_("紧急的事请打电话。马上通知系统管理员。"),
    FindingKind.CLAIMS_STUCK: N_("请通知系统管理员。"),
    FindingKind.INBOX_STUCK: N_("有人点了「收到」可能还没记上。马上通知系统管理员。"),
    FindingKind.UPDATES_FAILED: N_("请通知系统管理员查看日志。"),
    FindingKind.MESSAGES_FAILED: N_("请通知系统管理员查看日志。"),
    FindingKind.SOURCE_SILENT: N_(
        "这期间它的数据看不到：热点要靠瞭望，水情、预警、云图请打电话问。并通知系统管理员。"
    ),
    FindingKind.BOT_DOWN: N_("这些地方的人联系不上，请打电话。马上通知系统管理员。"),
    FindingKind.SET_ASIDE: N_("其余照常。请通知系统管理员查看日志。"),
    FindingKind.SETTINGS_DIFFER: N_("请通知系统管理员：每台机器的配置要相同，改后重启。"),
    FindingKind.GROUPS_REFUSE: N_(
        "请群主把机器人拉回群里、允许它发言。在此之前请用别的办法通知群里的人。"
    ),
    FindingKind.ROWS_UNREADABLE: N_("读不出的热点没有算进去。请通知系统管理员查看日志。"),
    FindingKind.UNFORESEEN: N_("联系不上的人已转替补和值班员。请把上面的原文告诉系统管理员。"),
    FindingKind.CHANNEL_FAILING: N_(
        "这些人没有叫到，请看未回应名单打电话，并通知系统管理员查看网关或服务商。"
    ),
    FindingKind.CHANNEL_SILENT: N_(
        "也许一个也没有打出去。请打电话核对几个人，并通知系统管理员查看网关或服务商。"
    ),
    FindingKind.CHANNEL_REFUSED: N_(
        "这条渠道暂时发不出去，请看未回应名单打电话，并马上通知系统管理员。"
    ),
    FindingKind.DOORS_SHUT: N_(
        "从那里来的答复收不到，请看未回应名单打电话，并马上通知系统管理员：让出端口，或改配置后重启。"
    ),
    FindingKind.HOOKS_FAILING: N_(
        "叫应照常，上级系统可能还不知道，必要时打电话报告。请通知系统管理员。"
    ),
    FindingKind.FILES_FAILING: N_(
        "叫应照常。请通知系统管理员查看存放的目录：满了，或者没有写的权限。"
    ),
    FindingKind.ROBOT_FAILING: N_("请用别的办法通知群里的人，并通知系统管理员核对机器人的网址。"),
    FindingKind.SOURCES_DOUBTED: N_("其余照常采用。请通知系统管理员核对数据源。"),
    FindingKind.GAUGES_SILENT: N_("这些地方的水情看不到，请打电话问值守人员。"),
    FindingKind.CLOCKS_DIFFER: N_("追叫可能早了或晚了。请通知系统管理员校准时钟，然后重启。"),
    FindingKind.CLOCK_STEPPED: N_("追叫可能早了或晚了，请看一遍没有回应的人，并通知系统管理员。"),
}

_ROWS = {
    "call": N_("叫应 {row}"),
    "alert": N_("预警 {row}"),
    "ending": N_("预警 {row} 的结束"),
    "expiry": N_("预警 {row} 到期前的询问"),
    "report": N_("叫应 {row} 的反馈"),
    "distress": N_("求救 {row}"),
    "check_in": N_("人员 {row} 的报位"),
    "plan": N_("人员 {row} 的报位计划"),
    "hotspot": N_("热点核查 {row}"),
    "field_report": N_("现场上报 {row}"),
    "patroller": N_("巡护人员 {row} 的派遣"),
    "roll_call": N_("点名 {row}"),
    "roster_check": N_("名册核对 {row}"),
    "channel_call": N_("电话、短信叫应 {row}"),
    "red_day": N_("极高火险日 {row}"),
    "closed_time": N_("禁火期 {row}"),
    "task": N_("任务 #{row}"),
    "task_making": N_("预警 {row} 的任务清单"),
    "feed": N_("数据源 {row}"),
    "delivery": N_("消息 {row}"),
    "card": N_("预警 {row} 的进度卡"),
    "list": N_("预警 {row} 的未应名单"),
    "tick": N_("定时任务 {row}"),
}
"""What is set aside, by its topic; another topic is named as it is."""

_DOORS: Mapping[str, str] = {
    "page": N_("网页答复"),
    "gateway": N_("短信电话网关的回报与答复"),
    "callbacks": N_("云厂商、企业微信的回报与答复"),
    "api": N_("其他系统用的 API"),
}
"""Our servers, by the words of ``bot.web.doors.Door``."""

_NAMED = {
    FindingKind.CHANNEL_REFUSED: "refused",
    FindingKind.BOT_DOWN: "bots",
    FindingKind.SET_ASIDE: "rows",
    FindingKind.CLOCKS_DIFFER: "clocks",
    FindingKind.UNFORESEEN: "words",
    FindingKind.DOORS_SHUT: "doors",
    FindingKind.ROWS_UNREADABLE: "rows",
    FindingKind.SOURCES_DOUBTED: "rows",
}
"""Where the facts name what is wrong."""

_SINCE = {
    FindingKind.SOURCE_SILENT: N_("最后一次成功：{time}"),
    FindingKind.GROUPS_REFUSE: N_("最后一次成功：{time}"),
    FindingKind.GAUGES_SILENT: N_("最早的断在 {time}"),
}

_REASONS = {
    Down.REVOKED.value: N_("令牌失效"),
    Down.HALTED.value: N_("被 Telegram 限速"),
}


def message(
    kind: FindingKind,
    telling: Telling,
    since: datetime,
    at: datetime,
    facts: Mapping[str, Any],
    places: Mapping[str, str],
    language: str,
    *,
    officers: Mapping[str, str] | None = None,
    administrator: str = "",
    zone: tzinfo = BEIJING,
) -> Screen:
    """Say that a fault was found, that it lasts, or that it is over.

    :param at: the look that says so.
    :param places: names of the divisions in ``facts``.
    :param officers: whom to ring up there: division -> a duty officer and the number.
    :param administrator: the number of whoever runs jiaoying.
    """
    _ = translator(language)
    title = _(_TITLES[kind])
    if telling is Telling.OVER:
        lasted = ago((at - since).total_seconds(), language)
        return Screen(
            "\n".join(
                [
                    bold(_("✅ 故障已解除：{title}").format(title=title)),
                    _("{start} 开始，持续 {time}。").format(start=clock(since, zone), time=lasted),
                ]
            )
        )
    heads = {Telling.AGAIN: _("⚠️ 系统仍有故障：{title}")}
    head = heads.get(telling, _("⚠️ 系统故障：{title}"))
    lines = [bold(head.format(title=title)), *_details(kind, at, facts, places, language, zone)]
    if telling is Telling.AGAIN:
        lines.append(_("{start} 开始。").format(start=day_clock(since, zone)))
    lines += [f"☎️ {escape(line)}" for line in (officers or {}).values() if line]
    lines.append(_(_ADVICE[kind]))
    if administrator:
        lines.append(_("☎️ 系统管理员：{phone}").format(phone=escape(administrator)))
    return Screen("\n".join(lines))


def _details(
    kind: FindingKind,
    at: datetime,
    facts: Mapping[str, Any],
    places: Mapping[str, str],
    language: str,
    zone: tzinfo,
) -> list[str]:
    _ = translator(language)
    oldest = from_milliseconds(facts["oldest"]) if "oldest" in facts else None
    if kind in _COUNTS:
        waited = ago((at - (oldest or at)).total_seconds(), language)
        return [_(_COUNTS[kind]).format(count=facts["count"], time=waited)]
    if kind in (FindingKind.UNFORESEEN, FindingKind.ROWS_UNREADABLE):
        lines = _counted_words(kind, facts, language)
    elif kind in _LISTED:
        lines = _LISTED[kind](facts, language)
    elif kind is FindingKind.CLOCKS_DIFFER:
        lines = [
            _("{process} 比数据库快 {seconds} 秒").format(process=name(process), seconds=seconds)
            if seconds > 0
            else _("{process} 比数据库慢 {seconds} 秒").format(
                process=name(process), seconds=-seconds
            )
            for process, seconds in facts["clocks"]
        ]
    elif kind is FindingKind.CLOCK_STEPPED:
        return [_stepped(int(facts["seconds"]), bool(facts["followed"]), language)]
    elif kind is FindingKind.DOORS_SHUT:
        lines = [
            _("{door}：端口 {port}").format(door=_(_DOORS.get(door, door)), port=port)
            for door, port in facts["doors"]
        ]
    elif kind in _SINCE:
        faults = facts.get("faults", [""] * len(facts["names"]))
        named = [
            name(source) + (fault_note(fault, language) if fault else "")
            for source, fault in zip(facts["names"], faults, strict=True)
        ]
        lines = [_("、").join(named)]
        if oldest is not None:
            lines.append(_(_SINCE[kind]).format(time=day_clock(oldest, zone)))
    else:
        lines = [
            "{place} @{bot} · {reason}".format(
                place=name(places.get(bot["division"], bot["division"])),
                bot=name(bot["name"] or "?"),
                reason=_(_REASONS[bot["reason"]]),
            )
            for bot in facts["bots"]
        ]
    shown = len(facts[_NAMED.get(kind, "names")])
    if facts["count"] > shown:
        lines.append(_("另有 {count} 个").format(count=facts["count"] - shown))
    return lines


def _set_aside(facts: Mapping[str, Any], language: str) -> list[str]:
    return [_of_row(topic, row, language) for topic, row in facts["rows"]]


def _differing(facts: Mapping[str, Any], language: str) -> list[str]:
    _ = translator(language)
    return [
        _("、").join(name(process) for process in facts["names"]),
        _("不同的部分：{sections}").format(sections=name(", ".join(facts["sections"]))),
    ]


def _refused(facts: Mapping[str, Any], language: str) -> list[str]:
    _ = translator(language)
    return [
        _("{channel}：{trouble}（{words}）").format(
            channel=channel_name(Channel(channel), language),
            trouble=trouble_name(Trouble(trouble), language),
            words=name(words or "?"),
        )
        for channel, trouble, words in facts["refused"]
    ]


def _doubted(facts: Mapping[str, Any], language: str) -> list[str]:
    return [
        f"• {escape(finding_line(feed, subject, kind, said, language))}"
        for feed, subject, kind, said in facts["rows"]
    ]


_LISTED: Mapping[FindingKind, Callable[[Mapping[str, Any], str], list[str]]] = {
    FindingKind.SET_ASIDE: _set_aside,
    FindingKind.SETTINGS_DIFFER: _differing,
    FindingKind.CHANNEL_REFUSED: _refused,
    FindingKind.SOURCES_DOUBTED: _doubted,
}


def _stepped(seconds: int, followed: bool, language: str) -> str:
    _ = translator(language)
    time = span(abs(seconds), language)
    if followed:
        return _("时钟向前跳了 {time}，已改按新的时间。").format(time=time)
    return _("时钟往回跳了 {time}，仍按原来的时间；校准后请重启。").format(time=time)


def _counted_words(kind: FindingKind, facts: Mapping[str, Any], language: str) -> list[str]:
    """What was refused, or read, in so many cases."""
    _ = translator(language)
    words = (
        _("「{words}」（{count} 次）")
        if kind is FindingKind.UNFORESEEN
        else _("{words}：{count} 行")
    )
    return [words.format(words=name(what), count=count) for what, count in facts[_NAMED[kind]]]


def _of_row(topic: str, row: str, language: str) -> str:
    _ = translator(language)
    said = _ROWS.get(topic)
    return name(f"{topic} {row}") if said is None else _(said).format(row=name(row))
