"""Every refusal in words: what happened, and what to do next.

A code is an enum member raised below the edge. A code without words here still gets a sentence, by
the kind of its error; a test walks the enums so that this stays a safety net.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from enum import Enum
from typing import Any

from alerts.call_post_store import PlaceProblem
from alerts.closing import ClosingProblem
from alerts.cut_off.model import CutOffProblem
from alerts.drafts.deciding import ProposalProblem
from alerts.follow_up import FollowUpProblem
from alerts.helping import HelpProblem
from alerts.lifecycle import Outcome
from alerts.lookup import AlertProblem, Refusal
from alerts.loop.daily.remarks import DailyProblem
from alerts.loop.evacuation.returning import ReturnProblem
from alerts.loop.evacuation.ticking import TickProblem
from alerts.model import Alert, Hazard, State
from alerts.patrol.distress.calling import DistressProblem
from alerts.patrol.hotspots.heat_sources import HeatProblem
from alerts.patrol.hotspots.model import TaskProblem
from alerts.patrol.red_days.orders import AskProblem
from alerts.patrol.roll_calls.model import RollCallProblem
from alerts.patrol.shifts.missed import WatchProblem
from alerts.preview import DraftProblem
from alerts.publishing.model import PublishingProblem, RequestProblem
from alerts.report_facts import ReportProblem
from alerts.responses.raising import ResponseProblem
from alerts.restored import RestoreProblem
from alerts.roster_checks.model import RosterCheckProblem
from alerts.season.model import SeasonProblem
from alerts.sky_pictures.sending import SkyProblem
from alerts.stages.planning import StageProblem
from alerts.template_files.faults import BadTemplate
from alerts.template_files.model import TemplateProblem
from alerts.test_calls.model import TestProblem
from alerts.updates.model import ChangeProblem
from bot.locale import N_, translator
from bot.views.clock import BEIJING, ago, clock
from bot.views.duty.problems import DUTY_PROBLEMS
from bot.views.forgiving_facts import ForgivingFacts
from bot.views.screen import Screen, escape, shorten
from bot.views.tasks.problems import TASK_PROBLEMS
from bot.views.telephones import FIRE_LINE, of_officer
from bot.views.template_problems import bad_template_line
from bot.views.vocabulary import state_name, thing_name
from bot.views.warnings.parts import plain_title
from bot.views.warnings.shape_words import SHAPE_PROBLEMS
from contacts.access import Access
from contacts.answer_links import LinkFault
from contacts.api_tokens import TokenProblem
from contacts.board_links import BoardRefusal
from contacts.divisions.codes import CodeValidity
from contacts.leaving import NumberTaken, PostProblem
from contacts.linking import LinkRefusal
from contacts.phones import PhoneProblem
from data.backup import BackupProblem
from data.errors import (
    ConfigError,
    Conflict,
    InvalidInput,
    JiaoyingError,
    NotAllowed,
    NotFound,
    RowsAgainstRules,
    RuleBroken,
    SchemaMismatch,
    StoreBusy,
    StoreError,
    StoreUnwritable,
)
from data.history import HistoryProblem

_NOT_LINKED = N_("还不认识您：请先发送 /start，分享手机号或用邀请链接绑定。")
_INACTIVE = N_("您已不在名单上。如有误，请联系上级值班员 {duty}。")
_BAD_PHONE = N_("「{text}」不是电话号码。请写 11 位手机号，例如 13900000001。")
_BAD_CODE = N_("「{text}」不是区划代码：应是 12 位数字，例如 222403000000。")

CODES: Mapping[Enum, str] = {
    DraftProblem.NO_TEXT: N_("预警没有内容。请写清要群众和责任人做什么。"),
    DraftProblem.TEXT_TOO_LONG: N_("内容有 {length} 字，最多 {most} 字。请删短后再发。"),
    DraftProblem.NO_AREA: N_("没有选区域。请选择或写上区划名称。"),
    DraftProblem.UNKNOWN_PLACE: N_("没有编号或类型为 {place} 的地点。请先导入地点，或核对编号。"),
    DraftProblem.UNKNOWN_AREA: N_("没有代码为 {area} 的区划。请写名称，或核对 12 位代码。"),
    DraftProblem.TOO_MANY_AREAS: N_(
        "一次最多 {most} 个区域，您写了 {number} 个，没有发布。请写上一级区划，或分几次发。"
    ),
    DraftProblem.RESPONSE_OF_ONE: N_(
        "应急响应由一个区划的指挥部启动，叫应该区划的名单：请只写一个区划，不写水库、学校等地点。"
    ),
    DailyProblem.NOT_MADE: N_("{day} 的日报还没有统计出来，不能点评。看到目前为止：/daily"),
    DailyProblem.TOO_LONG: N_("点评有 {length} 字，最多 {most} 字。请删短后再发。"),
    DailyProblem.NO_DAY: N_("「{text}」不是日期。请写 2026-11-29 这样的日期。"),
    DailyProblem.AHEAD: N_("{day} 还没有到。看最近一天：/daily"),
    DailyProblem.FORMAT: N_("不认识文件 {file} 的类型。请写 .xlsx 或 .pdf。"),
    StageProblem.NO_STAGES: N_("这种灾害没有设分阶段，没有做计划。请直接发布。"),
    StageProblem.TOO_LATE: N_("这个时间已经过了，没有记录。请写以后的时间，或直接发布预警。"),
    StageProblem.TOO_FAR: N_("最多提前 {days} 天做计划，没有记录。请写近一些的时间。"),
    StageProblem.UNKNOWN: N_("没有编号为 {number} 的分阶段计划。看现有的：/stages"),
    StageProblem.OVER: N_("这个计划已经结束，没有改动。看现有的：/stages"),
    StageProblem.STAGE_OVER: N_("这一阶段已经发布、跳过或过时了，没有再发。看计划：/stages"),
    ResponseProblem.NONE_IN_FORCE: N_(
        "{area} 没有正在进行的应急响应，没有终止什么。看现有的：/response"
    ),
    ResponseProblem.SEVERAL_IN_FORCE: N_(
        "有几个应急响应正在进行（编号 {alerts}）：请写启动它的那个区划。"
    ),
    ResponseProblem.IN_FORCE: N_(
        "这个区划已有应急响应（编号 {alert}），没有再启动。要改等级请变更它，不再需要请终止它。"
    ),
    DraftProblem.NOBODY_THERE: N_(
        "这里没有登记责任人，没有发布。请先把责任人导入通讯录，或改为叫应所在的区域。"
    ),
    DraftProblem.NOBODY: N_("这个区域没有可叫应的人，没有发布。请先导入通讯录，或选大一级的区域。"),
    TestProblem.NOBODY: N_("这里没有号码、账号、卫星电话可测。请先导入通讯录。"),
    TestProblem.NO_CHANNEL: N_("没有接好可测的渠道，没有开始。请管理员先接好电话、短信等渠道。"),
    TestProblem.TOO_MANY: N_("超过 {most} 个号码，没有开始。请一个县一个县地测。"),
    TestProblem.RUNNING: N_("这里或上下级正在测试，没有另开。请等它结束，或先停止。"),
    TestProblem.NONE: N_("这里还没有做过测试呼叫。"),
    TestProblem.NO_COMMANDER: N_("请加 --by，写发起的指挥员在名册里登记的电话。"),
    TickProblem.NO_CARD: N_("这张转移卡已停用，没有登记。请从最新的预警或 /card 重新打开。"),
    TickProblem.NO_HOUSEHOLD: N_("这一户已不在名单上，没有登记。请刷新名单。"),
    TickProblem.NOT_RELEASED: N_("这个预警没有发出，没有登记。请等预警发出再登记。"),
    TickProblem.ELSEWHERE: N_("这个预警不包括本村，没有登记。请从本村的预警打开名单。"),
    TickProblem.NOT_LISTED: N_("这张转移卡没有逐户名单，没有登记。请报转移的户数、人数。"),
    ReturnProblem.NOBODY_MOVED: N_(
        "没有要通知返回的村：您管的范围里没有人报转移，或都通知过了。不用再发。"
    ),
    ReturnProblem.NO_WARNING: N_(
        "只有发出过的预警才能通知返回，没有发出。请从那个预警的「🏘 转移进度」通知。"
    ),
    PlaceProblem.NO_SUCH: N_("这次叫应里没有您的这一处，没有记录。请从「📋 我的任务」重新报告。"),
    AlertProblem.UNKNOWN: N_("没有编号为 {alert} 的预警。按「📊 态势」看现有的。"),
    AlertProblem.NOT_PENDING: N_("这个{thing}不在等待确认（{state}）。按「📊 态势」查看。"),
    Outcome.NOTHING_NEW: N_("{thing}现在就是这样，没有要改的。"),
    Outcome.NOT_RELEASED: N_("这个{thing}还没有发出（{state}）。请先确认发布，或撤回后重新发布。"),
    Outcome.OVER: N_("这个{thing}已经结束（{state}），不能再改。仍有险情请重新发布。"),
    Outcome.HELD: N_("这个{thing}因系统中断暂停，请先决定是否还要发，再改。要升级可以直接升级。"),
    Outcome.NO_AREA_LEFT: N_("缩小后一个区域也不剩。灾害过程结束请用「{lift}」。"),
    Outcome.NOT_ITS_AREA: N_("要去掉的地方不在这个{thing}范围内，没有改动。请核对地名再写。"),
    Outcome.TOO_LONG: N_("最多延长到从现在起 7 天，没有延长。写近一些，到期前还可以再延长。"),
    Outcome.ENDS_TOO_SOON: N_("新的有效期已经过了，没有改动。灾害过程结束请用「{lift}」。"),
    ChangeProblem.NOT_PENDING: N_("这项变更已经有结果了，不用再按。"),
    ChangeProblem.UNKNOWN: N_("没有这项变更。按「📊 态势」查看预警。"),
    ChangeProblem.ENDS_EARLIER: N_("有效期只能往后延长，没有改动。要提前结束，请用「{lift}」。"),
    AlertProblem.OVER: N_("这个{thing}已经结束（{state}），不用再操作。"),
    AlertProblem.NOT_OUT: N_(
        "这个{thing}还没有发出（{state}），不用解除、取消。不要发的，请提出人按「↩️ 撤回」。"
    ),
    AlertProblem.NOT_HELD: N_("这个{thing}已经重新发出，正在叫应，不用再按。按「📊 态势」查看。"),
    AlertProblem.SENDER_LEFT: N_("提出人已不在这个岗位，没有发布。要发布请重新拟一个。"),
    AlertProblem.PROLONGED: N_("这个{thing}的到期时间已经改过，没有记录。按「📊 态势」看现在的。"),
    AlertProblem.CLOSED: N_("叫应已经销号，不用再按；{thing}仍然有效，直到解除、取消或到期。"),
    Refusal.NOT_LINKED: _NOT_LINKED,
    Refusal.NOT_YOURS: N_("这是发给别人的，没有记录。请按发给您本人的「收到」。"),
    Refusal.NO_CALL: N_("您不在这次被叫应的名单上，不用按。"),
    Refusal.UNKNOWN: N_("没有这次叫应，或早已结束；没有记录。如有险情请打电话给值班员 {duty}。"),
    FollowUpProblem.NO_REASON: N_("没有写原因，没有记录。请写一句原因再发。"),
    FollowUpProblem.TEXT_TOO_LONG: N_("有 {length} 字，最多 {most} 字，没有记录。请写短些。"),
    FollowUpProblem.IMPLAUSIBLE_NUMBER: N_(
        "数字 {number} 不对（最多 {most}），没有记录。请重写，例如：12户 35人"
    ),
    FollowUpProblem.NO_FIGURES: N_("没有写户数或人数，没有记录。请只写数字，例如 12。"),
    LinkFault.FORGED: N_("这个链接无效。请向值班员 {duty} 要新的。"),
    LinkFault.EXPIRED: N_("这个链接已过期。请向值班员 {duty} 要新的。"),
    LinkFault.NOT_SET_UP: N_("没有开通网页答复，没有链接。请打电话叫应。"),
    CutOffProblem.UNKNOWN: N_("没有这条三断记录，没有改动。请从态势卡片重新打开。"),
    CutOffProblem.NOT_OF_WARNING: N_("这不是预警区域里的村，没有标记。请写预警区域里的村名。"),
    CutOffProblem.NO_RUNNER: N_("此人已不在名册，没有派。请另选一个人。"),
    CutOffProblem.NOT_YOUR_ERRAND: N_("这是派给别人的，没有记录。请按发给您本人的按钮。"),
    HelpProblem.UNKNOWN: N_("没有这条求助，或早已归档；没有记录。请看最新的求助名单。"),
    ClosingProblem.STILL_OPEN: N_("还有 {open} 人未回应，没有销号。请先叫应，或写明销号原因。"),
    TemplateProblem.UNKNOWN: N_("没有「{key}」这个模板。请从 /templates 重新打开。"),
    TemplateProblem.NO_SUCH_VERSION: N_("没有第 {number} 版，没有改动。请从 /templates 重新打开。"),
    TemplateProblem.CHANGED_MEANWHILE: N_(
        "这个模板刚被别人改过，没有保存。请从 /templates 看过新的再改。"
    ),
    TemplateProblem.NOTHING_CHANGED: N_("和现在用的一样，没有改动。"),
    TemplateProblem.NOTHING_TO_RESET: N_("本级没有自己的版本，没有改动。"),
    TokenProblem.NONE: N_("没有令牌。请在 Authorization 里写 Bearer 和令牌。"),
    TokenProblem.UNKNOWN: N_("令牌不对。请核对，或让管理员用 jiaoying token new 另发一个。"),
    TokenProblem.NO_SUCH: N_("没有编号为 {token} 的有效令牌。用 jiaoying token list 看有哪些。"),
    TokenProblem.EXPIRED: N_("令牌已过期。请让管理员用 jiaoying token new 另发一个。"),
    TokenProblem.REVOKED: N_("令牌已撤销。请让管理员用 jiaoying token new 另发一个。"),
    TokenProblem.LEFT: N_("令牌的主人已不在名册，令牌作废。请让管理员为在岗的人另发一个。"),
    TokenProblem.POST_LOST: N_(
        "令牌的主人已不在那个岗位，令牌作废。请让管理员为在岗的人另发一个。"
    ),
    TokenProblem.SCOPE: N_("这个令牌没有这项权限（{scope}）。请让管理员发一个有这项权限的。"),
    TokenProblem.BOTH_HANDS: N_(
        "发布和确认不能用同一个令牌，没有发。请为第二人另发一个 --scope confirm 的。"
    ),
    TokenProblem.SAME_SYSTEM: N_(
        "这是「{system}」自己提出的，不能由它确认。"
        "请另一名指挥员在 Telegram 里、或用另一个系统的令牌确认。"
    ),
    TokenProblem.DIVISION: N_("超出令牌的区划，没有改动。请只写令牌区划以内的区域。"),
    TokenProblem.DAYS: N_("令牌有效期是 1 到 {most} 天，没有发。请改 --days。"),
    TokenProblem.NAME: N_("请写令牌给哪个系统用（--name，最多 {most} 字）。"),
    TokenProblem.TOO_MANY: N_("请求太密，没有处理。请等几秒再试。"),
    RequestProblem.NO_JSON: N_("请求的内容不是 JSON 对象，没有处理。"),
    RequestProblem.UNKNOWN_FIELD: N_("不认识 {field} 这一项，没有处理。请对照 docs/api.md。"),
    RequestProblem.BAD_FIELD: N_("{field} 的值不对，没有处理。请对照 docs/api.md。"),
    RequestProblem.BAD_QUERY: N_("网址里的参数 {field} 不对。请对照 docs/api.md。"),
    RequestProblem.NO_KEY: N_(
        "请求头要有 Idempotency-Key（8 到 80 个字符，每件事一个），没有处理：重发才不会发两次。"
    ),
    RequestProblem.KEY_REUSED: N_("这个 Idempotency-Key 用过，内容却不同，没有处理。请换一个。"),
    RequestProblem.ARCHIVED: N_(
        "预警 {alert} 的叫应已归档，这里没有人数。请管理员运行 jiaoying report {alert} 查。"
    ),
    RequestProblem.EMPTY_SHAPE: N_(
        "画的范围里没有令牌区划内的村，没有发布。请核对坐标：WGS-84，先经度后纬度。"
    ),
    RequestProblem.SAME_IN_FORCE: N_(
        '已有同样的预警有效，没有发布。请更新那一个；确要另发，加 "same_too": true。'
    ),
    RequestProblem.OLD_PROPOSAL: N_(
        '提出已 {since}，没有确认。请先看现在的情况；确要确认，加 "old_too": true。'
    ),
    RequestProblem.CHANGED_SINCE: N_(
        "预警在这期间变更过（现在是第 {version} 版），没有确认。请先看这项变更现在会怎样。"
    ),
    RequestProblem.NO_SUCH_PATH: N_("没有这个网址。请对照 docs/api.md。"),
    RequestProblem.NO_SUCH_METHOD: N_("这个网址不能这样用。请对照 docs/api.md。"),
    RequestProblem.TOO_LARGE: N_("内容太大，没有处理。"),
    PublishingProblem.NO_DELIVERY: N_("没有编号为 {delivery} 的死信。"),
    PublishingProblem.NO_MESSAGE: N_("没有这条 CAP 消息。"),
    PublishingProblem.NO_WEBHOOK: N_("没有名为 {webhook} 的 webhook。请对照 config.toml。"),
    Access.ALLOWED: N_("可以操作，请再试一次。"),
    Access.NOT_LINKED: _NOT_LINKED,
    Access.INACTIVE: _INACTIVE,
    Access.NOT_COMMANDING: N_(
        "您的职务不能做这一步，只有指挥员能做，没有改动。"
        "请找本级指挥员；急事请打电话给值班员 {duty}。"
    ),
    Access.NOT_ON_DUTY: N_("您现在不当值，也不是上级指挥员，不能操作。请找值班员 {duty}。"),
    Access.OUTSIDE_DIVISION: N_("超出您的区划范围。请选本级或下级区划，或找上级。"),
    Access.SAME_PERSON: N_("这一步须由另一个人来做，没有改动。请另一名指挥员来按。"),
    Access.NOT_ADDRESSEE: N_("这个预警与您的区划无关，不能查看。看您这里的，请按「📊 态势」。"),
    Access.UNPROVEN: N_(
        "您的新职务或值班有权限，账号要重新核实，没有改动。请分享手机号并打开本人的邀请链接，"
        "或请上级在机器人里批准；急需请找值班员 {duty}。"
    ),
    Access.POST_WITH_RIGHTS: N_("此人的职务有权限，邀请码不经他人转交。"),
    Access.NOT_OF_VILLAGE: N_(
        "这份名单只给本村责任人和所在乡镇、县的指挥、值班人员。"
        "若由您负责，请联系值班员 {duty} 改名单。"
    ),
    LinkRefusal.UNKNOWN_CODE: N_(
        "邀请码无效或已更换。请分享手机号绑定，或向值班员 {duty} 要新码。"
    ),
    LinkRefusal.CODE_EXPIRED: N_("邀请码已过期。请分享手机号绑定，或向值班员 {duty} 要新码。"),
    LinkRefusal.ACCOUNT_BLOCKED: N_(
        "这个 Telegram 账号已被停止绑定。请找值班员 {duty} 核实后恢复。"
    ),
    LinkRefusal.NO_REQUEST: N_("没有这个绑定申请：已经处理过，或超过一天。没有改动。"),
    LinkRefusal.CODE_USED: N_(
        "该人员已绑定另一个 Telegram 账号。换了手机请找值班员 {duty} 解除绑定。"
    ),
    LinkRefusal.OTHERS_CONTACT: N_(
        "这是别人的名片，没有绑定。请按「📱 分享手机号」分享您自己的号码。"
    ),
    LinkRefusal.PHONE_INVALID: N_("这个号码无法识别，没有绑定。请用邀请链接，或找值班员 {duty}。"),
    LinkRefusal.PHONE_UNKNOWN: N_(
        "通讯录里没有 {phone} 这个号码。请找乡镇或县值班员 {duty} 登记后再来。"
    ),
    LinkRefusal.NO_SUCH_NUMBER: N_("通讯录里没有 {phone} 这个号码。请核对号码。"),
    LinkRefusal.ACCOUNT_TAKEN: N_(
        "这个 Telegram 账号已绑定{name}。如有误，请找值班员 {duty} 解除绑定。"
    ),
    LinkRefusal.INACTIVE: _INACTIVE,
    PostProblem.LAST_POST: N_("这是{name}唯一的职务，没有去掉。离任请用 jiaoying person retire。"),
    NumberTaken.PHONE_TAKEN: N_("这个号码已经是{name}的，没有改。"),
    PhoneProblem.EMPTY: _BAD_PHONE,
    PhoneProblem.SCIENTIFIC: _BAD_PHONE,
    PhoneProblem.NOT_DIGITS: _BAD_PHONE,
    PhoneProblem.WRONG_LENGTH: _BAD_PHONE,
    PhoneProblem.NOT_CHINESE: _BAD_PHONE,
    BoardRefusal.NOT_CONFIGURED: N_("指挥大屏没有开通。请管理员开通后再用。"),
    CodeValidity.OK: N_("可以操作，请再试一次。"),
    CodeValidity.EMPTY: _BAD_CODE,
    CodeValidity.NOT_DIGITS: _BAD_CODE,
    CodeValidity.WRONG_LENGTH: _BAD_CODE,
    CodeValidity.NO_SUCH_PROVINCE: _BAD_CODE,
    DistressProblem.UNKNOWN: N_("没有这条求救记录，可能已过期。有危险请再按「🆘 求救」。"),
    DistressProblem.NOT_YOURS: N_(
        "这条求救不是您发的，只有求救的本人能改，没有改动。要接手，请按「🙋 我来处置」。"
    ),
    DistressProblem.CLEARED: N_("这条求救已经解除，不用再处理。"),
    DistressProblem.NOT_TAKEN: N_("只有接手的人、值班员和指挥员能解除求救。请先核实人是否安全。"),
    HeatProblem.UNKNOWN: N_("没有这个热源，或已经取消。发 /hotspots 看现有的。"),
    SeasonProblem.NOT_IN_SCALE: N_(
        "气象部门的森林火险预警只有黄、橙、红，指挥部的是蓝、黄、橙、红：请核对后重发 /danger。"
    ),
    SkyProblem.NO_GROUP: N_("这里不是登记过的工作群，没有改动。"),
    ProposalProblem.UNKNOWN: N_("没有这条待决定的预警（编号 {number}）。发 /drafts 看现有的。"),
    ProposalProblem.DECIDED: N_(
        "这条提议（编号 {number}）已经决定过，或已过时效，没有改动。看现有的：/drafts"
    ),
    TaskProblem.UNKNOWN: N_("没有这个热点（编号 {number}）。发 /hotspots 看现有的。"),
    TaskProblem.NOT_ASKED: N_("这个热点没有派给您，没有记录。看派给您的：/hotspots"),
    TaskProblem.TAKEN: N_("{name} 已经去了，您不用去。"),
    TaskProblem.OVER: N_("这个热点已有结果或已过期，没有改动。看现有的：/hotspots"),
    AskProblem.UNKNOWN: N_("没有这条要求，没有记录。请用最新消息里的按钮。"),
    AskProblem.NOT_YOURS: N_("这是发给别人的，没有记录。请按发给您本人的按钮。"),
    AskProblem.RECALLED: N_("今天的要求已撤回，不用再回应。"),
    RollCallProblem.NOBODY: N_("这个区域没有要点名的人。请选别的人员，或大一级的区域。"),
    RollCallProblem.MINUTES: N_("时间要在 1 到 {most} 分钟之间，没有开始。请重写。"),
    RollCallProblem.UNKNOWN: N_("没有这次点名。发 /rollcall 开始新的。"),
    RollCallProblem.OVER: N_("这次点名已结束。要再点，发 /rollcall。"),
    RollCallProblem.RUNNING: N_("这里已在点名别的人员，没有开始。请先结束那一次，再发 /rollcall。"),
    RollCallProblem.TOO_SOON: N_("刚刚叫过，请过 {seconds} 秒再叫。"),
    RosterCheckProblem.NOBODY: N_("这里没有登记的人，没有开始核对。请先导入通讯录。"),
    RosterCheckProblem.DAYS: N_("天数要在 1 到 {most} 之间，没有开始。请重写。"),
    RosterCheckProblem.NOT_ASKED: N_("这次核对没有问您，没有记录。不用再按。"),
    WatchProblem.UNKNOWN: N_("没有这个人的报位记录，没有改动。请看最新的名单。"),
    WatchProblem.NOT_SILENT: N_("{name} 已经报位，或已有人联系上，不用再记录。"),
    SeasonProblem.PERIOD_INVALID: N_("「{text}」不是防火期。请写成 03-15..06-15。"),
    SeasonProblem.DAY_TOO_FAR: N_(
        "{day} 不行，没有记录：只能设今天到 {days} 天内的火险等级。请重写日期。"
    ),
    RestoreProblem.RUNNING: N_("还有进程在用这个库：{holders}。请先全部停掉，再恢复。"),
    HistoryProblem.AWAY: N_("归档不在原处：{file}。请把它放回去（PostgreSQL：重新挂上分区）再试。"),
    HistoryProblem.UNREADABLE: N_("归档文件 {file} 读不了，已损坏或不是归档。请换上好的那份再试。"),
    HistoryProblem.CHANGED: N_(
        "归档 {file} 里读回的与写入的不同，没有删除任何记录。请检查磁盘，再试一次。"
    ),
    HistoryProblem.TOO_RECENT: N_("最近 {days} 天内结束的不能归档。请写更早的日期。"),
    HistoryProblem.BROKEN_TRAIL: N_("留痕在第 {at} 条对不上，没有归档。请先查明：audit verify"),
    HistoryProblem.NO_FILE: N_("内存里的数据库没有归档。请在 [database] url 写一个文件。"),
    BackupProblem.NO_DATABASE: N_("没有数据库可备份：{file}。请核对 [database] url。"),
    BackupProblem.EXISTS: N_("{file} 已存在，没有覆盖。请换一个文件名。"),
    BackupProblem.UNWRITABLE: N_("写不成 {file}：{reason}。没有留下半个文件。"),
    BackupProblem.TOO_SLOW: N_(
        "{seconds} 秒内没有备份完 {file}，已放弃，没有留下半个文件。请用 --seconds 给更多时间。"
    ),
    BackupProblem.DAMAGED: N_("{file} 已损坏：{reason}。请用另一份备份。"),
    BackupProblem.NOT_OURS: N_("{file} 不是 jiaoying 的数据库，没有恢复。"),
    BackupProblem.NOT_FOUND: N_("没有这个文件：{file}"),
    BackupProblem.POSTGRESQL: N_(
        "PostgreSQL 用它自己的工具：pg_dump -Fc 备份，pg_restore 恢复，"
        "恢复后运行 jiaoying restore（不写文件）。"
    ),
    ReportProblem.FORMAT: N_("报告只能写成 .xlsx 或 .pdf，请改文件名：{file}"),
    ReportProblem.LEDGER_FORMAT: N_("叫应台账只能写成 .xlsx，请改文件名：{file}"),
    ReportProblem.UNWRITABLE: N_("写不进 {file}：{reason}。请换一个目录。"),
    **SHAPE_PROBLEMS,
    **TASK_PROBLEMS,
    **DUTY_PROBLEMS,
}

# By kind, the nearest first: what is said when a code has no words of its own.
KINDS: Mapping[type[JiaoyingError], str] = {
    StoreBusy: N_("系统正忙，没有记录。请过几秒再按一次。"),
    StoreUnwritable: N_(
        "系统暂时存不下，没有记录。请马上打电话给值班员 {duty}，并请管理员检查磁盘。"
    ),
    RuleBroken: N_("系统出错（{rule}），没有记录。请再试一次；不行请打电话给值班员 {duty}。"),
    RowsAgainstRules: N_(
        "数据库没有升级，一行也没有改：以下各行不合新版规则。请改正（docs/operating.md），再升级。\n{rows}"
    ),
    SchemaMismatch: N_("系统正在升级，没有记录。请马上打电话给值班员 {duty}。"),
    StoreError: N_("系统出错，没有记录。请再试一次；不行请打电话给值班员 {duty}。"),
    ConfigError: N_("系统设置有误，没有记录。请告诉管理员。"),
    NotAllowed: N_("您不能做这个操作。请找值班员 {duty}。"),
    NotFound: N_("要找的内容不存在，或已失效。请从最新的消息重新打开。"),
    Conflict: N_("情况已变化，没有记录。请刷新后再看。"),
    InvalidInput: N_("没看懂，没有记录。请换个写法再发。"),
    JiaoyingError: N_("没有成功，请再试一次"),
}


MOST_OF_NAME = 44
"""Characters of what was refused: a toast has room for the sentence too."""


def problem(error: JiaoyingError, language: str, duty: str = FIRE_LINE, *, about: str = "") -> str:
    """What happened and what to do next, plain, short enough for a toast.

    :param duty: the duty officer to ring up, with the number (``Facts.duty_phone``).
    :param about: what was refused, named (``bot.messages.refusals``).
    """
    _ = translator(language)
    words = _sentence(error, language, duty)
    if not about:
        return words
    return _("{about}：{words}").format(about=shorten(about, MOST_OF_NAME), words=words)


def _sentence(error: JiaoyingError, language: str, duty: str) -> str:
    _ = translator(language)
    if isinstance(error, BadTemplate):
        return bad_template_line(error, language)
    hazard = error.facts.get("hazard")
    hazard = hazard if isinstance(hazard, Hazard) else None
    facts = ForgivingFacts(
        {key: _fact(value, hazard, language) for key, value in error.facts.items()}
    )
    facts |= {
        "duty": of_officer(duty, language),
        "thing": _thing(hazard, language),
        "lift": _lifting(hazard, language),
    }
    return _(_template(error)).format_map(facts)


def names_duty(error: JiaoyingError) -> bool:
    """Whether the refusal tells somebody to ring the duty officer: only then is one looked up."""
    return "{duty}" in _template(error)


def problem_screen(
    error: JiaoyingError, language: str, duty: str = FIRE_LINE, *, about: str = ""
) -> Screen:
    """The same sentence as a message."""
    return Screen(f"⚠️ {escape(problem(error, language, duty, about=about))}")


def about_alert(alert: Alert, place: str, language: str, zone: tzinfo = BEIJING) -> str:
    """A warning, named in a refusal: 🔴 敦化市暴雨红色预警（03:00 发布）."""
    _ = translator(language)
    named = plain_title(alert, shorten(place, 16), language)
    if alert.released_at is None:
        return named
    return _("{warning}（{time} 发布）").format(warning=named, time=clock(alert.released_at, zone))


def about_hotspot(number: int, county: str, language: str) -> str:
    """A hotspot, named in a refusal: 热点 #12（敦化市）."""
    _ = translator(language)
    return _("热点 #{number}（{county}）").format(number=number, county=county)


