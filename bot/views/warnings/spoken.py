"""A warning as a telephone speaks it and as an SMS says it: plain text, nothing to tap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo

from alerts.acknowledge import CallResult
from alerts.calls import ASKED_AGAIN, Call
from alerts.channels.answers import Taken, Taking
from alerts.model import Alert, State
from alerts.withdrawals.model import Withdrawal, WithdrawnAnswer, lost_answer
from bot.locale import N_, translator
from bot.views.clock import BEIJING, day_clock
from bot.views.screen import shorten
from bot.views.vocabulary import doubt_reason, headline
from bot.views.warnings.parts import exercise_mark

LONGEST_VARIABLE = 35
"""Characters of one variable of a registered template: carriers refuse longer ones."""

TEXT_VARIABLES = 3
"""So many of them hold the warning's own words; what does not fit is spoken, not written."""

AGAIN_KEY = "9"

KEYS: Mapping[str, str] = {"1": "acknowledge", "2": "help", AGAIN_KEY: "again"}
"""What the keys of a telephone mean while the warning is spoken."""

NEWS_KEYS: Mapping[str, str] = {AGAIN_KEY: "again"}
"""The same while something is told that asks for no answer."""

# Carriers drop an SMS with a link, and nobody listens to one. Chinese around it has no blanks.
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)[!-~]+", re.ASCII | re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_CHARACTERS_A_SECOND = {"zh": 5.0, "en": 15.0}  # spoken quickly: shorter is not heard

_AGAIN = N_("还没有收到您的回应。")
_BACK = N_("范围又包括您这里，请重新回应。")
_TAKEN_BACK = N_("先前的回应已撤回，请重新回应。")
_DOUBTED = N_("{by}对您先前的回应存疑，原因：{reason}。请重新回应。")

_REASON = 20
"""Characters of why an answer is doubted: an officer may have written more."""


def why_asked(
    call: Call | None,
    raised: str,
    language: str,
    *,
    remind: bool,
    withdrawn: WithdrawnAnswer | None = None,
    by: str = "",
) -> str:
    """Why somebody is asked who was before, as a sentence; empty where it is for the first time.

    :param raised: that the level rose, or its like; empty: it did not.
    :param remind: it was said before and not answered.
    :param withdrawn: the last answer that counts no more; ``by`` is the officer who doubts it.
    """
    _ = translator(language)
    if remind:
        return _(_AGAIN)
    if call is None or not call.steps & ASKED_AGAIN:
        return ""
    if (lost := lost_answer(call, withdrawn)) is not None:
        if lost.kind is Withdrawal.TAKEN_BACK:
            return _(_TAKEN_BACK)
        reason = shorten(doubt_reason(lost.reason, language), _REASON)
        return _(_DOUBTED).format(by=by or _("值班员"), reason=reason)
    if call.included:
        return _(_BACK)
    return _("{what}，请重新回应。").format(what=raised) if raised else ""


def spoken_text(alert: Alert, place: str, sender: str, language: str, *, why: str) -> str:
    """What the telephone says, with the keys at its end.

    :param sender: in whose name it is released; may be empty.
    :param why: of ``why_asked``.
    """
    _ = translator(language)
    return _("{exercise}{sender}紧急叫应。{again}{warning}。{text}{keys}").format(
        exercise=_("这是演练。") if alert.exercise else "",
        sender=sender,
        again=why,
        warning=headline(alert.level, alert.hazard, place, language),
        text=_sentence(_words(alert, language), language),
        keys=_("收到请按1，需要支援请按2，重听请按9。"),
    )


def spoken_news(alert: Alert, place: str, sender: str, words: str, language: str) -> str:
    """What the telephone says when nothing is asked: the warning is over, where to go."""
    _ = translator(language)
    return _("{exercise}{sender}通知。{warning}，{text}。重听请按9，听完请挂机。").format(
        exercise=_("这是演练。") if alert.exercise else "",
        sender=sender,
        warning=headline(alert.level, alert.hazard, place, language),
        text=words.rstrip("。."),
    )


