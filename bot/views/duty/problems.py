"""Why nothing was done about duty, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.duty.model import DutyProblem
from bot.locale import N_

DUTY_PROBLEMS: Mapping[Enum, str] = {
    DutyProblem.NO_SUCH_SHIFT: N_("这个班次已经没有了，没有改。看现在的排班：/duty"),
    DutyProblem.NOT_YOURS: N_("这一班现在不是您的，没有改。看现在的排班：/duty"),
    DutyProblem.BEGUN: N_(
        "这一班已经开始，不能再换，没有改。要请人顶一段，请到 /duty 按「临时替班」。"
    ),
    DutyProblem.NOT_BEGUN: N_("这一班还没有开始。要换班，请到 /duty 按「换班」。"),
    DutyProblem.OVER: N_("这一班已经结束，没有改。看现在的排班：/duty"),
    DutyProblem.NOT_FOR_THEM: N_(
        "{name} 在这里没有值班的职务，也没有排过班，不能值这里的班，没有改。"
        "请选名单里的同事；新来的人请办公室先导入排班表。"
    ),
    DutyProblem.NOT_PROVEN: N_(
        "{name} 的账号还没有核实，不能值班，没有改。请上级先在机器人里确认这个账号，再来换。"
    ),
    DutyProblem.NOT_REACHED: N_(
        "机器人联系不上 {name}（没有绑定，或屏蔽了机器人），没有发出。"
        "请另选一位，或打电话商量（号码发 /handbook {name} 查）。"
    ),
    DutyProblem.YOURSELF: N_("不能请自己。请另选一位同事。"),
    DutyProblem.BUSY: N_("{name} 那段时间已经有班，没有改。请另选一位，或换一班。"),
    DutyProblem.DECIDED: N_("这个请求已经办结，没有再改。看现在的排班：/duty"),
    DutyProblem.NO_SUCH_ASK: N_("没有这个请求，没有改。看现在的排班：/duty"),
    DutyProblem.NOT_ASKED: N_("这个请求不是问您的，没有改。"),
    DutyProblem.CHANGED: N_("对方的排班已有变动，没有发出。请到 /duty 重新选。"),
    DutyProblem.TAKEN_OVER: N_("已经由别人接班了（现在值班：{name}），没有改。看现在的：/duty"),
    DutyProblem.NOT_WATCHING: N_(
        "您现在不在这里值班，不能交班，没有发出。现在值班：{name}。看现在的排班：/duty"
    ),
    DutyProblem.NO_SUCH_GAP: N_("这个空档已经过去或不在了，没有改。看现在的：/duty"),
    DutyProblem.FILLED: N_("这个空档已经有人值班了，没有改。看现在的：/duty"),
    DutyProblem.NO_HANDOVER: N_("没有这次交接班（排班可能改过），没有记录。看现在的：/duty"),
    DutyProblem.HANDED_OVER: N_(
        "接班人已经确认，交接完成，没有再改。要补充请打电话，号码见 /duty。"
    ),
    DutyProblem.NOT_COMING: N_("您不在接班名单上，没有记录。要接班，请到 /duty 按「现在接班」。"),
    DutyProblem.WORDS_TOO_LONG: N_("交班说明有 {length} 字，最多 {most} 字。请删短后再发。"),
    DutyProblem.NO_DIVISION: N_(
        "您没有排班，也没有值班的职务。看一处的值班请写区划，如 /duty 敦化市。"
    ),
    DutyProblem.LINK_OFF: N_("没有开通网页服务，给不出日历地址。请管理员开通后再取。"),
}
