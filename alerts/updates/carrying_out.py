"""A change of a warning reaches everybody it concerns: at once, or of many a part at a time.

The change itself is committed already: what the warning says now, it says to all. How far this has
got is a row, so a process that is killed leaves the rest to the next. Of several changes of one
warning the first is finished first; each finds what has become of the warning meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import (
    alert_message_store,
    alert_store,
    call_post_store,
    call_store,
    one_card_store,
    progress_store,
    release_store,
    stand_in_store,
    uncalled_store,
)
from alerts.cards import progress_card_store
from alerts.channels import news
from alerts.cut_off.finding import end_left_out
from alerts.lifecycle import ASKING, TOLD, AlertMessage, ChangeKind
from alerts.model import Alert
from alerts.outbox import called_store, end_store
from alerts.outbox import store as outbox_store
from alerts.outbox.change_messages import ChangeNews, NoMoreHere
from alerts.outbox.deliveries import NewDelivery
from alerts.outbox.lanes import Lane, LaneOrder
from alerts.outbox.messages import MessageKind
from alerts.preview import groups_of, whom_of
from alerts.release import first_due, queue_posts
from alerts.reopening import open_again
from alerts.rules import LANES, Rules
from alerts.standing_down import end_standing_in
from alerts.updates import concerned_store, posts_store, unfinished_store
from alerts.updates.fate import Fate, Standing, fate, relieves, rise_undone, taken_back
from alerts.updates.unfinished_store import CALLS, NEW, REST, Unfinished
from alerts.validity import in_force
from alerts.withdrawals import store as withdrawal_store
from contacts.targeting import Audience
from contacts.targeting_store import audience_query
from data import set_aside
from data.audit import Entry, append
from data.database import Connection

PART = 2_000
"""Calls dealt with in one transaction (ours): some tenths of a second at the most."""

AT_ONCE = 1_000
"""So many are dealt with in the transaction of the change itself (ours): a county's."""

AGAIN_AFTER = timedelta(minutes=1)
"""Until a change that was set aside is tried again (ours)."""

_TOPIC = "update"
_NEW_CALLS = ASKING | {ChangeKind.ADD_AREA}
_OF_CALLS = (
    MessageKind.CALL,
    MessageKind.REMIND,
    MessageKind.REPORT_DUE,
    MessageKind.CHANGED,
)
"""What is said no more to whoever is asked again: it is said anew, or meant what was before."""

_OF_MANY = (MessageKind.CHASE, MessageKind.SILENT_LIST)
"""The same, of who was silent then."""


def anything_unfinished(connection: Connection, now: datetime) -> bool:
    """Whether ``carry_on`` would find something to do."""
    return _next(connection, now) is not None


def carry_on(connection: Connection, rules: Rules, now: datetime, *, limit: int = PART) -> int:
    """Do the next part of a change; returns 0 when none is unfinished."""
    unfinished = _next(connection, now)
    if unfinished is None:
        return 0
    step(connection, unfinished, rules, now, limit)
    return limit


def carry_out(
    connection: Connection, unfinished: Unfinished, rules: Rules, now: datetime
) -> Unfinished | None:
    """Do as much as goes at once; what is left, or ``None``."""
    left: Unfinished | None = unfinished
    if not _is_next(connection, unfinished) or _is_large(connection, unfinished, rules):
        return left
    while left is not None:
        begun = left.step
        left = step(connection, left, rules, now, AT_ONCE)
        if left is not None and left.step == begun:  # there are more of these
            break
    return left


def set_next_aside(connection: Connection, now: datetime, error: BaseException) -> bool:
    """Set aside the change that would be carried on, for the others; whether there was one."""
    unfinished = _next(connection, now)
    if unfinished is None:
        return False
    set_aside.note(connection, _TOPIC, unfinished.alert_id, error, now, AGAIN_AFTER)
    return True