OF_DIVISION: Mapping[str, str] = {
    "roll_call": N_("{place}点名"),
    "danger": N_("{place}火险等级"),
    "board": N_("{place}指挥大屏"),
    "feed": N_("{place}现场情况"),
}
"""What a division has that may be refused, by the fact of the error that bears its code."""


def about_division(fact: str, place: str, language: str) -> str:
    """Something of a division, named in a refusal: 敦化市点名."""
    return translator(language)(OF_DIVISION[fact]).format(place=place)


def try_again(language: str) -> str:
    """Said after an error nobody foresaw: nothing was recorded."""
    _ = translator(language)
    return _("没有成功，请再试一次")


def old_button(language: str) -> str:
    """Said to a tap that means nothing: on a button of an older version, or a forged one."""
    _ = translator(language)
    return _("这个按钮已失效，没有记录。请用最新消息里的按钮。")


def _template(error: JiaoyingError) -> str:
    words = CODES.get(error.code) if isinstance(error.code, Enum) else None
    return words or next(words for kind, words in KINDS.items() if isinstance(error, kind))


def _thing(hazard: Hazard | None, language: str) -> str:
    """What it is called that something was to be done with; ``None``: it is not known."""
    return thing_name(Hazard.RAINSTORM if hazard is None else hazard, language)


def _lifting(hazard: Hazard | None, language: str) -> str:
    """The button that ends it."""
    _ = translator(language)
    if hazard is not None and hazard.response:
        return _("✅ 终止响应")
    return _("✅ 办结返回通知") if hazard is not None and hazard.homeward else _("✅ 解除预警")


def _fact(value: Any, hazard: Hazard | None, language: str) -> str:
    if isinstance(value, State):
        return state_name(value, hazard, language)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, timedelta):
        return ago(value.total_seconds(), language)
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return shorten(str(value), 60)
