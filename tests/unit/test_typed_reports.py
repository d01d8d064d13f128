"""What is reported in words without a button, and what is not."""

from __future__ import annotations

import pytest

from alerts.calls import Report
from alerts.typed_reports import report_said

SAID = {
    Report.HELP: "需要支援|需要支援，两台车|请求支援！|请支援|村里急需支援🙏|請求支援"
    "|需要支援，水来了|请支援，洪水到了门口|支援",
    Report.CANNOT: "无法执行|无法执行，桥断了|但是无法执行|我们没法转移|转移不了|不能转移|無法執行",
    Report.DONE: "已完成|完成了|任务全部完成|✔️ 已完成|都落实了|已經完成",
    Report.MOVED: "全村转移了|都转移了|已转移群众|全部转移完毕|群众都撤出来了|已转移",
}


@pytest.mark.parametrize(
    ("text", "report"), [(text, said) for said in SAID for text in SAID[said].split("|")]
)
def test_a_report_is_understood(text: str, report: Report) -> None:
    assert report_said(text) is report


@pytest.mark.parametrize(
    "text",
    "好的|谢谢|准备转移|马上转移|正在转移|转移|执行|马上执行|不需要支援|支援到了|支援什么时候到？|还没转移"
    "|支援收到|支援物资收到|支援队来了|支援的车到了|增援部队到了，谢谢|我村支援组已到位|支援组已出发|支援人员到了"
    "|我们支援了邻村|需要支援的话我说|需要支援我再说|请支援组集合|请支援邻村|无法转移的五户已经背出来了"
    "|不能转移的老人已安置|转移不了的都背出来了|请完成任务|请落实到位|请全部转移"
    "|没有转移|完成了吗|都转移了吗|未完成|桥断了，老人抬不动|已转移12户35人还有3人不走|".split("|"),
)
def test_anything_else_is_left_to_the_buttons(text: str) -> None:
    assert report_said(text) is None
