"""How actions are written as callback data: what a class may declare, one text per action."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot.actions
from bot.actions import codec
from bot.actions.codec import (
    LONGEST,
    Action,
    DivisionCode,
    Field,
    Id,
    Member,
    Number,
    Page,
    Text,
    action,
)
from bot.actions.parsing import TOPICS, actions, parse
from tests.every_case import hold_for_every

KINDS = sorted(actions().values(), key=lambda kind: kind.__name__)


class Colour(Enum):
    RED = "red"
    DEEP_BLUE = "deep_blue"


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What a test declares is forgotten after it."""
    forms = dict(codec.forms)
    monkeypatch.setattr(codec, "forms", forms)
    yield forms
    assert set(forms) >= set(actions())


def values(field: Field) -> st.SearchStrategy[Any]:
    written: st.SearchStrategy[Any]
    match field.codec:
        case Number(least=least, most=most):
            written = st.integers(least, most)
        case Text(pattern=pattern, longest=longest):
            written = st.from_regex(pattern, fullmatch=True).filter(
                lambda text: len(text) <= longest
            )
        case Member(members=members):
            written = st.sampled_from(list(members.values()))
    return written if field.needed else st.just(field.absent) | written


def instances(kind: type[Action]) -> st.SearchStrategy[Action]:
    return st.builds(kind, **{field.name: values(field) for field in kind.form.fields})


any_action = st.one_of(*(instances(kind) for kind in KINDS))


@given(any_action)
def test_every_declared_action_comes_back_as_it_was(tap: Action) -> None:
    data = tap.encode()
    assert data.isascii()
    assert len(data) <= tap.form.longest <= LONGEST
    assert parse(data) == tap
    assert type(parse(data)) is type(tap)


MARKS = st.sampled_from(["", "0", "1", ":", "::", "01", " ", "+", "-", "_", "x", "\n", "１", "a:"])


@given(any_action, st.data())
def test_data_with_something_put_in_or_left_out_is_other_data_or_nothing(
    tap: Action, draw: st.DataObject
) -> None:
    data = tap.encode()
    at = draw.draw(st.integers(0, len(data)))
    upto = draw.draw(st.integers(at, len(data)))
    other = data[:at] + draw.draw(MARKS) + data[upto:]
    parsed = parse(other)
    assert parsed is None or parsed.encode() == other
    assert (parsed == tap) is (other == data)


def test_nothing_may_follow_what_an_action_says() -> None:
    hold_for_every(KINDS, _nothing_may_follow)


def _nothing_may_follow(kind: type[Action]) -> None:
    filled = {
        field.name: field.absent if not field.needed else _longest(field)
        for field in kind.form.fields
    }
    data = kind(**filled).encode()
    assert parse(data) is not None
    for more in (":", ":1:1:1:1", ":x", " ", "\n"):
        assert parse(data + more) is None
    assert parse(data.partition(":")[0]) is None


def test_the_longest_data_is_as_long_as_was_computed() -> None:
    hold_for_every(KINDS, _as_long_as_computed)


def _as_long_as_computed(kind: type[Action]) -> None:
    data = kind(**{field.name: _longest(field) for field in kind.form.fields}).encode()
    assert len(data) == kind.form.longest
    assert parse(data) is not None


def _longest(field: Field) -> Any:
    match field.codec:
        case Number(most=most):
            return most
        case Text(longest=longest):
            return "0" * longest
        case Member(members=members):
            return max(members.values(), key=lambda member: len(member.value))


@pytest.mark.usefixtures("declared")
def test_an_action_is_written_by_the_types_of_its_fields() -> None:
    @action("Qa")
    class Painted(Action):
        id: Id
        colour: Colour
        division: DivisionCode = ""
        page: Page = 0
        minutes: Annotated[int, Number(-5, 99)] | None = None
        again: Colour | None = None

    painted = Painted(7, Colour.RED)
    assert painted.encode() == "Qa:7:red::0"
    assert Painted(7, Colour.RED, "222403000000", 3).encode() == "Qa:7:red:222403000000:3"
    assert Painted(7, Colour.RED, minutes=-5).encode() == "Qa:7:red::0:-5"
    late = Painted(7, Colour.RED, again=Colour.DEEP_BLUE)
    assert late.encode() == "Qa:7:red::0::deep_blue"
    for tap in (painted, late):
        assert parse(tap.encode()) == tap
    for forged in ("Qa:7:red:", "Qa:7:red::", "Qa:7:red::0:", "Qa:7:red::0::", "Qa:7:::0"):
        assert parse(forged) is None
    assert Painted.form.longest == len("Qa") + (1 + 18) + (1 + 9) + (1 + 12) + (1 + 5) + 3 + 10


