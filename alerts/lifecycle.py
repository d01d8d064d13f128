"""The life of a warning: released, changed while it runs, ended. Pure.

A warning goes out as a message (CAP ``Alert``); each change of it is a message of its own that
refers to those before (``Update``), and so is its end by lifting or cancelling (``Cancel``). That
it expires, its messages say beforehand. ``apply`` says what a change makes of a warning of ours;
what a heap of messages says, in any order, twice or in part: ``alerts.life_messages``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from alerts.model import Alert, Level, State
from contacts.divisions.area_lists import folded
from contacts.divisions.codes import ancestors, any_around, contains
from data.geo.shapes import together


class MessageType(Enum):
    """CAP 1.2 ``msgType`` of a message of ours."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class ChangeKind(Enum):
    """What happens to a warning. The order is that of weight: the first of several names them."""

    ALERT = "alert"  # it is released
    CANCEL = "cancel"  # 取消: it should not have been issued
    LIFT = "lift"  # 解除: what was warned of is over
    EXPIRE = "expire"
    UPGRADE = "upgrade"  # 升级: everybody is asked again
    STAGE = "stage"  # 阶段: planned in stages, the next one runs; whom it calls is asked again
    DOWNGRADE = "downgrade"  # 降级
    ADD_AREA = "add_area"  # 扩大
    NARROW = "narrow"  # 缩小
    CORRECT = "correct"  # 更正
    EXTEND = "extend"  # 延长

    @property
    def message_type(self) -> MessageType | None:
        """The CAP message that says it; ``None``: none does."""
        return _TYPES.get(self, MessageType.UPDATE)

    @property
    def ends(self) -> bool:
        """Whether the warning is over after it."""
        return self in _ENDS


_ENDS = {
    ChangeKind.CANCEL: State.CANCELLED,
    ChangeKind.LIFT: State.LIFTED,
    ChangeKind.EXPIRE: State.EXPIRED,
}
_TYPES = {
    ChangeKind.ALERT: MessageType.ALERT,
    ChangeKind.CANCEL: MessageType.CANCEL,
    ChangeKind.LIFT: MessageType.CANCEL,
    ChangeKind.EXPIRE: None,
}
_WEIGHT = {kind: number for number, kind in enumerate(ChangeKind)}

TOLD = frozenset({ChangeKind.DOWNGRADE, ChangeKind.CORRECT, ChangeKind.EXTEND})
"""Whoever stays is told of these changes. Of a rise they are asked again; that others are called,
or no longer, their card shows without ringing."""

ASKING = frozenset({ChangeKind.UPGRADE, ChangeKind.STAGE})
"""With these changes whoever they concern is asked to answer again."""

RANK = {Level.BLUE: 1, Level.YELLOW: 2, Level.ORANGE: 3, Level.RED: 4}
"""How high a level is."""

