"""What the trail (留痕) says, in words: each act, what it was done to, and how it went. Pure.

``tests/unit/views/test_trail_words.py`` finds every act that is written, and asks for its words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from typing import Any

from alerts.calls import Report, Via
from alerts.escalation import ChaseReason
from alerts.lifecycle import ChangeKind
from alerts.model import Hazard, Level
from bot.locale import N_, translator
from bot.views.clock import day_clock
from bot.views.report.loop_trail_words import OF_THE_LOOP
from bot.views.vocabulary import (
    doubt_reason,
    hazard_name,
    kind_name,
    level_name,
    proxy_name,
    report_name,
)
from data.audit import API, COMMAND_LINE
from data.tables.columns import from_milliseconds

_ACTS: Mapping[str, str] = {
    # a warning
    "alert.proposed": N_("提请第二人确认"),
    "alert.withdrawn": N_("撤回或不同意，没有发布"),
    "alert.released": N_("发布预警"),
    "alert.called": N_("叫应名单已全部建立"),
    "alert.updated": N_("变更预警"),
    "alert.update_proposed": N_("提请第二人确认变更"),
    "alert.update_not_made": N_("提请的变更没有办理"),
    "alert.update_done": N_("变更已通知到位"),
    "alert.held": N_("耽搁太久，先停下等人决定"),
    "alert.sent_anew": N_("决定仍然发送"),
    "alert.resumed": N_("补发恢复备份时搁置的消息"),
    "alert.closed": N_("叫应销号"),
    "alert.reopened": N_("回应撤回或存疑，叫应重新打开"),
    "stages.planned": N_("制定分阶段计划"),
    "stages.moved": N_("分阶段计划改时间"),
    "stages.chosen": N_("改分阶段计划的发布方式"),
    "stages.asked": N_("问是否发布下一阶段"),
    "stages.released": N_("发布一个阶段"),
    "stages.proposed": N_("一个阶段报第二人确认"),
    "stages.skipped": N_("跳过一个阶段"),
    "stages.cancelled": N_("取消分阶段计划"),
    "stages.ended": N_("分阶段计划结束"),
    "duty.asked": N_("请人换班、替班、补空档或接班"),
    "duty.agreed": N_("同意换班、替班、补空档或接班"),
    "duty.declined": N_("不同意换班、替班、补空档或接班"),
    "duty.withdrawn": N_("收回换班、替班、交班的请求"),
    "duty.lapsed": N_("换班、替班、交班的请求作废"),
    "duty.asked_again": N_("再催接班"),
    "duty.swapped": N_("换班"),
    "duty.stood_in": N_("临时替班"),
    "duty.filled": N_("补上值班空档"),
    "duty.taken_over": N_("现在接班"),
    "duty.handed_over": N_("交班"),
    "duty.received": N_("确认接班"),
    "duty.handover_missed": N_("交接班没有人确认"),
    "duty.gaps_told": N_("报值班空档"),
    "duty.gaps_filled": N_("值班空档已补上"),
    "calendar.link": N_("取值班日历地址"),
    "calendar.ended": N_("停用值班日历地址"),
    "patrol.exported": N_("导出巡护成果"),
    "alert.lifted": N_("解除预警"),
    "alert.cancelled": N_("取消预警"),
    "alert.expired": N_("到期结束"),
    "alert.expiry_asked": N_("快到期，问是否延长"),
    "alert.expiry_asked_duty": N_("快到期没有人答复，问值班员"),
    "alert.may_expire": N_("决定不延长，到时自动到期"),
    "alert.recounted": N_("人数重新清点"),
    "alert.ledger_exported": N_("导出叫应台账"),
    "alert.cut_off_found": N_("村庄全渠道无人回应，疑似三断"),
    "alert.cut_off_marked": N_("标记村庄三断"),
    "alert.cut_off_ended": N_("村庄不再算三断"),
    "errand.assigned": N_("派人去三断村庄"),
    "errand.going": N_("答应去三断村庄"),
    "errand.declined": N_("去不了三断村庄"),
    "errand.arrived": N_("到三断村庄，人已通知"),
    "errand.failed": N_("到不了三断村庄"),
    "alert.archived": N_("移入归档"),
    "alert.silent_exported": N_("导出未回应名单"),
    # warnings that machines propose
    "draft.proposed": N_("收到待决定的预警"),
    "draft.asked": N_("请有权的人决定"),
    "draft.released": N_("待决定的预警已发布"),
    "draft.dismissed": N_("决定不发"),
    "draft.expired": N_("过了时效，没有发布"),
    "draft.superseded": N_("来源有了新的，作废"),
    "draft.ignored": N_("按设置不叫应"),
    # the five lists
    "import.tasks": N_("导入任务清单"),
    # a call and its ladder
    "call.acknowledged": N_("本人回应"),
    "call.page_link": N_("发出网页答复链接"),
    "call.proxied": N_("登记代答"),
    "call.proxy_taken_back": N_("撤回代答"),
    "call.taken_back": N_("本人撤回回应"),
    "call.doubted": N_("对回应存疑，重新叫应"),
    "call.reported": N_("反馈结果"),
    "call.reported_by_proxy": N_("代为登记反馈"),
    "call.report_asked": N_("催报结果"),
    "call.report_to_officer": N_("未反馈名单交上级值班员"),
    "call.report_to_next_tier": N_("未反馈名单再报上一级"),
    "call.ringing_about_report": N_("联系未反馈的人"),
    "call.discharged": N_("单人销号"),
    "call.ringing": N_("正在打电话"),
    "call.ringing_stopped": N_("电话没有打通"),
    "call.reminded": N_("提醒本人"),
    "call.repeated": N_("再次提醒"),
    "call.stand_in_due": N_("到时没有回应，转叫替补"),
    "call.stand_in": N_("叫应替补"),
    "call.stand_in_too": N_("请已被叫应的替补也顶上"),
    "alert.end_written": N_("短信等渠道告知预警结束"),
    "alert.ring_up": N_("值班员收到要打电话通知的人"),
    "call.called_again": N_("替补重新叫应"),
    "call.stood_down": N_("替补不用再顶"),
    "call.to_duty_officer": N_("名单交上级值班员"),
    "call.to_commander": N_("名单报上级指挥员"),
    "call.help_taken": N_("接手求助"),
    "call.help_resolved": N_("求助已解决"),
    # patrollers
    "position.reported": N_("报位"),
    "check_in.missed": N_("到时没有报位"),
    "check_in.chased": N_("追查没有报位的人"),
    "check_in.late": N_("超时后报位"),
    "check_in.reached": N_("已联系上没有报位的人"),
    "roll_call.started": N_("开始点名"),
    "roll_call.answered": N_("点名回应"),
    "roll_call.again": N_("再点一次未到的人"),
    "roll_call.closed": N_("点名结束"),
    "distress.raised": N_("按下求救"),
    "distress.rung": N_("求救发给值班员"),
    "distress.added": N_("补充求救情况"),
    "distress.taken": N_("接手求救"),
    "distress.undone": N_("本人撤回求救"),
    "distress.cleared": N_("求救解除"),
    "field_report.sent": N_("现场上报"),
    "cry.heard": N_("打字呼救，已转值班员"),
    "hotspots.taken_in": N_("收到热点"),
    "hotspot.asked": N_("请人核查热点"),
    "hotspot.accepted": N_("接下热点核查"),
    "hotspot.declined": N_("不能去核查热点"),
    "hotspot.unanswered": N_("没有答复能否核查"),
    "hotspot.nobody_near": N_("附近没有可派的人"),
    "hotspot.reminded": N_("催报热点核查"),
    "hotspot.alarm": N_("热点报警"),
    "hotspot.overdue": N_("热点核查超时"),
    "hotspot.verified": N_("热点核查结果"),
    "hotspot.evidence": N_("热点现场照片"),
    "hotspot.expired": N_("热点核查到期"),
    "sky_picture.taken_in": N_("取到云图"),
    "sky_picture.muted": N_("工作群不再收云图"),
    "sky_picture.resumed": N_("工作群恢复收云图"),
    "import.heat_sources": N_("导入固定热源"),
    "heat_source.learned": N_("记为固定热源"),
    "heat_source.forgotten": N_("取消固定热源"),
    "danger.set": N_("设定火险等级"),
    "red_day.step": N_("极高火险日部署"),
    "red_day.answered": N_("极高火险日答复"),
    "red_day.recalled": N_("极高火险日部署撤回"),
    "import.evacuation": N_("导入转移卡"),
    "zone.added": N_("新增责任区"),
    "zone.changed": N_("责任区变更"),
    "station.added": N_("新增水文、雨量站"),
    "station.changed": N_("水文、雨量站变更"),
    "station.risen": N_("水文站到线"),
    "station.fallen": N_("水文站退到较低的线"),
    "station.calm": N_("水文站退到各线以下"),
    # people, groups, divisions
    "token.made": N_("发出 API 令牌"),
    "token.ended": N_("API 令牌作废"),
    "webhook.sent_again": N_("死信重新发送"),
    "person.added": N_("新增人员"),
    "person.changed": N_("人员变更"),
    "person.linked": N_("绑定 Telegram"),
    "person.unlinked": N_("解除绑定"),
    "person.proof_wanted": N_("任职后须重新核实账号"),
    "person.post_removed": N_("去掉一个职务"),
    "person.retired": N_("人员离任"),
    "person.invited": N_("出示邀请码"),
    "person.link_asked": N_("申请绑定"),
    "person.link_refused": N_("拒绝绑定"),
    "person.unblocked": N_("恢复账号绑定"),
    "person.code_renewed": N_("更换邀请码"),
    "person.exported": N_("导出本人信息"),
    "coverage.written": N_("导出覆盖情况表"),
    "backup.written": N_("备份数据库"),
    "person.erased": N_("删除本人信息"),
    "person.renumbered": N_("人员换号"),
    "person.contact": N_("联系情况变化"),
    "person.language": N_("更换语言"),
    "person.bot": N_("改由另一个机器人联系"),
    "shift.added": N_("新增值班"),
    "shift.changed": N_("值班变更"),
    "group.added": N_("新增工作群"),
    "group.changed": N_("工作群变更"),
    "group.contact": N_("工作群联系情况变化"),
    "group.migrated": N_("工作群换号"),
    "division.changed": N_("区划变更"),
    "import.people": N_("导入人员"),
    "roster.listed": N_("核对名册"),
    "roster_check.started": N_("开始名册核对"),
    "roster_check.answered": N_("回答名册核对"),
    "roster_check.again": N_("名册核对再问一次"),
    "roster_check.closed": N_("名册核对结束"),
    "test_call.started": N_("开始测试呼叫"),
    "test_call.closed": N_("测试呼叫结束"),
    "test_call.written": N_("导出测试结果表"),
    "address.proven": N_("号码或账号已核实"),
    "address.marked": N_("号码或账号打不通，已标出"),
    "equipment.proven": N_("卫星电话已打通"),
    "import.places": N_("导入地点"),
    "place.changed": N_("地点变更"),
    "person.accounts": N_("企业微信账号、邮箱变更"),
    "equipment.changed": N_("卫星电话、大喇叭变更"),
    "import.groups": N_("导入工作群"),
    "import.duty": N_("导入值班表"),
    "import.divisions": N_("导入区划"),
    "import.boundaries": N_("导入边界"),
    "import.zones": N_("导入责任区"),
    "import.stations": N_("导入水文、雨量站"),
    "import.rivers": N_("导入河段"),
    "import.danger": N_("导入火险等级"),
    "import.season": N_("导入防火期"),
    "import.closed": N_("导入禁火期"),
    "closed_time.begun": N_("告知禁火期开始"),
    "closed_time.over": N_("告知禁火期结束"),
    "import.shifts": N_("导入巡护班次"),
    # jiaoying itself
    "board.link": N_("领取大屏链接"),
    "board.opened": N_("打开大屏"),
    "board.left": N_("退出大屏"),
    "area.drawn": N_("在大屏上画了区域"),
    "board.revoked": N_("结束大屏会话"),
    "report.written": N_("写出报告文件"),
    "bot.configured": N_("登记机器人"),
    "bot.retired": N_("停用机器人"),
    "bot.down": N_("机器人不能发消息"),
    "bot.up": N_("机器人恢复"),
    "clock.stepped": N_("服务器时钟变动"),
    "oversight.found": N_("发现系统故障"),
    "oversight.again": N_("系统故障仍在"),
    "oversight.over": N_("系统故障解除"),
    "channel.refuses": N_("服务商拒收消息"),
    "channel.takes": N_("服务商又收消息了"),
    "row.set_aside": N_("处理出错，先放在一边"),
    "positions.deleted": N_("删除到期的位置"),
    "updates.deleted": N_("删除到期的搁置消息"),
    "store.archived": N_("归档"),
    "store.restored": N_("恢复备份"),
    **OF_THE_LOOP,
}

_BY_ITSELF = N_("系统")

_VIA: Mapping[Via, str] = {
    Via.BUTTON: N_("按「收到」"),
    Via.GROUP: N_("在群里按「收到」"),
    Via.WORDS: N_("打字「收到」"),
    Via.REACTION: N_("点赞"),
    Via.MEDIA: N_("语音或照片"),
    Via.PROXY: N_("代答"),
    Via.VOICE: N_("电话按键"),
    Via.SMS: N_("回短信"),
    Via.PAGE: N_("网页"),
    Via.WECOM: N_("企业微信"),
    Via.FEISHU: N_("飞书"),
    Via.DINGTALK: N_("钉钉"),
    Via.EMAIL: N_("邮件"),
}
_WITHOUT_CHAT: Mapping[str, str] = {
    COMMAND_LINE: N_("服务器命令行"),
    API: N_("API 接口"),
}
_CHASED: Mapping[ChaseReason, str] = {
    ChaseReason.SILENT: N_("没有回应"),
    ChaseReason.UNREACHABLE: N_("联系不上"),
}


_NOT_TOLD = frozenset({"alert", "request"})
"""Numbers of rows, which the entry's own subject says already."""