def step(
    connection: Connection, unfinished: Unfinished, rules: Rules, now: datetime, limit: int
) -> Unfinished | None:
    """Do the next part of this change; returns how far it is then, ``None``: done."""
    alert = alert_store.alert(connection, unfinished.alert_id)
    message = alert_message_store.numbered(connection, unfinished.alert_id, unfinished.number)
    if alert is None or message is None or not in_force(alert, now):
        unfinished_store.end(connection, unfinished.alert_id)  # ended meanwhile
        return None
    part = _Part(connection, alert, message, rules, now)
    after = part.take(unfinished, limit)
    if after is None:
        unfinished_store.end(connection, alert.id, unfinished.number)
    else:
        unfinished_store.save(connection, after)
    return after


def _next(connection: Connection, now: datetime) -> Unfinished | None:
    aside = [int(row) for row in set_aside.waiting(connection, _TOPIC, now)]
    return unfinished_store.first(connection, but=aside)


def _is_large(connection: Connection, unfinished: Unfinished, rules: Rules) -> bool:
    """Whether it concerns more than one transaction takes: then it begins with the next look."""
    counted = progress_store.of_divisions(connection, unfinished.alert_id, [""])[""]
    if counted.calls > AT_ONCE:
        return True
    alert = alert_store.alert(connection, unfinished.alert_id)
    assert alert is not None
    return release_store.more_than(connection, whom_of(connection, alert, rules), AT_ONCE)


def _is_next(connection: Connection, unfinished: Unfinished) -> bool:
    """Whether nothing of the same warning is to be finished before."""
    if release_store.is_unfinished(connection, unfinished.alert_id):
        return False
    return not unfinished_store.anything_before(connection, unfinished)