def test_an_action_that_could_be_too_long_is_refused(declared: dict[str, Any]) -> None:
    @action("Qf")
    class Fits(Action):
        value: Annotated[str, Text("[a-z]*", longest=61)]

    assert len(Fits("a" * 61).encode()) == LONGEST
    with pytest.raises(TypeError, match="TooLong takes up to 65 bytes of 64"):

        @action("Qg")
        class TooLong(Action):
            value: Annotated[str, Text("[a-z]*", longest=62)]

    assert "Qg" not in declared


@pytest.mark.usefixtures("declared")
def test_a_prefix_belongs_to_one_action() -> None:
    before = actions()["a"]
    with pytest.raises(TypeError, match="'a' is the prefix of CallAnswer"):

        @action("a")
        class Other(Action):
            id: Id

    with pytest.raises(TypeError, match="'h' is the prefix of DistressRaise"):

        @action("h:no")
        class Words(Action):
            pass

    assert actions()["a"] is before


@pytest.mark.parametrize("hint", [int, str, bool, float, tuple[int, ...], int | None])
def test_a_type_without_bounds_is_refused(declared: dict[str, Any], hint: Any) -> None:
    with pytest.raises(TypeError, match="has no bounds"):
        action("Qh")(type("Unbounded", (Action,), {"__annotations__": {"value": hint}}))
    assert "Qh" not in declared


@pytest.mark.usefixtures("declared")
def test_what_could_be_read_in_two_ways_is_refused() -> None:
    with pytest.raises(TypeError, match="value: nothing tells when it is absent"):

        @action("Qi")
        class NeverAbsent(Action):
            value: Id | None

    with pytest.raises(TypeError, match="value: nothing tells when it is absent"):

        @action("Qj")
        class EmptyOrAbsent(Action):
            value: Annotated[str, Text("[a-z]*", longest=5)] | None = None

    for data in ("Qk", "Qk:"):
        with pytest.raises(TypeError, match="either fields or words"):
            action(data)(type("Nothing", (Action,), {}))
    with pytest.raises(TypeError, match="either fields or words"):

        @action("Ql:yes")
        class Both(Action):
            id: Id


def test_a_choice_that_would_break_the_data_is_refused() -> None:
    for value in ("a:b", "红", 1):
        with pytest.raises(TypeError, match="cannot be part of callback data"):
            Member(Enum("Broken", {"ONE": value}))