def written_text(alert: Alert, place: str, sender: str, language: str, *, why: str) -> str:
    """What the SMS says: as short as its variables, and how to answer."""
    _ = translator(language)
    variables = template_variables(alert, place, sender, language)
    text = "".join(variables[f"text{number}"] for number in range(1, TEXT_VARIABLES + 1))
    return _("{warning}：{again}{text}收到请回复1。{sender}").format(
        warning=variables["warning"],
        text=_sentence(text, language),
        again=why,
        sender=variables["sender"],
    )


def template_variables(alert: Alert, place: str, sender: str, language: str) -> dict[str, str]:
    """The parts of the SMS for a registered template, each short enough for every carrier."""
    return warning_variables(alert, place, sender, _words(alert, language), language)


def warning_variables(
    alert: Alert, place: str, sender: str, words: str, language: str
) -> dict[str, str]:
    """The same with other words about the warning."""
    if len(words) > TEXT_VARIABLES * LONGEST_VARIABLE:
        words = words[: TEXT_VARIABLES * LONGEST_VARIABLE - 1] + "…"
    pieces = [
        words[start : start + LONGEST_VARIABLE]
        for start in range(0, TEXT_VARIABLES * LONGEST_VARIABLE, LONGEST_VARIABLE)
    ]
    return {
        "warning": _named(alert, place, language),
        **{f"text{number}": piece for number, piece in enumerate(pieces, start=1)},
        "sender": _short(sender),
    }


_ANSWERS = {
    Taking.RECORDED: N_("已记录您收到{warning}。"),
    Taking.ALREADY: N_("之前已记录您收到{warning}。"),
    Taking.OVER: N_("{warning}：您不用回应了。"),
    Taking.TAKEN_BACK: N_("{warning}：已撤回您的回应，重新叫应。看到请回复1"),
    Taking.KEPT: N_("{warning}：没有撤回，过时了或已有报告。请打电话 {duty}"),
    Taking.HELP: N_("已记录您收到{warning}，并已告知上级您需要支援。"),
    Taking.AGAIN: N_("请再听一遍。"),
    Taking.NO_CALL: N_("现在没有等您回应的叫应。"),
    Taking.WHICH_PERSON: N_("这个号码有几个人：{names}。没有记录，请回复姓名和1，如：{first} 1"),
    Taking.WHOSE: N_("这个号码有几个人：{names}。没有撤回，请回复姓名和撤回，如：{first} 撤回"),
    Taking.STRANGER: N_("这个号码不在名册里，没有记录。有事请打电话 {duty}"),
    Taking.REPEATED: N_("已记录。"),
}
_OVER = {
    State.LIFTED: N_("{warning}已解除（{time}），不用再回应。"),
    State.CANCELLED: N_("{warning}是误发，已取消（{time}），不用再回应。"),
    State.EXPIRED: N_("{warning}已到期（{time}），不用再回应。"),
}
_RESPONSE_OVER = _OVER | {
    State.LIFTED: N_("{warning}已终止（{time}），不用再回应。"),
    State.CANCELLED: N_("{warning}是误启动，已取消（{time}），不用再回应。"),
}
_RETURN_OVER = _OVER | {
    State.LIFTED: N_("{warning}已办结（{time}），不用再回应。"),
    State.CANCELLED: N_("{warning}已取消（{time}）。先不要返回，不用再回应。"),
}
_OUTSIDE = N_("{warning}范围缩小，您这里不再适用，不用再回应。")
_RESPONSE_OUTSIDE = N_("{warning}已调整，不再叫应您，不用再回应。")
_BEFORE = N_("{warning}：您之前的答复已不算，请再回复1")
_AND_PASSED_ON = N_("您写的话已转给值班员。")
_OTHER_KEY = N_("没有这个按键，没有记录。收到请按1，需要支援请按2，重听请按9。")
_OTHER_WORDS = N_("没有记为收到。收到请只回复1，有事请打电话 {duty}")
_PASSED_ON = N_("已转给值班员。急事请打电话 {duty}")
_PASSED_ON_OPEN = N_("已转给值班员，没有记为收到。收到请只回复1，急事请打电话 {duty}")
_MORE_OPEN = N_("您还有 {count} 条没有回应，请再回复1。")


