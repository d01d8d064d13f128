"""What a telephone speaks and an SMS says of a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.acknowledge import CallResult
from alerts.calls import ASKED_AGAIN, INCLUDED, Call, CallOutcome, CallState, Via
from alerts.channels.answers import Taken, Taking
from alerts.model import Hazard, State, Status
from alerts.withdrawals.model import Withdrawal, WithdrawnAnswer, asked_again
from bot.views.warnings.spoken import (
    LONGEST_VARIABLE,
    answer_words,
    speaking_seconds,
    spoken_text,
    template_variables,
    why_asked,
    written_text,
)
from tests.unit.views import samples as s

SENDER = "敦化市防汛抗旱指挥部"


def test_a_call_says_what_is_to_be_done_and_the_keys() -> None:
    text = spoken_text(s.ALERT, "敦化市", SENDER, "zh", why="")
    assert text.startswith(SENDER) and "演练" not in text and "敦化市" in text
    assert text.endswith("收到请按1，需要支援请按2，重听请按9。")
    again = spoken_text(s.ALERT, "敦化市", SENDER, "zh", why="还没有收到您的回应。")
    assert "还没有收到您的回应" in again


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_exercise_says_so_first(language: str) -> None:
    exercise = replace(s.ALERT, status=Status.EXERCISE)
    first = "这是演练" if language == "zh" else "This is an exercise"
    assert spoken_text(exercise, "敦化市", SENDER, language, why="").startswith(first)
    # Not in 【】: carriers would take it for the sender's signature.
    mark = "演练：" if language == "zh" else "Exercise: "
    assert written_text(exercise, "敦化市", SENDER, language, why="").startswith(mark)
    assert template_variables(exercise, "敦化市", SENDER, language)["warning"].startswith(mark)


def test_an_sms_bears_no_link_and_no_long_variable() -> None:
    long = replace(s.ALERT, description="见 https://example.org/x 详情\n" + "立即转移。" * 60)
    text = written_text(long, "敦化市", SENDER * 5, "zh", why="还没有收到您的回应。")
    assert "://" not in text and "回复1" in text and len(text) < 220
    variables = template_variables(long, "很长的地名" * 9, SENDER * 5, "zh")
    assert all(len(value) <= LONGEST_VARIABLE for value in variables.values())
    assert "".join(variables[f"text{n}"] for n in (1, 2, 3)).endswith("…")


def test_how_long_a_quick_voice_takes() -> None:
    assert speaking_seconds("收" * 50, "zh") == 10
    assert speaking_seconds("x" * 150, "en") == 10


# What a test call says has words of its own (``proof_words``).
@pytest.mark.parametrize("taking", [taking for taking in Taking if taking is not Taking.TEST])
@pytest.mark.parametrize("spoken", [True, False])
def test_every_answer_has_its_words(taking: Taking, spoken: bool) -> None:
    for language in ("zh", "en"):
        said = answer_words(Taken(taking), "", language, spoken=spoken, duty="12119")
        silent = taking is Taking.STRANGER and not spoken  # two automats would never end
        assert bool(said) is not silent and "{" not in said


def test_who_is_late_with_an_answer_that_was_taken_back_is_told_to_answer_again() -> None:
    result = CallResult(CallOutcome.BEFORE, s.CALL, s.ALERT, s.VILLAGER)
    late = Taken(Taking.AGAIN, result, (s.VILLAGER,))
    said = answer_words(late, "敦化市", "zh", spoken=False, duty="")
    assert "之前的答复已不算，请再回复1" in said and "听" not in said
    assert answer_words(late, "敦化市", "zh", spoken=True, duty="") == "请再听一遍。"


@pytest.mark.parametrize(
    ("hazard", "lifted", "cancelled", "outside"),
    [
        (Hazard.RAINSTORM, "已解除", "是误发", "范围缩小"),
        (Hazard.FLOOD_RESPONSE, "已终止", "是误启动", "已调整，不再叫应您"),
        (Hazard.FLOOD_RETURN, "已办结", "先不要返回", "范围缩小"),
    ],
)
def test_who_answers_what_is_over_is_told_so_in_its_own_words(
    hazard: Hazard, lifted: str, cancelled: str, outside: str
) -> None:
    def told(state: State, call: Call = s.CALL) -> str:
        alert = replace(s.ALERT, hazard=hazard, state=state, lifted_at=s.NOW)
        result = CallResult(CallOutcome.CLOSED, call, alert, s.VILLAGER)
        taken = Taken(Taking.OVER, result=result)
        return answer_words(taken, "敦化市", "zh", spoken=False, duty="12119")

    assert lifted in told(State.LIFTED)
    assert cancelled in told(State.CANCELLED)
    assert outside in told(State.RELEASED, s.CALL._replace(state=CallState.LEFT_OUT))


def test_whose_answer_counts_no_more_hears_that_and_not_what_was_before_it() -> None:
    """Not that it is for them again, nor that the level rose: that they had answered."""

    def why(call: Call, kind: Withdrawal, reason: str = "") -> str:
        last = WithdrawnAnswer(call.id, kind, s.NOW, 2, reason, s.START, s.START, Via.BUTTON)
        return why_asked(call, "升级为红色", "zh", remind=False, withdrawn=last, by="李值班")

    included = s.CALL._replace(steps=INCLUDED)
    for answered in (s.ACKNOWLEDGED, s.ACKNOWLEDGED._replace(steps=INCLUDED)):
        waits = asked_again(answered, s.NOW)
        assert why(waits, Withdrawal.TAKEN_BACK) == "先前的回应已撤回，请重新回应。"
        doubted = why(waits, Withdrawal.DOUBTED, "电话打不通")
        assert doubted == "李值班对您先前的回应存疑，原因：电话打不通。请重新回应。"
        assert why(waits, Withdrawal.RAISED) == "升级为红色，请重新回应。"
        # Asked of everybody since: that is why.
        later = waits._replace(called_at=s.NOW + timedelta(minutes=1))
        assert why(later, Withdrawal.TAKEN_BACK) == "升级为红色，请重新回应。"
    assert why(included, Withdrawal.TAKEN_BACK) == ""
    back = s.CALL._replace(steps=INCLUDED | ASKED_AGAIN, called_at=s.NOW + timedelta(minutes=1))
    assert why(back, Withdrawal.TAKEN_BACK) == "范围又包括您这里，请重新回应。"


def test_a_link_in_the_middle_of_chinese_takes_nothing_with_it() -> None:
    linked = replace(
        s.ALERT, description="详见https://jl.gov.cn/a?b=1，立即转移；或www.jl.cn。快走"
    )
    text = spoken_text(linked, "敦化市", SENDER, "zh", why="")
    assert "详见，立即转移；或。快走" in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("status", list(Status))
def test_the_place_is_cut_before_the_level_is(language: str, status: Status) -> None:
    alert = replace(s.ALERT, status=status)
    places = "、".join(["延边朝鲜族自治州敦化市"] * 3) + "等12地"
    named = template_variables(alert, places, SENDER, language)["warning"]
    level = "红色预警" if language == "zh" else "red warning"
    assert level in named and "…" in named and len(named) <= LONGEST_VARIABLE