_DETAILS: Mapping[str, str] = {
    "level": N_("等级"),
    "hazard": N_("灾种"),
    "areas": N_("区域"),
    "besides": N_("另叫应的地点"),
    "villages": N_("村数"),
    "text": N_("内容"),
    "exercise": N_("演练"),
    "identifier": N_("编号（CAP）"),
    "calls": N_("叫应人数"),
    "groups": N_("群数"),
    "via": N_("方式"),
    "how": N_("方式"),
    "os_user": N_("系统用户"),
    "host": N_("服务器"),
    "system": N_("系统"),
    "token": N_("令牌"),
    "name": N_("名称"),
    "scopes": N_("权限"),
    "days": N_("天数"),
    "file": N_("文件"),
    "done_at": N_("实际时间"),
    "report": N_("反馈"),
    "households": N_("户"),
    "persons": N_("人"),
    "reason": N_("原因"),
    "for": N_("顶替"),
    "person": N_("姓名"),
    "reachable": N_("能收到消息"),
    "asked": N_("请谁决定"),
    "issued_by": N_("信号发布单位"),
    "places": N_("只叫应的地点"),
    "confirmed": N_("第二人已确认"),
    "discharged": N_("一并销号"),
    "open_calls": N_("尚未回应"),
    "unanswered": N_("尚未回应"),
    "told": N_("已通知"),
    "deliveries": N_("消息条数"),
    "divisions": N_("区划数"),
    "error": N_("错误"),
    "month": N_("月份"),
    "before": N_("此日以前"),
    "alerts": N_("预警数"),
    "entries": N_("留痕条数"),
    "last_entry": N_("最后一条留痕"),
    "set_aside": N_("搁置的消息"),
    "updates": N_("搁置的点击"),
    "jump": N_("编号跳过"),
    "division": N_("区划"),
    "place": N_("地点"),
    "how_ended": N_("因为"),
    "kinds": N_("变更"),
    "version": N_("第几版"),
    "level_before": N_("原等级"),
    "areas_before": N_("原区域"),
    "lead_minutes": N_("提前分钟"),
    "expires_before": N_("原有效期至"),
    "expires_at": N_("有效期至"),
    "asked_again": N_("重新叫应人数"),
    "called": N_("新叫应人数"),
    "stood_down": N_("不再适用人数"),
    "note": N_("说明"),
    "confirmed_by": N_("第二人"),
}


