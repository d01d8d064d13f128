"""What the outbox can say: the kinds of message, and what each is about. Pure.

A message is queued with what it is about only; the words come from the facts at the moment it
leaves (``bot.messages``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from alerts.account_events import AccountEvent
from alerts.cut_off.model import News
from alerts.escalation import Step
from alerts.outbox.codec import stored_as
from alerts.oversight.findings import FindingKind, Telling
from alerts.patrol.distress.model import Press
from alerts.patrol.red_days.model import AskKind
from alerts.patrol.shifts.model import Rung
from alerts.silence import Only
from alerts.withdrawals.model import Again


class MessageKind(Enum):
    """What is to be said; ``bot.messages`` and ``bot.views`` know the words."""

    __hash__ = object.__hash__  # each is there once; Enum's hashes its name anew at every look

    CALL = "call"  # the warning, to one person, with the button 收到
    REMIND = "remind"  # the same again, louder
    POST = "post"  # the warning in a group; later edits show the progress
    CHASE = "chase"  # names the silent in their group: the other channel
    CANCEL = "cancel"  # the warning is lifted, cancelled or over: to one person or group
    OVER = "over"  # edit of a list or post when its warning has ended: its buttons go
    ANSWERED = "answered"  # edit of the call's message: what to do now
    STOOD_DOWN = "stood_down"  # to a stand-in: the person stood in for is there
    STAND_IN_TOO = "stand_in_too"  # to a stand-in who is called for a post of their own already
    REPORT_DUE = "report_due"
    UNREPORTED_LIST = "unreported_list"  # who has answered but not reported, to an officer
    SILENT_LIST = "silent_list"  # who has not answered, to an officer
    SILENT_LIST_EDIT = "silent_list_edit"  # somebody on it has answered meanwhile
    SILENT_SHEET = "silent_sheet"  # the same as a spreadsheet, to whoever asked for it
    LEDGER_SHEET = "ledger_sheet"  # the ledger of calls, to whoever asked for it
    CUT_OFF_LIST = "cut_off_list"  # villages that are cut off, to the officers above
    ERRAND = "errand"  # to whoever is sent to such a village
    CHASE_EDIT = "chase_edit"  # somebody named in a group has answered meanwhile
    HELP_WANTED = "help_wanted"  # a responsible person cannot comply or needs help
    HELP_NEWS = "help_news"  # to whoever needs help: who has taken it on, or that it is settled
    CONFIRM = "confirm"  # asks a second commander
    CHANGED = "changed"  # what changed of a warning: to whoever goes on, or a group
    NARROWED = "narrowed"  # it is no more for where they are: to one person or group
    CONFIRM_CHANGE = "confirm_change"  # asks a second commander about a change
    CHANGE_DECIDED = "change_decided"  # what became of it: to whoever proposed the change
    RELEASED = "released"  # tells the sender that the warning went out, or was refused
    EXPIRY_ASKED = "expiry_asked"  # it expires soon: is it to hold longer, or is it over?
    STILL_SEND = "still_send"  # asks whether a warning overdue by too much is still to be sent
    CARD = "card"  # the commander's progress card
    POST_CARD = "post_card"  # edit of a group's post
    SUMMARY = "summary"
    DISTRESS = "distress"
    DISTRESS_SENT = "distress_sent"  # to whoever called: how it stands, and what to press
    DISTRESS_UPDATE = "distress_update"
    FIELD_REPORT = "field_report"
    RED_DAY = "red_day"  # the orders of a red danger day, or the zero report asked for
    RED_DAY_SILENT = "red_day_silent"  # who has not answered, to the county's duty officer
    RED_DAY_FIRE = "red_day_fire"  # somebody answered that there is a fire
    CLOSED_TIME = "closed_time"  # no fire outdoors from now on, or no more
    OVERSIGHT = "oversight"  # something of jiaoying itself stands still, to the top's duty officer
    ACCOUNT_NEWS = "account_news"  # whose account it is, of a post with rights: to the tier above
    REPLY = "reply"  # a request as it is, from a process that does not hold the bot's pace
    CHECK_IN_MISSED = "check_in_missed"  # to a patroller whose position is overdue
    PATROL_SILENT = "patrol_silent"  # the silent patrollers, to the station or the county
    PATROL_BACK = "patrol_back"  # they checked in, or were reached: to those told of the silence
    HOTSPOT_TASK = "hotspot_task"  # asks a patroller to go and look
    HOTSPOT_SPOT = "hotspot_spot"  # the place on the map, to who accepted
    HOTSPOT_TAKEN = "hotspot_taken"  # somebody else goes, or it is over: no need to
    HOTSPOT_DUE = "hotspot_due"  # the verdict is overdue, to who accepted
    HOTSPOT_LIST = "hotspot_list"  # tasks without verdict, to the county's officers
    HOTSPOT_ALARM = "hotspot_alarm"  # a forest fire, or many pixels: to the county, with a draft
    HOTSPOT_VERDICT = "hotspot_verdict"  # what it was, to those who had heard of it
    ROLL_CALL = "roll_call"  # asks for a position: the one button sends it
    ROLL_CALL_RESULT = "roll_call_result"  # edit of the result in the chat of whoever called
    ROLL_CALL_SILENT = "roll_call_silent"  # it is over: who is silent, to those in charge
    ROSTER_ASK = "roster_ask"  # still you, still these places?
    ROSTER_DENIED = "roster_denied"  # somebody answered no: to the tier above
    ROSTER_SILENT = "roster_silent"  # who has not answered that, to those in charge
    PROPOSED = "proposed"  # a warning that a machine proposes: to be released or not
    PROPOSED_LIST = "proposed_list"  # so many of them that they are not said one by one
    STAGE_ASK = "stage_ask"  # asks whether a stage of a plan goes out
    STAGE_NEWS = "stage_news"  # a plan went on, or ended, by itself: to whoever planned it
    DUTY_GAPS = "duty_gaps"  # nobody is on a division's plan then: to the head of office
    DUTY_ASKED = "duty_asked"  # asks a colleague to take a shift, a part of one, a gap
    DUTY_NEWS = "duty_news"  # what became of that; who took over a watch
    DUTY_HANDOVER = "duty_handover"  # what is open when a watch changes hands
    PATROL_SHEET = "patrol_sheet"  # what patrols came to, as a workbook, to whoever asked for it
    PICTURE = "picture"  # a map, drawn when it is about to leave
    SKY_PICTURE = "sky_picture"  # the newest of a satellite or radar, to a command group
    SHELTER_FULL = "shelter_full"  # more have arrived than it holds: to the duty officers
    SKY_STOPPED = "sky_stopped"  # that no new one has come for long
    TASK_NEWS = "task_news"  # tasks of a list: given, due, sent back, over; to whoever has them
    TASK_CHECK = "task_check"  # one was submitted, or is to be prolonged: to whoever may check it
    TASK_ABOVE = "task_above"  # tasks that are overdue or not checked, to the tiers above
    TASK_EVIDENCE = "task_evidence"  # a file that came with one
    RING_UP = "ring_up"  # whom no channel tells that a warning is over: to a duty officer
    LISTS_TOLD = "lists_told"  # which lists make tasks: once, after an office's first warning
    DAILY_REPORT = "daily_report"  # what the day came to, to those who read it
    DAILY_FILE = "daily_file"  # a day, week or month as a file, to an officer who asked
    DAILY_REMARK = "daily_remark"  # what the tier above says about it


@dataclass(frozen=True, slots=True)
class Message:
    """What is said in one delivery: its kind and what it is about. The base of those below.

    The parameters of a kind are the fields of its class; how they are stored follows from them
    (``alerts.outbox.codec``). A kind without parameters has no class: there the kind says it all.
    """

    kind: ClassVar[MessageKind]


# -- warnings --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WarningCall(Message):
    """The warning to one person; a stand-in reads the name of whoever did not answer."""

    kind = MessageKind.CALL
    stand_in_for: str | None = field(default=None, metadata=stored_as("for"))


@dataclass(frozen=True, slots=True)
class StandInToo(Message):
    """Somebody whose next in rank is called already is silent (the call ``silent``).

    ``over``: they are there, or struck off: nobody has to stand in any more.
    """

    kind = MessageKind.STAND_IN_TOO
    silent: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Reminder(Message):
    """The warning again, so many minutes after the call; or because they are called ``again``.

    ``by`` and ``reason``: the officer who doubts the answer, and why.
    """

    kind = MessageKind.REMIND
    minutes: int = 0
    again: Again | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GroupPost(Message):
    """The warning in the group of a division."""

    kind = MessageKind.POST
    division: str = ""


@dataclass(frozen=True, slots=True)
class Chase(Message):
    """Names the silent of a division in its group.

    ``shown``, a digest of who is named, is kept here after it was sent.
    """

    kind = MessageKind.CHASE
    division: str
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class ChaseEdit(Message):
    """The post that names the silent of a division, as things stand now."""

    kind = MessageKind.CHASE_EDIT
    division: str
    message_id: int = field(metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class Over(Message):
    """A message that was of kind ``was``, edited because its warning has ended.

    ``number``: of the change that it told.
    """

    kind = MessageKind.OVER
    was: MessageKind
    message_id: int = field(metadata=stored_as("message"))
    number: int | None = None


@dataclass(frozen=True, slots=True)
class SilentList(Message):
    """Who of a division (empty: of the whole warning) has not answered.

    What the message shows now is kept here after it was sent: ``page``, from 0 (``None`` while the
    officer looks at one person or chooses a place), of which part of the list (``within`` a
    division, ``only`` some), and ``shown``, a digest of what is listed.
    """

    kind = MessageKind.SILENT_LIST
    step: Step | None = None  # the rung that brought it
    division: str = ""
    page: int | None = 0
    shown: str | None = None
    within: str = ""
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class SilentListEdit(Message):
    """The page of a silent list that is in the chat already, as things stand now."""

    kind = MessageKind.SILENT_LIST_EDIT
    division: str
    page: int
    message_id: int = field(metadata=stored_as("message"))
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class SilentSheet(Message):
    """Who of a division (empty: of the whole warning) has not answered, as a spreadsheet."""

    kind = MessageKind.SILENT_SHEET
    division: str = ""
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class LedgerSheet(Message):
    """The ledger of the calls of a division (empty: of the whole warning), as a workbook."""

    kind = MessageKind.LEDGER_SHEET
    division: str = ""


@dataclass(frozen=True, slots=True)
class CutOffList(Message):
    """Villages that are cut off, of those an officer looks after; and what is new.

    ``news``: what happened in the village of ``cut_off``, by the runner of ``errand`` if any.
    """

    kind = MessageKind.CUT_OFF_LIST
    news: News | None = None
    cut_off: int | None = None
    errand: int | None = None


@dataclass(frozen=True, slots=True)
class ErrandAsk(Message):
    """Asks somebody to go to a village; ``again``: once more. ``over``: there is no need to."""

    kind = MessageKind.ERRAND
    errand: int
    again: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class HelpWanted(Message):
    """Who cannot comply or needs help, of those the officer looks after.

    ``again``: nobody new, but a reason became known: the list in the chat is edited.
    """

    kind = MessageKind.HELP_WANTED
    again: bool = field(default=False, metadata=stored_as("edit"))


@dataclass(frozen=True, slots=True)
class HelpNews(Message):
    """To whoever needs help: who has taken it on, or that it is settled."""

    kind = MessageKind.HELP_NEWS
    request_id: int = field(metadata=stored_as("request"))


# -- who is who ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountNews(Message):
    """What became of the account of somebody whose post gives rights.

    Where it is ``ASKED`` whether an account is theirs, ``account`` is its number. ``by``: who
    approved it, or untied it. ``division`` and ``role`` are those of a post that was taken.
    ``token``: the number of one that was made.
    """

    kind = MessageKind.ACCOUNT_NEWS
    person_id: int = field(metadata=stored_as("person"))
    event: AccountEvent
    account: int | None = None
    by: int | None = None
    division: str = ""
    role: str = ""
    token: int | None = None


# -- jiaoying itself ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OversightNotice(Message):
    """What the watch over jiaoying itself found, or that it is over."""

    kind = MessageKind.OVERSIGHT
    finding: FindingKind = field(metadata=stored_as("kind"))
    telling: Telling
    since: datetime
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RelayedRequest(Message):
    """A request as it is: ``payload`` are the parameters of Telegram's ``method``.

    Of files that were given to other bots, ``file_owners`` names the bot of each by its file id;
    ``words`` are the parameters of the message to send when one cannot be had.
    """

    kind = MessageKind.REPLY
    method: str
    payload: Mapping[str, Any]
    file_owners: Mapping[str, int] | None = None
    words: Mapping[str, Any] | None = None


# -- patrols -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PatrolSilent(Message):
    """The patrollers of these divisions who are silent, told to the officers of a rung."""

    kind = MessageKind.PATROL_SILENT
    divisions: tuple[str, ...]
    rung: Rung


@dataclass(frozen=True, slots=True)
class PatrolBack(Message):
    """Patrollers who checked in again, or were reached by the officer ``by``."""

    kind = MessageKind.PATROL_BACK
    people: tuple[int, ...]
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Distress(Message):
    """A call for help, of this round, to somebody ``away`` metres from there if that is known."""

    kind = MessageKind.DISTRESS
    distress_id: int = field(metadata=stored_as("distress"))
    round: int
    away: float | None = None


@dataclass(frozen=True, slots=True)
class DistressSent(Message):
    """To whoever called for help: that it leaves soon, or to whom it left.

    ``press``: what came of the press it answers. With ``message_id`` it is an edit of an earlier
    one, which has nothing to be pressed any more.
    """

    kind = MessageKind.DISTRESS_SENT
    distress_id: int = field(metadata=stored_as("distress"))
    press: Press = Press.SENT
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class DistressUpdate(Message):
    """A call for help has news: ``state``, or the names of what was added to it.

    ``clear``: no news, but the question whether whoever called is safe. ``where``: whoever called
    is asked for position and picture.

    With ``message_id`` it takes the buttons of that message away, or that question itself.
    """

    kind = MessageKind.DISTRESS_UPDATE
    distress_id: int = field(metadata=stored_as("distress"))
    news: tuple[str, ...] = ()
    message_id: int | None = field(default=None, metadata=stored_as("message"))


@dataclass(frozen=True, slots=True)
class FieldReports(Message):
    """A report from the spot, or several in one album; ``words``: without the file."""

    kind = MessageKind.FIELD_REPORT
    reports: tuple[int, ...] = ()
    words: bool = False
    report: int | None = None  # the only one, as an earlier release stored it

    @property
    def ids(self) -> tuple[int, ...]:
        """The reports to be shown."""
        return self.reports if self.report is None else (*self.reports, self.report)


@dataclass(frozen=True, slots=True)
class RedDayAsk(Message):
    """The orders of a red danger day, or the zero report asked for; ``again``: a reminder."""

    kind = MessageKind.RED_DAY
    ask_id: int = field(metadata=stored_as("ask"))
    again: bool


@dataclass(frozen=True, slots=True)
class RedDaySilent(Message):
    """Who has not answered: the first of ``total`` asks."""

    kind = MessageKind.RED_DAY_SILENT
    asked: AskKind = field(metadata=stored_as("kind"))
    total: int
    asks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RedDayFire(Message):
    """Somebody answered that there is a fire."""

    kind = MessageKind.RED_DAY_FIRE
    ask_id: int = field(metadata=stored_as("ask"))


@dataclass(frozen=True, slots=True)
class RollCallAsk(Message):
    """Asks for a position; ``again``: a reminder."""

    kind = MessageKind.ROLL_CALL
    roll_call_id: int = field(metadata=stored_as("roll_call"))
    again: bool


@dataclass(frozen=True, slots=True)
class RollCallResult(Message):
    """How a roll call stands, in the chat of whoever called it."""

    kind = MessageKind.ROLL_CALL_RESULT
    roll_call_id: int = field(metadata=stored_as("roll_call"))


@dataclass(frozen=True, slots=True)
class RollCallSilent(Message):
    """Who was silent to the end of a roll call."""

    kind = MessageKind.ROLL_CALL_SILENT
    roll_call_id: int = field(metadata=stored_as("roll_call"))


# -- maps ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture(Message):
    """A map of a roll call, of a hotspot or of an evacuation card; the curve of a gauge
    (``code:quantity``); the chart of the tasks of a division (``chart``: its code), or these in a
    workbook (``sheet``).

    ``new``: not in the place of the last one.
    """

    kind = MessageKind.PICTURE
    roll_call_id: int | None = field(default=None, metadata=stored_as("roll_call"))
    hotspot_id: int | None = field(default=None, metadata=stored_as("hotspot"))
    new: bool = False
    gauge: str = ""
    chart: str = ""
    sheet: bool = False
    card_id: int | None = field(default=None, metadata=stored_as("card"))