LONGEST = timedelta(days=7)
"""From now a warning is prolonged so far at the most (ours): by then the forecast is another.
One planned in stages holds until its danger is over, however far that is."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a warning says at the moment. ``areas`` are division codes; times are aware UTC."""

    level: Level
    description: str
    areas: tuple[str, ...]
    expires_at: datetime
    headline: str = ""
    places: tuple[str, ...] = ()
    lead_minutes: int | None = None
    besides: tuple[str, ...] = ()
    shape: str = ""
    stage: int | None = None
    issued_by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of a warning. What is not named stays.

    It says what changes, not what the warning is afterwards: one that waited for a second person
    is made of the warning as it is by then.

    ``ending``: lifted, cancelled, expired; then nothing else. ``text`` and ``headline``: the new
    words. ``longer``: how much longer it holds than it does; ``expires_at``: or until when. ``add``
    and ``remove``: divisions. ``places``: the new list of places that it is for alone; ``besides``:
    of those outside of the areas. ``shape``: what it is drawn for; where areas change without one,
    it is drawn for nothing. ``drawn``: what is added is drawn so, and its own drawing stays.
    ``stage``: the one that runs now (minutes of lead; 0: it is for
    everybody, as it is once raised by hand). ``issued_by``: whose signal it passes
    on, empty for none. ``note``: why, for the trail and whoever reads of the change.
    """

    ending: ChangeKind | None = None
    level: Level | None = None
    text: str | None = None
    headline: str | None = None
    longer: timedelta | None = None
    expires_at: datetime | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    places: tuple[str, ...] | None = None
    lead_minutes: int | None = None
    note: str = ""
    besides: tuple[str, ...] | None = None
    shape: str | None = None
    stage: int | None = None
    issued_by: str | None = None
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """One CAP message of a warning of ours: what was done, by whom, and what holds from then on.

    It refers to the messages of the same warning with smaller numbers.
    """

    alert_id: int
    number: int
    identifier: str
    type: MessageType
    kinds: tuple[ChangeKind, ...]
    sent_at: datetime
    by_id: int
    terms: Terms
    confirmed_by: int | None = None
    note: str = ""

    @property
    def kind(self) -> ChangeKind:
        """The weightiest of ``kinds``."""
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Life:
    """Where a warning of ours is: its state, what it says, and how many messages it has had.

    ``asked``: with which of its messages everybody was last asked to answer.
    """

    state: State
    terms: Terms
    version: int = 1
    asked: int = 1
    held: bool = False  # overdue by too much: it waits to be decided (``alerts.holding``)


def terms_of(alert: Alert) -> Terms:
    """What a warning says at the moment."""
    return Terms(
        alert.level,
        alert.description,
        alert.areas,
        alert.expires_at,
        alert.headline,
        alert.places,
        alert.lead_minutes,
        alert.besides,
        alert.shape,
        alert.stage,
        alert.issued_by or "",
    )


def life_of(alert: Alert) -> Life:
    """Where a warning is in its life."""
    return Life(alert.state, terms_of(alert), alert.version, alert.asked_version, held=alert.held)


class Outcome(Enum):
    """What came of a change; only CHANGED changed anything."""

    CHANGED = "changed"
    NOTHING_NEW = "nothing_new"  # it says that already
    NOT_RELEASED = "not_released"  # it waits for its second person, or was refused
    OVER = "over"
    HELD = "held"  # first it is to be decided whether it is still to be sent
    NO_AREA_LEFT = "no_area_left"  # that is to lift it
    NOT_ITS_AREA = "not_its_area"  # what is to be left out is no part of it
    TOO_LONG = "too_long"  # longer from now than ``LONGEST``
    ENDS_TOO_SOON = "ends_too_soon"  # the new end has passed already: that is to lift it


@dataclass(frozen=True, slots=True)
class Applied:
    """What a change makes of a warning; ``kinds``: all that it is, the weightiest first."""

    outcome: Outcome
    life: Life
    kinds: tuple[ChangeKind, ...] = ()

    @property
    def kind(self) -> ChangeKind:
        """The weightiest."""
        return self.kinds[0]

    @property
    def asks(self) -> bool:
        """Whether people are asked again who have answered."""
        return bool(ASKING.intersection(self.kinds))


def nothing_below(_code: str) -> Collection[str]:
    """No division is known below: a part of an area cannot be left out."""
    return ()


def apply(
    life: Life,
    change: Change,
    now: datetime,
    *,
    hours: Mapping[Level, float] | None = None,
    below: Callable[[str], Collection[str]] = nothing_below,
) -> Applied:
    """What ``change`` makes of a warning at ``now``.

    :param hours: for how long each level holds: a warning raised or lowered holds that long at
        least, from now.
    :param below: the divisions next below one: an area of which a part is left out becomes these.
    """
    if (refused := _refused(life, change, now)) is not None:
        return Applied(refused, life)
    version = life.version + 1
    if change.ending is not None:
        if change.ending is ChangeKind.EXPIRE:
            version = life.version  # no message says it
        ended = replace(life, state=_ENDS[change.ending], version=version, held=False)
        return Applied(Outcome.CHANGED, ended, (change.ending,))
    areas = _areas(life.terms.areas, change, below)
    if isinstance(areas, Outcome):
        return Applied(areas, life)
    terms = _terms(life.terms, change, areas, now, hours or {})
    if terms.expires_at <= now:
        return Applied(Outcome.ENDS_TOO_SOON, life)
    named = change.longer is not None or change.expires_at is not None
    prolonged = named and change.stage is None and terms.expires_at > life.terms.expires_at
    if prolonged and terms.expires_at > now + LONGEST:
        return Applied(Outcome.TOO_LONG, life)
    kinds = kinds_between(life.terms, terms)
    if not kinds:
        return Applied(Outcome.NOTHING_NEW, life)
    raised = bool(ASKING.intersection(kinds))
    if life.held and not raised:
        return Applied(Outcome.HELD, life)
    changed = replace(
        life,
        terms=terms,
        version=version,
        asked=version if raised else life.asked,
        # Whoever is asked anew is asked for the warning as it is today.
        held=False,
        state=State.RELEASED if raised else life.state,
    )
    return Applied(Outcome.CHANGED, changed, kinds)


def kinds_between(before: Terms, after: Terms) -> tuple[ChangeKind, ...]:
    """All that differs between what a warning said and what it says, the weightiest first."""
    kinds = set()
    # People read minutes: an end that moves by seconds does not move.
    began, ends = (
        at.replace(second=0, microsecond=0) for at in (before.expires_at, after.expires_at)
    )
    if after.level is not before.level:
        raised = RANK[after.level] > RANK[before.level]
        kinds.add(ChangeKind.UPGRADE if raised else ChangeKind.DOWNGRADE)
    words = (after.description, after.lead_minutes) != (before.description, before.lead_minutes)
    # The headline follows the level and the areas: by itself it is a correction.
    named = (after.level, after.areas, after.places) == (before.level, before.areas, before.places)
    if words or (named and after.headline != before.headline) or ends < began:
        kinds.add(ChangeKind.CORRECT)
    if ends > began and after.level is before.level:
        kinds.add(ChangeKind.EXTEND)
    more = _outside(after.areas, before.areas)
    less = _outside(before.areas, after.areas)
    if before.places != after.places:
        wider = not after.places or bool(before.places and set(after.places) - set(before.places))
        narrower = bool(after.places) and not set(before.places) <= set(after.places)
        narrower = narrower or bool(after.places and not before.places)
        more += ["places"] if wider else []
        less += ["places"] if narrower else []
    if more or set(after.besides) - set(before.besides):
        kinds.add(ChangeKind.ADD_AREA)
    if less or set(before.besides) - set(after.besides):
        kinds.add(ChangeKind.NARROW)
    if after.stage != before.stage and (after.stage or ChangeKind.UPGRADE not in kinds):
        # Its text, its lead time and its end go with the stage.
        kinds = {ChangeKind.STAGE, *kinds} - {ChangeKind.CORRECT, ChangeKind.EXTEND}
    if after.issued_by != before.issued_by and not kinds:
        kinds.add(ChangeKind.CORRECT)
    return tuple(sorted(kinds, key=_WEIGHT.__getitem__))


def change_to(before: Terms, areas: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be added and removed so that a warning is for exactly ``areas``: for what names
    all of its areas anew, as another agency's update does."""
    wanted = tuple(areas)
    remove = _outside(before.areas, wanted)
    gone = frozenset(remove)
    left = [area for area in before.areas if area not in gone]
    return tuple(_outside(wanted, left)), tuple(remove)


