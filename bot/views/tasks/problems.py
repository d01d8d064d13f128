"""Why something could not be done with a task: what happened, and what to do next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from alerts.loop.tasks.model import TaskProblem
from bot.locale import N_

TASK_PROBLEMS: Mapping[Enum, str] = {
    TaskProblem.UNKNOWN: N_("没有编号为 {task} 的任务。发 /tasks 看现有的。"),
    TaskProblem.NO_TITLE: N_("没有写要做什么，没有列入清单。请写一句，例如：修涵洞。"),
    TaskProblem.TOO_LONG: N_("有 {length} 字，最多 {most} 字，没有记录。请写短些。"),
    TaskProblem.PAST: N_("时限已经过了，没有记录。请写以后的时间，例如：3天、明天18点。"),
    TaskProblem.TOO_FAR: N_("时限在十年以后，没有记录。请核对年份。"),
    TaskProblem.NOT_YOURS: N_("这项任务归别的岗位，没有改动。发 /tasks 看您自己的。"),
    TaskProblem.NOT_CHECKER: N_(
        "您管不了这项任务，没有改动：要本级或上级的指挥员、值班员。请找值班员 {duty}。"
    ),
    TaskProblem.SAME_PERSON: N_(
        "办的人不能自己核查（换职务、手机、账号也算同一人），没有销号。请本级或上级的另一人来核查。"
    ),
    TaskProblem.OWN: N_("这项任务归您办，不能自己撤销或解除督办，没有改动。请交办人或上级来做。"),
    TaskProblem.TAKEN: N_("已有别人接手，没有改动。要换人请由上级改派。"),
    TaskProblem.NOT_SUBMITTED: N_("还没有报完成，不能销号或退回。请先催办的人报完成。"),
    TaskProblem.SUBMITTED: N_("已经报过完成，正等人核查，不用再报。"),
    TaskProblem.ENDED: N_("这项任务已经结束，没有改动。发 /tasks 看现有的。"),
    TaskProblem.WITH_WARNING: N_("预警已结束，这项任务随之撤销，不用再办。"),
    TaskProblem.CHILDREN_OPEN: N_("下面还有 {parts} 项没有销号，没有销号。请先把它们办结。"),
    TaskProblem.CIRCLE: N_("#{parent} 本来就属于 #{task}，绕成了圈，没有改动。请另选上级任务。"),
    TaskProblem.NO_REASON: N_("没有写原因，没有记录。请写一句再发。"),
    TaskProblem.NO_EVIDENCE: N_("还缺凭据，没有报完成。请先发来照片、文件或位置，再按「报完成」。"),
    TaskProblem.STICKER: N_("表情、贴纸不能作凭据，没有记录。请发照片、视频、文件、语音或位置。"),
    TaskProblem.NOT_LATER: N_("申请的时间不比原时限晚，没有记录。请写更晚的时间。"),
    TaskProblem.NO_TIME: N_("没看懂延到什么时候，没有记录。请写时间和原因，例如：3天 涵管没到货"),
    TaskProblem.NOT_ASKED: N_("没有人申请延期，或已经决定过了，没有改动。"),
    TaskProblem.NOTHING_CHANGED: N_("和原来一样，没有要改的。"),
    TaskProblem.OUTSIDE: N_("地点和责任岗位不在一条线上，没有列入清单。请核对区划。"),
}