def act_name(action: str, language: str) -> str:
    """An act of the trail in words: 登记代答."""
    return translator(language)(_ACTS.get(action, action))


def has_words(action: str) -> bool:
    """Whether there are words for this act."""
    return action in _ACTS


def actor_name(name: str, language: str) -> str:
    """Who did it; without a name, it was jiaoying itself."""
    return name or translator(language)(_BY_ITSELF)


def via_name(via: Via, language: str) -> str:
    """How somebody answered, in words: 打字「收到」."""
    return translator(language)(_VIA[via])


def detail_name(key: str, language: str) -> str:
    """What a detail of an act is called, in words: 原因."""
    return translator(language)(_DETAILS.get(key, key))


_MOST_NAMED = 50  # areas in a cell: a workbook's takes 32,767 characters


class TrailReader:
    """Reads the entries of one report, whose names and places it is given.

    :param calls: id of a call -> who is called, and where.
    :param people: id of a person -> the name.
    :param places: code of a division -> its name.
    """

    def __init__(
        self,
        language: str,
        zone: tzinfo,
        *,
        calls: Mapping[int, str],
        people: Mapping[int, str],
        places: Mapping[str, str],
    ) -> None:
        self._language, self._zone = language, zone
        self._calls, self._people, self._places = calls, people, places
        self._values: Mapping[str, Callable[[Any], str]] = {
            "level": lambda value: level_name(Level(value), language),
            "level_before": lambda value: level_name(Level(value), language),
            "areas_before": self._areas,
            "kinds": self._kinds,
            "expires_at": self._time,
            "expires_before": self._time,
            "confirmed_by": self._person,
            "hazard": lambda value: hazard_name(Hazard(value), language),
            "areas": self._areas,
            "division": lambda value: self._places.get(value, value),
            "exercise": self._yes_or_no,
            "reachable": self._yes_or_no,
            "confirmed": self._yes_or_no,
            "via": self._via,
            "how": lambda value: proxy_name(value, language),
            "report": lambda value: report_name(Report(value), language),
            "reason": self._reason,
            "for": self._call,
            "person": self._person,
            "asked": self._persons,
            "done_at": self._time,
            "month": self._month,
        }

    def subject(self, subject: str) -> str:
        """What it was done to: 预警 7, or whoever is called."""
        _ = translator(self._language)
        topic, _colon, number = subject.partition(":")
        if topic == "alert":
            return _("预警 {row}").format(row=number)
        return self._call(int(number)) if topic == "call" and number.isdecimal() else subject

    def detail(self, detail: Mapping[str, Any]) -> str:
        """How it went: 方式：打字「收到」；实际时间：07-03 03:01."""
        _ = translator(self._language)
        told = [
            _("{name}：{value}").format(
                name=detail_name(key, self._language), value=self._value(key, value)
            )
            for key, value in detail.items()
            if key not in _NOT_TOLD and value not in (None, "", [])
        ]
        return _("；").join(told)

    def _value(self, key: str, value: Any) -> str:
        words = self._values.get(key)
        try:
            return str(value) if words is None else words(value)
        except (ValueError, TypeError):  # an old entry of another shape: as it was written
            return str(value)

    def _via(self, value: str) -> str:
        if value in _WITHOUT_CHAT:
            return translator(self._language)(_WITHOUT_CHAT[value])
        return via_name(Via(value), self._language)

    def _areas(self, codes: Sequence[str]) -> str:
        _ = translator(self._language)
        named = _("、").join(self._places.get(c, c) for c in codes[:_MOST_NAMED])
        more = _("等{count}地").format(count=len(codes)) if len(codes) > _MOST_NAMED else ""
        return named + more

    def _kinds(self, kinds: Sequence[str]) -> str:
        _ = translator(self._language)
        return _("、").join(kind_name(ChangeKind(kind), self._language) for kind in kinds)

    def _yes_or_no(self, value: Any) -> str:
        _ = translator(self._language)
        return _("是") if value else _("否")

    def _reason(self, value: str) -> str:
        try:
            return translator(self._language)(_CHASED[ChaseReason(value)])
        except ValueError:
            return doubt_reason(value, self._language)  # or what an officer wrote

    def _call(self, call_id: int) -> str:
        _ = translator(self._language)
        return self._calls.get(call_id) or _("叫应 {row}").format(row=call_id)

    def _person(self, person_id: int) -> str:
        _ = translator(self._language)
        return self._people.get(person_id) or _("人员 {row}").format(row=person_id)

    def _persons(self, ids: Sequence[int]) -> str:
        return translator(self._language)("、").join(map(self._person, ids))

    def _time(self, at: int) -> str:
        return day_clock(from_milliseconds(at), self._zone)

    def _month(self, month: int) -> str:
        return f"{month // 100}-{month % 100:02}"