def _outside(codes: Iterable[str], areas: Iterable[str]) -> list[str]:
    """Those of ``codes`` that lie in none of ``areas``; of thousands, too."""
    held = frozenset(areas)
    return [code for code in codes if not any_around([code], held)]


def _refused(life: Life, change: Change, now: datetime) -> Outcome | None:
    if life.state in (State.PENDING, State.REFUSED):
        return Outcome.NOT_RELEASED
    if life.state not in (State.RELEASED, State.CLOSED):
        return Outcome.OVER
    if life.terms.expires_at <= now and change.ending is None:
        return Outcome.OVER
    if change.ending is ChangeKind.EXPIRE and life.terms.expires_at > now:
        return Outcome.NOTHING_NEW
    return None


def _terms(
    before: Terms,
    change: Change,
    areas: tuple[str, ...],
    now: datetime,
    hours: Mapping[Level, float],
) -> Terms:
    level = change.level or before.level
    expires_at = change.expires_at or before.expires_at
    if change.longer is not None:
        expires_at = before.expires_at + change.longer
    elif change.expires_at is None and level is not before.level and level in hours:
        expires_at = max(expires_at, now + timedelta(hours=hours[level]))
    text = before.description if change.text is None else change.text.strip()
    lead = before.lead_minutes if change.lead_minutes is None else change.lead_minutes
    return Terms(
        level,
        text,
        areas,
        expires_at,
        before.headline if change.headline is None else change.headline,
        before.places if change.places is None else change.places,
        lead or None,
        before.besides if change.besides is None else change.besides,
        _shape(before, change, same_land=areas == before.areas),
        _stage(before, change),
        _signal(before, change, level),
    )