def answer_words(
    taken: Taken,
    place: str,
    language: str,
    *,
    spoken: bool,
    duty: str,
    passed_on: bool = False,
    zone: tzinfo = BEIJING,
) -> str:
    """What is said to whoever pressed a key or wrote back.

    :param place: what the warning is for, where the answer meant one.
    :param spoken: by telephone; else by SMS.
    :param duty: the number to ring up.
    :param passed_on: an officer reads what they wrote.
    """
    _ = translator(language)
    if taken.taking is Taking.STRANGER and not spoken:
        return ""  # an advertisement, or another automat: they would write to each other for ever
    if taken.taking is Taking.NOT_UNDERSTOOD:
        words = _(_other_words(spoken=spoken, passed_on=passed_on, asked=taken.others > 0))
    elif taken.taking is Taking.AGAIN and taken.result is not None and not spoken:
        words = _(_BEFORE)
    elif taken.taking is Taking.OVER and taken.result is not None:
        words = _(_why_over(taken.result))
    else:
        words = _(_ANSWERS[taken.taking])
    warning = at = ""
    if taken.result is not None:
        alert = taken.result.alert
        mark = exercise_mark(alert.exercise, language)
        warning = mark + headline(alert.level, alert.hazard, place, language)
        at = day_clock(alert.ended_at, zone)
    names = [person.name for person in taken.persons]
    said = words.format(
        warning=warning,
        time=at,
        names=_("、").join(names),
        first=names[0] if names else "",
        duty=duty,
    )
    if passed_on and taken.taking is not Taking.NOT_UNDERSTOOD:
        said += _(_AND_PASSED_ON)
    if taken.answered and taken.others:
        said += _(_MORE_OPEN).format(count=taken.others)
    return said


def _why_over(result: CallResult) -> str:
    """Why nothing is to be answered any more."""
    hazard = result.alert.hazard
    ends = _RESPONSE_OVER if hazard.response else _OVER
    ended = (_RETURN_OVER if hazard.homeward else ends).get(result.alert.state)
    if ended is not None:
        return ended
    if not result.call.left_out:
        return _ANSWERS[Taking.OVER]
    return _RESPONSE_OUTSIDE if hazard.response else _OUTSIDE


def _other_words(*, spoken: bool, passed_on: bool, asked: bool) -> str:
    """To a key or words that are no answer; ``asked``: they have still to give one."""
    if spoken:
        return _OTHER_KEY
    if not passed_on:
        return _OTHER_WORDS
    return _PASSED_ON_OPEN if asked else _PASSED_ON


def speaking_seconds(text: str, language: str) -> float:
    """How long a quick voice takes for it: whoever hung up before has not heard it."""
    a_second = _CHARACTERS_A_SECOND["zh" if language.startswith("zh") else "en"]
    return round(len(text) / a_second, 1)


def _named(alert: Alert, place: str, language: str) -> str:
    """Which warning: an exercise says so first; the place is cut before the level is.

    Not 【演练】: carriers take what stands in 【】 at the beginning for the sender's signature.
    """
    mark = translator(language)("演练：") if alert.exercise else ""
    around = len(headline(alert.level, alert.hazard, "x", language)) - 1
    room = LONGEST_VARIABLE - len(mark) - around
    cut = place if len(place) <= room else place[: max(0, room - 1)] + "…"
    return _short(mark + headline(alert.level, alert.hazard, cut, language))


def _words(alert: Alert, language: str) -> str:
    """The warning's own words in one line, without links; template lines in the reader's words."""
    _ = translator(language)
    lines = " ".join(_(line) for line in alert.description.strip().splitlines())
    return _BLANKS.sub(" ", _LINK.sub("", lines)).strip()


def _sentence(text: str, language: str) -> str:
    """With its end: without one, what follows is read as part of it."""
    if text.endswith(("。", ".", "！", "!", "？", "?", "…", "；", ";")):
        return text
    return text + ("。" if language.startswith("zh") else ".")


def _short(text: str) -> str:
    fits = len(text) <= LONGEST_VARIABLE
    return text if fits else text[: LONGEST_VARIABLE - 1] + "…"
