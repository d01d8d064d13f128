"""The channels beside Telegram in words, and how it went by each of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from alerts.channels.model import Tried, Trouble
from alerts.channels.refusing import Refusing
from bot.locale import N_, translator
from bot.views.clock import span
from contacts.channels import Cause, Channel
from contacts.divisions.gazetteer import Gazetteer

_CHANNELS: Mapping[Channel, str] = {
    Channel.TELEGRAM: "Telegram",
    Channel.VOICE: N_("电话语音"),
    Channel.SMS: N_("短信"),
    Channel.WECOM: N_("企业微信"),
    Channel.FEISHU: N_("飞书"),
    Channel.DINGTALK: N_("钉钉"),
    Channel.EMAIL: N_("邮件"),
    Channel.GATEWAY: N_("网关"),
}
_CAUSES: Mapping[Cause, str] = {
    Cause.POWERED_OFF: N_("关机"),
    Cause.NO_ANSWER: N_("无人接听"),
    Cause.BUSY: N_("占线"),
    Cause.REJECTED: N_("拒接"),
    Cause.NO_SUCH_NUMBER: N_("空号"),
    Cause.SUSPENDED: N_("停机"),
    Cause.OUT_OF_REACH: N_("无法接通"),
    Cause.CUT_SHORT: N_("接通未听完"),
    Cause.CARRIER_BLOCKED: N_("运营商拦截"),
    Cause.NOT_LINKED: N_("未绑定"),
    Cause.BLOCKED: N_("已屏蔽"),
}


_TROUBLES: Mapping[Trouble, str] = {
    Trouble.NO_MONEY: N_("欠费，或套餐用完，要充值"),
    Trouble.USED_UP: N_("本单位在平台上设的日、月限额用完，要调高"),
    Trouble.NOT_APPROVED: N_("签名、模板或号码没有通过审核，或停用了"),
    Trouble.NOT_ALLOWED: N_("密钥不对，或没有权限"),
}
_BRANDS: Mapping[str, str] = {
    "wecom": N_("企业微信"),
    "feishu": N_("飞书"),
    "dingtalk": N_("钉钉"),
    "apprise": "Apprise",
}

_CAUSES_THERE: Mapping[tuple[Channel, Cause], str] = {
    (Channel.VOICE, Cause.NOT_LINKED): N_("没有可用的号码"),
    (Channel.SMS, Cause.NOT_LINKED): N_("没有可用的号码"),
    (Channel.EMAIL, Cause.NOT_LINKED): N_("没有登记邮箱"),
    (Channel.EMAIL, Cause.NO_SUCH_NUMBER): N_("没有这个邮箱"),
    (Channel.EMAIL, Cause.CARRIER_BLOCKED): N_("被邮件服务器拒收"),
}
"""Causes that are called otherwise in a channel."""


class ChannelTime(NamedTuple):
    """How many a warning calls by a channel, and how long that takes."""

    channel: Channel
    persons: int
    seconds: float | None  # until all are handed over; ``None``: that is not ours to say
    trouble: Trouble | None = None  # why its provider took nothing when it was last asked


def time_line(told: ChannelTime, language: str) -> str:
    """For the preview: 📞 电话语音 46 人，约 5 秒发完."""
    _ = translator(language)
    words = {
        "mark": "📞" if told.channel is Channel.VOICE else "✉️",
        "channel": channel_name(told.channel, language),
        "persons": told.persons,
    }
    if told.trouble is not None:
        words["trouble"] = trouble_name(told.trouble, language)
        return _("{mark} {channel} {persons} 人，⚠️ 上次发不出去：{trouble}").format(**words)
    if told.seconds is None:
        return _("{mark} {channel} {persons} 人，由网关来取").format(**words)
    took = span(max(told.seconds, 1), language)
    return _("{mark} {channel} {persons} 人，约 {span}发完").format(**words, span=took)


def channel_name(channel: Channel, language: str) -> str:
    """A channel in words: 短信."""
    return translator(language)(_CHANNELS[channel])


def trouble_name(trouble: Trouble, language: str) -> str:
    """Why a channel's provider takes nothing from us."""
    return translator(language)(_TROUBLES[trouble])


def refusing_lines(refused: Refusing, gazetteer: Gazetteer, language: str) -> list[str]:
    """For the coverage: channels and groups' robots by which nobody would hear just now."""
    _ = translator(language)
    lines = [
        _("  {channel}上次发不出去：{trouble}").format(
            channel=channel_name(one.channel, language), trouble=trouble_name(one.trouble, language)
        )
        for one in refused.troubles
    ]
    return lines + [
        _("  {place}的{app}群机器人发不出消息：请核对它的网址").format(
            place=gazetteer.name(robot.division_code), app=_(_BRANDS.get(robot.kind, robot.kind))
        )
        for robot in refused.robots
    ]


def cause_name(cause: Cause, language: str) -> str:
    """Why somebody was not reached, in words: 无人接听."""
    return translator(language)(_CAUSES[cause])


def how_it_went(tried: Tried, language: str) -> str:
    """How it went to call somebody by a channel: 电话语音：无人接听（3 次）."""
    _ = translator(language)
    if tried.heard:
        how = _("听完了，没有按键")
    elif tried.arrived:
        by_voice = tried.channel is Channel.VOICE
        how = _("已接通，没有按键") if by_voice else _("已送达，没有回复")
    elif tried.cause is not None and (tried.channel, tried.cause) in _CAUSES_THERE:
        how = _(_CAUSES_THERE[tried.channel, tried.cause])
    elif tried.cause is not None:
        how = cause_name(tried.cause, language)
    elif tried.tries:
        how = _("已发出")
    else:
        how = _("没有发出去") if tried.not_taken else _("等着发")
    if tried.tries > 1:
        how = _("{how}（{count} 次）").format(how=how, count=tried.tries)
    return _("{channel}：{how}").format(channel=channel_name(tried.channel, language), how=how)
