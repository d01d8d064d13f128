"""What is wrong with a template or a card, with its file and line, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.template_files.faults import BadTemplate, TemplateFault
from bot.locale import N_, translator

FAULTS: Mapping[TemplateFault, str] = {
    TemplateFault.NOT_TEXT: N_("不是 UTF-8 文字，请另存为 UTF-8"),
    TemplateFault.TOO_LARGE: N_("文件太大，最多 {most} 字节"),
    TemplateFault.BAD_NAME: N_(
        "文件名「{value}」不行：只用小写字母、数字和 -，最多 40 个，如 flash-flood-village"
    ),
    TemplateFault.NO_HEAD: N_("卡片开头要有两行 --- ，中间写标题、灾种、岗位、阶段、来源"),
    TemplateFault.NOT_A_FIELD: N_("「{value}」不是一项，请写成「标题: …」"),
    TemplateFault.UNKNOWN_FIELD: N_("没有「{field}」这一项，请对照 docs/handbook.md"),
    TemplateFault.FIELD_TWICE: N_("「{field}」写了两次，请留一个"),
    TemplateFault.MISSING_FIELD: N_("缺「{field}」，请补上"),
    TemplateFault.UNKNOWN_HAZARD: N_("没有「{value}」这个灾种，如 暴雨、山洪灾害、森林火灾"),
    TemplateFault.UNKNOWN_WORK: N_(
        "没有「{value}」这个岗位，可写 村责任人、指挥员、值班室、巡护员、瞭望员、检查员"
    ),
    TemplateFault.UNKNOWN_PHASE: N_("没有「{value}」这个阶段，可写 备、警、转、后"),
    TemplateFault.UNKNOWN_LEVEL: N_("没有「{value}」这个等级，可写 红、橙、黄、蓝"),
    TemplateFault.UNKNOWN_TIER: N_("没有「{value}」这一级，可写 省、市、县、乡、村"),
    TemplateFault.UNKNOWN_ROLE: N_("没有「{value}」这个职务，请对照 docs/roster.md"),
    TemplateFault.UNKNOWN_LIST: N_("没有「{value}」清单，可写 任务、责任、问题、举措、整改"),
    TemplateFault.UNKNOWN_EVIDENCE: N_(
        "没有「{value}」这种佐证，可写 照片、视频、文件、语音、位置"
    ),
    TemplateFault.NO_TEXT: N_("没有内容，请写上"),
    TemplateFault.TEXT_TOO_LONG: N_("太长，最多 {most} 字，请删短"),
    TemplateFault.NO_STEPS: N_("没有分步，请用 1. 2. 3. 开头逐条写"),
    TemplateFault.STEPS_DIFFER: N_(
        "中文 {steps} 步，英文 {english} 步：请改成一样多，或删去 === English 及以下"
    ),
    TemplateFault.NUMBERS_DIFFER: N_("「{value}」中文、英文只有一边写了，请对一下"),
    TemplateFault.UNKNOWN_PART: N_("「{value}」不行：英文以一行 === English 开头，只能有一个"),
    TemplateFault.NOT_SHOWN: N_("「{value}」在手机上显示不了（图片、表格、网页标签），请改成文字"),
    TemplateFault.NOT_TOML: N_("不是合法的 TOML：{detail}"),
    TemplateFault.WRONG_TYPE: N_("「{field}」应为{wanted}"),
    TemplateFault.UNKNOWN_DEPARTMENT: N_(
        "没有「{value}」这个部门，可写 应急、水利、气象、住建等，全部的见 docs/mechanism.md"
    ),
    TemplateFault.OWED_TWICE: N_("「{value}」同一部门、同一等级写了两次，请删一条"),
    TemplateFault.NO_KIND: N_("不是模板：预警用语、任务清单、转移卡版式为 .toml，手册卡片为 .md"),
    TemplateFault.OTHER_FRAME: N_("转移卡版式的文件名应是 {value}"),
    TemplateFault.UNKNOWN_PLACEHOLDER: N_("「{value}」卡上没有，不会填；可用 {known}"),
    TemplateFault.MISSING_PLACEHOLDER: N_("{where}里没有 {value}：每张卡都要写明，请补上"),
    TemplateFault.UNKNOWN_SURFACE: N_("没有「{value}」，可写 聊天、墙上"),
    TemplateFault.OTHER_NAME: N_("这个灾种的文件名应是 {value}"),
    TemplateFault.TOO_MANY: N_("太多，最多 {most} 条，请删减"),
    TemplateFault.MINUTES: N_("「{field}」应为 1 到 {most} 分钟，现为 {value}"),
}


def bad_template_line(fault: BadTemplate, language: str) -> str:
    """The file, the line in it, what is wrong and what to write instead; plain."""
    _ = translator(language)
    facts = {key: _(str(value)) for key, value in fault.facts.items()}
    what = _(FAULTS[fault.fault]).format(**facts)
    return _("{file} 第 {line} 行：{what}").format(file=fault.file, line=fault.line, what=what)