class _Part:
    """A part of one change, at one moment."""

    def __init__(
        self,
        connection: Connection,
        alert: Alert,
        message: AlertMessage,
        rules: Rules,
        now: datetime,
    ) -> None:
        self.connection = connection
        self.alert = alert
        self.message = message
        self.rules = rules
        self.now = now
        self.raised = bool(ASKING.intersection(message.kinds))
        self.staged = ChangeKind.STAGE in message.kinds or alert.hazard.response
        history = alert_message_store.of_alert(connection, alert.id)
        if self.raised and taken_back(history, message.number, alert.level):
            self.raised = False  # whom it has not got to by now it asks no more
        # If by then it had got to everybody, an answer to what was asked before counts no more:
        # the groups get a post with a button of now.
        self.posts_anew = self.raised or (
            bool(ASKING.intersection(message.kinds)) and alert.asked_version >= message.number
        )
        self.told = not self.raised and bool(TOLD.intersection(message.kinds))
        self.rose_at = None if self.raised else rise_undone(history, message.number)
        self.lane = LANES[alert.level]

    @property
    def whom(self) -> Audience:
        """Whom the warning is for, as it is now."""
        return whom_of(self.connection, self.alert, self.rules)

    def take(self, unfinished: Unfinished, limit: int) -> Unfinished | None:
        """The next step; returns how far it is then, ``None``: done."""
        if unfinished.step == CALLS:
            return self._calls(unfinished, limit)
        if unfinished.step == NEW:
            return self._new(unfinished, limit)
        self._rest(unfinished)
        return None

    def _calls(self, unfinished: Unfinished, limit: int) -> Unfinished:
        """Whoever has a call already: asked again, told, stood down, or left alone."""
        connection, alert = self.connection, self.alert
        if self.raised and not (unfinished.asked or unfinished.told or unfinished.stood_down):
            sent_at = self.message.sent_at
            outbox_store.drop_queued(connection, alert.id, *_OF_MANY, before=sent_at)
        found = concerned_store.standings(
            connection, alert.id, self.whom, unfinished.calls_after, unfinished.calls_upto, limit
        )
        fates: dict[Fate, list[int]] = {one: [] for one in Fate}
        elsewhere = []
        for call in found:
            what = self._fate(call)
            fates[what].append(call.id)
            # Of other channels it is known there whom the warning has reached.
            if what is Fate.TELL or self._fate(call._replace(heard=True)) is Fate.TELL:
                elsewhere.append(call.id)
        self._stand_down(fates[Fate.STAND_DOWN], fates[Fate.DROP])
        self._ask(fates[Fate.ASK])
        self._tell(fates[Fate.TELL])
        if elsewhere:
            news.tell_changed(connection, alert.id, elsewhere, self.message, self.rules, self.now)
        return replace(
            unfinished,
            calls_after=found[-1].id if found else unfinished.calls_after,
            step=CALLS if len(found) == limit else NEW,
            asked=unfinished.asked + len(fates[Fate.ASK]),
            told=unfinished.told + len(fates[Fate.TELL]),
            stood_down=unfinished.stood_down + len(fates[Fate.STAND_DOWN]),
        )

    def _fate(self, call: Standing) -> Fate:
        return fate(
            call,
            self.message.sent_at,
            raised=self.raised,
            told=self.told,
            staged=self.staged,
            relieved=relieves(self.message.kinds, self.alert),
            rose_at=self.rose_at,
        )

    def _stand_down(self, ids: Sequence[int], dropped: Sequence[int]) -> None:
        """It is no more for where these are; whom it reached read that, but for ``dropped``."""
        left_out = [*ids, *dropped]
        if not left_out:
            return
        heard = concerned_store.may_have_heard(self.connection, ids)
        silent = stand_in_store.waiting_with_stand_in(self.connection, ids)
        concerned_store.stand_down(self.connection, left_out)
        said = NoMoreHere(self.message.number)
        called_store.add_to_called(self.connection, heard, said, Lane.CANCEL, self.now)
        news.tell_narrowed(self.connection, self.alert.id, ids, self.rules, self.now)
        self._edit(heard)
        end_store.take_buttons_of_left_out(self.connection, self.alert.id, heard, self.now)
        end_standing_in(self.connection, self.alert.id, set(left_out), silent, self.now)
        # Another warning of the same danger goes on: its message can be answered again.
        older = one_card_store.older_of_ended(self.connection, self.alert.id, ids)
        self._edit([call.id for call in older])

    def _ask(self, ids: Sequence[int]) -> None:
        """These are asked to answer, as if they had just been called."""
        if not ids:
            return
        connection, now = self.connection, self.now
        self.alert = open_again(connection, self.alert, self.message.by_id, now)
        outbox_store.drop_queued_of(connection, ids, _OF_CALLS, before=self.message.sent_at)
        concerned_store.keep_answers(connection, ids, self.message.by_id, now)
        concerned_store.ask_again(connection, ids, now, first_due(self.alert, self.rules, now))
        withdrawal_store.say_anew(connection, ids, now)
        called_store.add_to_called(connection, ids, MessageKind.CALL, self.lane, now)

    def _tell(self, ids: Sequence[int]) -> None:
        """These read what changed, and go on; the message of their call shows it, too."""
        if not ids:
            return
        said = ChangeNews(self.message.number)
        called_store.add_to_called(self.connection, ids, said, self.lane, self.now)
        self._edit(ids)

    def _edit(self, ids: Sequence[int] | set[int]) -> None:
        called_store.add_to_called(self.connection, ids, MessageKind.ANSWERED, Lane.CARD, self.now)

    def _new(self, unfinished: Unfinished, limit: int) -> Unfinished:
        """Whoever is called for the first time."""
        if not _NEW_CALLS.intersection(self.message.kinds):
            return replace(unfinished, step=REST)
        connection, alert, now = self.connection, self.alert, self.now
        before = release_store.last_call(connection)
        added = call_store.add_more_calls(
            connection,
            audience_query(self.whom),
            alert.id,
            now,
            limit,
            excluding=[alert.sender_id],
            due=first_due(alert, self.rules, now),
            included=ChangeKind.ADD_AREA in self.message.kinds,
        )
        if added:
            open_again(connection, alert, self.message.by_id, now)
            ids = (before + 1, release_store.last_call(connection))
            outbox_store.add_calls_of(connection, alert.id, self.lane, now, ids=ids)
        step = NEW if added == limit else REST
        return replace(unfinished, called=unfinished.called + added, step=step)

    def _rest(self, unfinished: Unfinished) -> None:
        """Further posts, groups, figures; and what it came to, in the trail."""
        connection, alert, now = self.connection, self.alert, self.now
        moved = {ChangeKind.ADD_AREA, ChangeKind.NARROW}.intersection(self.message.kinds)
        if (moved or unfinished.called) and call_post_store.any_held(connection):
            told = posts_store.follow(connection, alert.id, self.whom, self.message.sent_at)
            progress_store.recount(connection, alert.id, now, expected=True)
            if not self.raised:
                self._tell(sorted(told))
        lists = {ChangeKind.UPGRADE, ChangeKind.DOWNGRADE, ChangeKind.STAGE}
        listed = bool(lists.intersection(self.message.kinds)) and self.staged
        if moved or unfinished.called or listed:
            uncalled_store.forget(connection, alert.id)
            uncalled_store.count(connection, alert.id, self.whom)
        if ChangeKind.NARROW in self.message.kinds or listed:
            end_left_out(connection, alert, now)
        self._groups()
        progress_card_store.look_again(connection, [alert.id])
        detail = {
            "version": self.message.number,
            "asked_again": unfinished.asked,
            "called": unfinished.called,
            "told": unfinished.told,
            "stood_down": unfinished.stood_down,
        }
        append(connection, now, [Entry("alert.update_done", f"alert:{alert.id}", detail=detail)])

    def _groups(self) -> None:
        """The groups of its area: a new post, the news, or that it is no more for theirs."""
        connection, alert, now = self.connection, self.alert, self.now
        groups = groups_of(connection, alert, self.whom)
        here = {group.chat_id for group in groups}
        posted = posts_store.groups_posted(connection, alert.id)
        if self.posts_anew:
            # Before the new posts leave: those that are there lose their button.
            in_groups = (MessageKind.POST, MessageKind.CHASE)
            end_store.take_buttons(connection, alert.id, in_groups, now)
            progress_card_store.forget(connection, alert.id, posted)
            sent_at = self.message.sent_at
            outbox_store.drop_queued(connection, alert.id, MessageKind.POST, before=sent_at)
            anew = posts_store.groups_posted(connection, alert.id, since=sent_at)
            new = [group for group in groups if group.chat_id not in anew]
            queue_posts(connection, alert, new, now)
        elif ChangeKind.ADD_AREA in self.message.kinds:
            new = [group for group in groups if group.chat_id not in posted]
            queue_posts(connection, alert, new, now)
        if self.told:
            news = ChangeNews(self.message.number)
            since = self.rose_at
            knowing = posts_store.groups_posted(connection, alert.id, since=since) & posted
            self._post(here & knowing, news, self.lane)
        self._leave(posted - here)

    def _leave(self, chats: set[int]) -> None:
        """The warning is no more for these groups: they read that, and have nothing to press."""
        if not chats:
            return
        self._post(chats, NoMoreHere(self.message.number), Lane.CANCEL)
        kinds = (MessageKind.POST, MessageKind.CHASE)
        end_store.take_buttons_in(self.connection, self.alert.id, kinds, chats, self.now)
        progress_card_store.forget(self.connection, self.alert.id, chats)

    def _post(self, chats: set[int], message: ChangeNews | NoMoreHere, lane: Lane) -> None:
        deliveries = [
            NewDelivery(message, lane, chat_id, LaneOrder.GROUP, alert_id=self.alert.id)
            for chat_id in sorted(chats)
        ]
        outbox_store.add_many(self.connection, deliveries, self.now)
