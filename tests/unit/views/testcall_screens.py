"""The texts of test calls, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.test_calls import model
from alerts.test_calls.model import HowProven, Line, Outcome, Result
from alerts.test_calls.proving import Proof
from alerts.test_calls.running import TestPlan as Plan
from bot.views import test_calls as views
from bot.views.screen import Screen
from bot.views.test_calls import Tested as Shown
from bot.views.warnings.test_words import proof_words, spoken_test, written_test
from contacts.channels import Cause, Channel
from tests.unit.views import samples as s

View = Callable[[str], Screen]

PLACE = "延边州 敦化市 <b>大石头镇"
TEST = model.TestCall(
    5, s.COUNTY, 1, s.START, s.START + timedelta(hours=4), (Channel.VOICE, Channel.SMS), None
)
PLAN = Plan(s.COUNTY, {Channel.VOICE: 46, Channel.SMS: 44}, 44, 3, 2, 1, s.NOW, waits=True)
LINE = Line(
    1, 5, 7, "222403101201", "", Channel.VOICE, "+8613900000001", "", 0, 1, s.NOW, HowProven.KEY
)
TOTAL = model.AreaResult(s.COUNTY, 92, 40, 44, 30, 2, 1, 9)


def shown(outcome: Outcome, cause: Cause | None = None, tries: int = 1) -> Shown:
    line = LINE._replace(proven_at=None, how=None)
    return Shown(Result(line, outcome, cause, tries), "王<强>", PLACE, "139 0000 0001")


def testcall_screens() -> Iterator[tuple[str, View]]:
    """What one would ring, how it stands, how it ended, what is spoken and answered."""
    yield "test_call_preview", lambda language: views.preview(PLAN, s.PLACE, language)
    unreached = [
        shown(Outcome.FAILED, Cause.NO_ANSWER, 3),
        shown(Outcome.HEARD),
        shown(Outcome.SENT),
        shown(Outcome.WAITS, tries=0),
        shown(Outcome.NOT_SENT, tries=0),
        shown(Outcome.MOVED, tries=0),
    ]
    areas = [(TOTAL, "<i>大石头镇"), (TOTAL._replace(satellites=0, persons_proven=44), "官地镇")]
    for name, test in (("running", TEST), ("over", replace(TEST, closed_at=s.NOW))):
        yield (
            f"test_call_{name}",
            lambda language, test=test: views.standing(  # type: ignore[misc]
                test, TOTAL, areas, unreached, 46, s.PLACE, language, may_stop=True
            ),
        )
    for person in ("张三", ""):
        yield (
            f"test_call_spoken{'' if person else '_satellite'}",
            lambda language, person=person: Screen(  # type: ignore[misc]
                spoken_test(person, "红石村", "敦化市", language)
            ),
        )
    for channel in (Channel.SMS, Channel.WECOM, Channel.EMAIL):
        yield (
            f"test_call_written_{channel.value}",
            lambda language, channel=channel: Screen(  # type: ignore[misc]
                written_test("张三", "敦化市", "4827", channel, language)
            ),
        )
    yield (
        "test_call_answered",
        lambda language: Screen(
            "\n".join(proof_words(proof, "张三", language, duty="12119") for proof in Proof)
        ),
    )