def _shape(before: Terms, change: Change, *, same_land: bool) -> str:
    """What it is drawn for after the change; empty where a drawing would not say all of it."""
    if change.shape is not None:
        return change.shape
    if same_land or not before.shape:
        return before.shape
    if not change.drawn or change.remove:
        return ""
    return together(before.shape, change.drawn)


def _stage(before: Terms, change: Change) -> int | None:
    """The stage after the change: raised by hand, a warning does not wait for its next stage."""
    if change.stage is not None:
        return change.stage or None
    raised = change.level is not None and RANK[change.level] > RANK[before.level]
    return None if raised else before.stage


def _signal(before: Terms, change: Change, level: Level) -> str:
    """Whose signal it passes on: of another level the service said nothing, unless it is named."""
    if change.issued_by is not None:
        return change.issued_by
    return before.issued_by if level is before.level else ""


def _areas(
    before: tuple[str, ...], change: Change, below: Callable[[str], Collection[str]]
) -> tuple[str, ...] | Outcome:
    """The areas after the change: what is left out goes first, then what is added comes."""
    # Of thousands of villages most are named as they stand: those go in one step.
    gone = frozenset(change.remove).intersection(before)
    areas = [area for area in before if area not in gone]
    for code in change.remove:
        if any_around([code], gone):
            continue
        left = _without(areas, code, below)
        if left is None:
            return Outcome.NOT_ITS_AREA
        areas = left
    held = frozenset(areas)
    added = dict.fromkeys(code for code in change.add if not any_around([code], held))
    coming = frozenset(added)
    areas = [area for area in areas if not any_around([area], coming)]
    areas += [code for code in added if not any_around(ancestors(code), coming)]
    return folded(areas, added, below) if areas else Outcome.NO_AREA_LEFT


def _without(
    areas: list[str], code: str, below: Callable[[str], Collection[str]]
) -> list[str] | None:
    """These areas without a division; ``None``: it is no part of them."""
    if any(contains(code, area) for area in areas):
        return [area for area in areas if not contains(code, area)]
    holder = next((area for area in areas if contains(area, code)), None)
    if holder is None:
        return None
    parts = sorted(below(holder))
    if not any(contains(part, code) for part in parts):
        return None
    at = areas.index(holder)
    return _without([*areas[:at], *parts, *areas[at + 1 :]], code, below)
