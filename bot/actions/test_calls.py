"""The buttons of test calls, under /coverage. Pure."""

from __future__ import annotations

from bot.actions.codec import Action, DivisionCode, Id, action


@action("tp")
class TestPreview(Action):
    """📞 测试呼叫: whom a test would ring, or how the one that runs stands."""

    __test__ = False  # for pytest, which collects what is called so

    code: DivisionCode


@action("tc")
class TestStart(Action):
    """✅ 开始测试, under that."""

    __test__ = False

    code: DivisionCode


@action("tr")
class TestResults(Action):
    """🔄 刷新: how a test stands."""

    __test__ = False

    id: Id


@action("tx")
class TestStop(Action):
    """⏹ 停止测试."""

    __test__ = False

    id: Id
