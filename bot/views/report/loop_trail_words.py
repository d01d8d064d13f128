"""What was done of the closed loop, in words: tasks, templates, cards, daily reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.locale import N_

OF_THE_LOOP: Mapping[str, str] = {
    "template.saved": N_("修改模板"),
    "template.restored": N_("恢复模板的旧版本"),
    "template.given_up": N_("停用本级的模板"),
    "daily.made": N_("统计日报"),
    "daily.told": N_("发出日报"),
    "daily.dropped": N_("作废日报（时钟曾超前）"),
    "daily.remarked": N_("点评日报"),
    "daily.written": N_("写出日报文件"),
    "mechanism.imported": N_("导入部门联动机制"),
    "task.created": N_("列入清单"),
    "task.changed": N_("修改任务"),
    "task.taken": N_("接手任务"),
    "task.handed_over": N_("任务的责任岗位无人，转告上级"),
    "task.progress": N_("报任务进展"),
    "task.submitted": N_("报任务完成"),
    "task.returned": N_("任务退回"),
    "task.struck_off": N_("任务核查销号"),
    "task.extension_asked": N_("任务申请延期"),
    "task.extended": N_("准予任务延期"),
    "task.extension_refused": N_("不准任务延期"),
    "task.supervised": N_("任务挂牌督办"),
    "task.unsupervised": N_("解除任务督办"),
    "task.withdrawn": N_("撤销任务"),
    "task.reopened": N_("撤销的任务重新列入"),
    "task.reminded": N_("提醒任务责任人"),
    "task.overdue": N_("任务逾期，报上级"),
    "task.unchecked": N_("催核查任务"),
    "task.made_for": N_("按模板列出任务"),
    "evacuation_card.added": N_("新增转移卡"),
    "evacuation_card.changed": N_("转移卡变更"),
    "evacuation_card.retired": N_("停用转移卡"),
    "evacuation_card.sent": N_("发出转移卡"),
    "households.ticked": N_("逐户登记转移"),
    "shelter.overfull": N_("安置点人数已满"),
    "alert.called_home": N_("通知转移群众返回"),
}
"""By act, as in ``trail_words``."""