# One of each, as it was written before there was this codec. Never change a line: add one.
OLD = {
    "a:17": "CallAnswer(id=17, asked=None)",
    "a:17:2": "CallAnswer(id=17, asked=2)",
    "g:17": "GroupAnswer(id=17, asked=None)",
    "uc:3": "ConfirmTheChange(change_id=3)",
    "ur:3": "RefuseTheChange(change_id=3)",
    "r:17:done": "ReportTap(call_id=17, report=<Report.DONE: 'done'>)",
    "c:17": "ConfirmAlert(id=17)",
    "n:17": "RefuseAlert(id=17)",
    "s:17": "StatusOf(id=17)",
    "ia:17:7001": "ApproveLink(id=17, account=7001)",
    "ir:17:7001": "RefuseLink(id=17, account=7001)",
    "l:17:222403000000:2": "SilentPage(alert_id=17, division='222403000000', page=2)",
    "l:17::0": "SilentPage(alert_id=17, division='', page=0)",
    "o:17:0": "CallOptions(id=17, page=0)",
    "p:17:in_person": "ProxyTap(call_id=17, how=<Proxy.IN_PERSON: 'in_person'>)",
    "d:17": "DischargeAsk(id=17)",
    "ca:17:29742000": "ConfirmKnowing(id=17, asked=29742000)",
    "y:17": "SendAnew(id=17)",
    "x:17": "CancelAsk(id=17)",
    "X:17": "CancelNow(id=17)",
    "z:17": "CloseAsk(id=17)",
    "Z:17": "CloseNow(id=17)",
    "w:open:222403000000.1": (
        "ReleaseTap(step=<ReleaseStep.OPEN: 'open'>, value='222403000000.1')"
    ),
    "yp:start:": "PlanTap(step=<PlanStep.START: 'start'>, value='')",
    "yp:onset:24": "PlanTap(step=<PlanStep.ONSET: 'onset'>, value='24')",
    "duh:home": "DutyHome()",
    "dup:swap": "DutyShifts()",
    "duc:swap:3:0": "DutyColleagues(kind=<AskKind.SWAP: 'swap'>, id=3, page=0)",
    "duc:fill:3:1": "DutyColleagues(kind=<AskKind.FILL: 'fill'>, id=3, page=1)",
    "dub:3:71": "DutyInReturn(id=3, person=71)",
    "dus:3:71": "DutySwap(id=3, person=71, back=None)",
    "dus:3:71:4": "DutySwap(id=3, person=71, back=4)",
    "dut:3:71": "DutyHours(id=3, person=71)",
    "dui:3:71": "DutyStandIn(id=3, person=71, hours=None)",
    "dui:3:71:2": "DutyStandIn(id=3, person=71, hours=2)",
    "duf:1:71": "DutyFill(id=1, person=71)",
    "dug:1": "DutyTakeGap(id=1)",
    "dua:9:y": "DutyAnswer(id=9, reply=<Reply.YES: 'y'>)",
    "dua:9:n": "DutyAnswer(id=9, reply=<Reply.NO: 'n'>)",
    "duw:9": "DutyWithdraw(id=9)",
    "duq:222403000000": "DutyTakeOverAsk(code='222403000000')",
    "duo:222403000000": "DutyTakeOver(code='222403000000', shift=None)",
    "duo:222403000000:3": "DutyTakeOver(code='222403000000', shift=3)",
    "duj:222403000000:0": "DutyPassTo(code='222403000000', page=0)",
    "duk:222403000000:71": "DutyPassWords(code='222403000000', person=71)",
    "due:222403000000:71": "DutyPassWrite(code='222403000000', person=71)",
    "duv:222403000000:71": "DutyPass(code='222403000000', person=71)",
    "dux:5": "DutyHandOverNow(id=5)",
    "dun:5": "DutyWrite(id=5)",
    "dur:5": "DutyReceived(id=5)",
    "dul:show": "DutyCalendar(wish=<CalendarWish.SHOW: 'show'>)",
    "dul:new": "DutyCalendar(wish=<CalendarWish.NEW: 'new'>)",
    "dul:end": "DutyCalendar(wish=<CalendarWish.END: 'end'>)",
    "dum:222403000000:202611:0": "PatrolMonth(code='222403000000', month=202611, page=0)",
    "duz:222403000000:202611": "PatrolWorkbook(code='222403000000', month=202611)",
    "tkt:17:take": "TaskTap(id=17, act=<TaskAct.TAKE: 'take'>)",
    "tka:17:5": "AssignTap(id=17, person_id=5)",
    "tke:17:72": "ExtendTap(id=17, hours=72)",
    "tkl:mine:0": "TaskListTap(view=<TaskView.MINE: 'mine'>, page=0, in_list=None)",
    "tkl:below:2:problem": (
        "TaskListTap(view=<TaskView.BELOW: 'below'>, page=2, in_list=<TaskList.PROBLEM: 'problem'>)"
    ),
    "tkn:list:duty": "NewTaskTap(step=<NewTaskStep.LIST: 'list'>, value='duty')",
    "tkc:help:5": "TaskOf(cause=<CauseKind.HELP: 'help'>, id=5)",
    "ys:4:show": "StageTap(plan_id=4, act=<StageAct.SHOW: 'show'>, lead=None)",
    "ys:4:release:360": "StageTap(plan_id=4, act=<StageAct.RELEASE: 'release'>, lead=360)",
    "yr:menu": "RaiseResponse(choice='menu')",
    "yr:flood.red": "RaiseResponse(choice='flood.red')",
    "w:stop:": "ReleaseTap(step=<ReleaseStep.STOP: 'stop'>, value='')",
    "b:222403000000": "HandbookIn(code='222403000000', page=0)",
    "b:222403000000:2": "HandbookIn(code='222403000000', page=2)",
    "hbi:all": "HandbookHazards()",
    "hbl:flash_flood:village": (
        "HandbookOf(hazard=<Hazard.FLASH_FLOOD: 'flash_flood'>, work=<Work.VILLAGE: 'village'>)"
    ),
    "hbv:hail-village:hail": "HandbookCard(key='hail-village', hazard=<Hazard.HAIL: 'hail'>)",
    "hbc:17": "CallCard(call_id=17)",
    "hbt:all": "TemplateKinds()",
    "hbk:card:2": "TemplatesOf(kind=<TemplateKind.CARD: 'card'>, page=2)",
    "hbs:warning:flash_flood:2": (
        "TemplateShow(kind=<TemplateKind.WARNING: 'warning'>, key='flash_flood', part=2)"
    ),
    "hbe:warning:flash_flood:2": (
        "TemplateEdit(kind=<TemplateKind.WARNING: 'warning'>, key='flash_flood', part=2)"
    ),
    "hbp:card:hail-village": (
        "TemplatePhones(kind=<TemplateKind.CARD: 'card'>, key='hail-village', part=None)"
    ),
    "hbw:card:hail-village": (
        "TemplateVersions(kind=<TemplateKind.CARD: 'card'>, key='hail-village')"
    ),
    "hbo:card:hail-village:3": (
        "TemplateVersion(kind=<TemplateKind.CARD: 'card'>, key='hail-village', number=3)"
    ),
    "hbr:card:hail-village:3": (
        "TemplateRestore(kind=<TemplateKind.CARD: 'card'>, key='hail-village', number=3)"
    ),
    "hbg:card:hail-village": "TemplateReset(kind=<TemplateKind.CARD: 'card'>, key='hail-village')",
    "hbu:flood-move:on": "TemplateUse(key='flood-move', use=<ListUse.ON: 'on'>)",
    "tyw:a1b2c3d4": "WordsSend(nonce='a1b2c3d4')",
    "tki:a1b2c3d4": "TableTake(nonce='a1b2c3d4')",
    "tkd:a1b2c3d4": "TableLeave(nonce='a1b2c3d4')",
    "hbx:flood-move:off:1": "ListSwitch(key='flood-move', use=<ListUse.OFF: 'off'>, listed=1)",
    "hbx:flood-move:on": "ListSwitch(key='flood-move', use=<ListUse.ON: 'on'>, listed=None)",
    "hbm:flood-move": "ListExtent(key='flood-move')",
    "hby:a1b2c3d4": "TemplateSave(nonce='a1b2c3d4')",
    "hbn:a1b2c3d4": "TemplateDiscard(nonce='a1b2c3d4')",
    "h:yes": "DistressRaise()",
    "dc:17": "DistressConfirm(id=17)",
    "u:17": "DistressUndo(id=17)",
    "t:17": "DistressTake(id=17)",
    "tc:222403000000": "TestStart(code='222403000000')",
    "tp:222403000000": "TestPreview(code='222403000000')",
    "tr:17": "TestResults(id=17)",
    "tx:17": "TestStop(id=17)",
    "k:17": "DistressClear(id=17)",
    "fp:0": "FeedPage(page=0)",
    "fs:17": "FeedShow(id=17)",
    "ka:17": "HotspotAccept(id=17)",
    "kn:17": "HotspotDecline(id=17)",
    "kv:17:forest_fire": "HotspotVerdictTap(id=17, verdict=<Verdict.FOREST_FIRE: 'forest_fire'>)",
    "ks:17": "HotspotShow(id=17)",
    "kd:17": "HotspotDraft(id=17)",
    "km:17": "HotspotPicture(id=17)",
    "kf:17": "HeatForget(id=17)",
    "kh:all": "HeatSources()",
    "sm:off": "SkyMute()",
    "su:on": "SkyResume()",
    "ra:17:no_fire": "RedDayAnswer(id=17, answer=<AskAnswer.NO_FIRE: 'no_fire'>)",
    "rn:17:2:222403101202": "RosterPostGone(id=17, number=2, division='222403101202')",
    "rk:17:elsewhere": "RosterAnswer(id=17, answer=<StillThere.ELSEWHERE: 'elsewhere'>)",
    "rp:222403000000": "RosterCheckPreview(code='222403000000')",
    "rb:222403000000": "RosterCheckStart(code='222403000000')",
    "qa:222403000000:0": "RollCallArea(code='222403000000', page=0)",
    "qd:222403000000": "RollCallDraft(code='222403000000', whom=None, minutes=None)",
    "qd:222403000000:rangers": (
        "RollCallDraft(code='222403000000', whom=<Whom.RANGERS: 'rangers'>, minutes=None)"
    ),
    "qd:222403000000:rangers:20": (
        "RollCallDraft(code='222403000000', whom=<Whom.RANGERS: 'rangers'>, minutes=20)"
    ),
    "qg:222403000000:rangers:20": (
        "RollCallStart(code='222403000000', whom=<Whom.RANGERS: 'rangers'>, minutes=20)"
    ),
    "qx:0": "RollCallStop()",
    "qt:17:silent:1": "RollCallTap(id=17, do=<RollCallDo.SILENT: 'silent'>, page=1)",
    "sr:17": "PatrolReached(id=17)",
    "zr:17:a1b2c3d4": "CloseWithReason(id=17, nonce='a1b2c3d4')",
    "dr:17:a1b2c3d4": "DischargeNow(id=17, nonce='a1b2c3d4')",
    "kc:17": "DistressCleared(id=17)",
    "ko:17": "DistressGoesOn(id=17)",
    "rf:17:12:35": "FiguresSure(call_id=17, households=12, persons=35)",
    "rh:17": "RingAboutReport(id=17)",
    "xa:17": "ProxyReportAsk(id=17)",
    "xr:17:cannot": "ProxyReport(call_id=17, report=<Report.CANNOT: 'cannot'>)",
    "xs:17:12:35": "ProxyFiguresSure(call_id=17, households=12, persons=35)",
    "hr:17": "HelpResolve(id=17)",
    "ht:17": "HelpTake(id=17)",
    "dx:no": "LeaveDanger()",
    "dyv:222403000000:20261129:week": (
        "DailyView(code='222403000000', day='20261129', period=<Period.WEEK: 'week'>)"
    ),
    "dyf:222403000000:20261129:month:pdf": (
        "DailySheet(code='222403000000', day='20261129', period=<Period.MONTH: 'month'>, "
        "kind=<FileKind.PDF: 'pdf'>)"
    ),
    "dyl:222403000000:20261129:2": "RemarkList(code='222403000000', day='20261129', page=2)",
    "dyr:222403000000:20261129": "RemarkAsk(code='222403000000', day='20261129')",
    "dym:222403000000:20261129:good": (
        "RemarkMark(code='222403000000', day='20261129', mark=<Mark.GOOD: 'good'>)"
    ),
    "dys:222403000000:20261129:bad": (
        "RemarkSend(code='222403000000', day='20261129', mark=<Mark.BAD: 'bad'>)"
    ),
    "pm:who:222403000000": "PlaceMeant(command=<PlaceCommand.WHO: 'who'>, code='222403000000')",
    "aw:t:7.9": "WaterTap(step=<WaterStep.TO: 't'>, value='7.9')",
    "ar:l:222403101000.1": "AreaTap(step=<AreaStep.LIST: 'l'>, value='222403101000.1')",
    "dp:222403000000:20635:5": "DangerPlaceMeant(code='222403000000', on=20635, level=5, whose=0)",
    "rl:17:2": "ReportPlaces(call_id=17, page=2)",
    "ro:17:2": "ReportPlace(call_id=17, place=2)",
    "dg:222403000000:20635:5:29714400": (
        "SetDanger(code='222403000000', on=20635, level=5, shown=29714400, whose=0)"
    ),
    "e:17": "LiftAsk(id=17)",
    "E:17": "LiftNow(id=17)",
    "lk:17": "LookAt(id=17)",
    "emk:17:34:2": "HouseholdPick(alert_id=17, card_id=34, page=2)",
    "emh:17:34:2": "HouseholdPage(alert_id=17, card_id=34, page=2)",
    "emt:17:56:moved:2": (
        "HouseholdTick(alert_id=17, household_id=56, state=<MoveState.MOVED: 'moved'>, page=2)"
    ),
    "emo:17:56:2": "HouseholdOptions(alert_id=17, household_id=56, page=2)",
    "ema:17:34": "AllMovedAsk(alert_id=17, card_id=34)",
    "emb:17:34": "AllMoved(alert_id=17, card_id=34)",
    "emp:17:222403000000:2": "EvacuationPlaces(alert_id=17, division='222403000000', page=2)",
    "emf:17:222403000000:2": "FrailPage(alert_id=17, division='222403000000', page=2)",
    "ems:17:2": "ShelterPage(alert_id=17, page=2)",
    "emr:17": "ReturnAsk(id=17)",
    "emx:17:12": "ReturnNow(alert_id=17, villages=12)",
    "lg:17": "LedgerExport(id=17)",
    "cu:17": "CutOffPage(id=17)",
    "cv:17": "CutOffVillage(id=17)",
    "mct:222400000000": "TaskChartTap(code='222400000000')",
    "mcm:own": "OwnTaskChart()",
    "mcs:222403000000": "TaskSheetTap(code='222403000000')",
    "mcd:17": "DepartmentsPage(id=17, page=0)",
    "mcd:17:2": "DepartmentsPage(id=17, page=2)",
    "cr:17:34": "AssignRunner(cut_off=17, person=34)",
    "cw:17": "FindRunner(id=17)",
    "cm:17": "MarkAsk(id=17)",
    "ci:17:222403101202": "MarkVillage(alert_id=17, division='222403101202')",
    "cd:17": "Unmark(id=17)",
    "eg:17": "ErrandGoing(id=17)",
    "en:17": "ErrandDeclined(id=17)",
    "er:17": "ErrandArrived(id=17)",
    "ef:17": "ErrandFailed(id=17)",
    "tb:17:1782932400000": "TakeBack(call_id=17, answered=1782932400000)",
    "ak:17:222403000000:2": "AnsweredPage(alert_id=17, division='222403000000', page=2)",
    "af:17": "AnsweredFind(id=17)",
    "da:17:1782932400000": "DoubtAsk(call_id=17, answered=1782932400000)",
    "dn:17:1782932400000:not_done": (
        "DoubtNow(call_id=17, answered=1782932400000, why=<Doubt.NOT_DONE: 'not_done'>)"
    ),
    "dw:17:1782932400000": "DoubtWrite(call_id=17, answered=1782932400000)",
    "dt:17:a1b2c3d4": "DoubtTyped(id=17, nonce='a1b2c3d4')",
    "pu:17": "ProxyTakeBack(id=17)",
    "l:17:222403000000:2:u": (
        "SilentPage(alert_id=17, division='222403000000', page=2, only=<Only.UNREACHABLE: 'u'>)"
    ),
    "lp:17:222403000000:0": "SilentPlaces(alert_id=17, division='222403000000', page=0)",
    "lx:17:222403000000:n": (
        "SilentExport(alert_id=17, division='222403000000', only=<Only.NOT_RUNG: 'n'>)"
    ),
    "rg:17:2:222403000000:u": (
        "Ring(id=17, page=2, division='222403000000', only=<Only.UNREACHABLE: 'u'>)"
    ),
    "ri:17:0": "RingInstead(id=17, page=0, division='', only=None)",
    "lw:17": "PageLink(id=17)",
    "gc:0123456789:level": "GaugeCurve(token='0123456789', quantity=<Quantity.LEVEL: 'level'>)",
    "gl:0": "GaugeList(page=0)",
    "evc:7": "CardShow(card_id=7)",
    "evl:222403101000:0": "CardsIn(code='222403101000', page=0)",
    "jp:17": "ProposalPreview(id=17)",
    "jd:17": "ProposalDismiss(id=17)",
    "js:17": "ProposalShow(id=17)",
    "v:17:level:red": "ChangeTap(alert_id=17, step=<ChangeStep.LEVEL: 'level'>, value='red')",
    "vw:17:t:7.9": "ChangeWater(alert_id=17, step=<WaterStep.TO: 't'>, value='7.9')",
    "vp:17": "PickWarning(id=17)",
    "vd:17": "DraftAsChange(id=17)",
    "vx:17:29718420": "LetExpire(id=17, until=29718420)",
    "uv:17:3:29718420": "ConfirmChangeOf(change_id=17, version=3, asked=29718420)",
    "uk:17:29718420": "ConfirmChangeKnowing(change_id=17, asked=29718420)",
    "jc:17:3": "ProposalChange(id=17, version=3)",
    "rs:17:0": "StopRinging(id=17, page=0, division='', only=None)",
    "p:17:phone:2:222403000000:u": (
        "ProxyTap(call_id=17, how=<Proxy.PHONE: 'phone'>, page=2, division='222403000000', "
        "only=<Only.UNREACHABLE: 'u'>)"
    ),
}


def test_buttons_in_old_chats_keep_their_meaning() -> None:
    hold_for_every(OLD, _means_the_same)


def _means_the_same(data: str) -> None:
    parsed = parse(data)
    assert parsed is not None
    # A field added since then is absent, and stands behind those that were there.
    assert repr(parsed).startswith(OLD[data].removesuffix(")"))
    assert parsed.encode() == data


def test_every_prefix_is_pinned() -> None:
    assert {data.partition(":")[0] for data in OLD} >= set(actions())


def test_the_package_declares_what_is_in_any_of_its_files() -> None:
    files = {file.stem for file in Path(bot.actions.__file__).parent.glob("*.py")}
    assert {topic.__name__.rpartition(".")[2] for topic in TOPICS} == files - {
        "__init__",
        "codec",
        "parsing",
    }
