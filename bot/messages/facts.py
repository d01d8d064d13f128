"""The facts behind what is said: read from the database when it is about to be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts import (
    alert_message_store,
    alert_store,
    call_post_store,
    call_store,
    one_card_store,
)
from alerts.calls import Call
from alerts.headquarters import headquarters_name
from alerts.lifecycle import AlertMessage, ChangeKind, Terms
from alerts.model import Alert, Level
from alerts.outbox.deliveries import Delivery
from alerts.patrol.distress import store as distress_store
from alerts.patrol.distress.model import DistressCall
from alerts.patrol.positions import store as position_store
from alerts.patrol.positions.model import Position
from alerts.release import second_persons
from alerts.reports import Where
from alerts.templates import MOVING, urgency
from alerts.updates.model import PendingChange
from alerts.validity import as_of
from bot.locale.local_day import LocalDay
from bot.services.services import Services
from bot.views.telephones import officer_and_number
from bot.views.vocabulary import place_kind_name
from bot.views.warnings import call
from bot.views.warnings.change_news import next_stage_line, raised_line, raised_words
from bot.views.warnings.changes import LastChange, last_change
from bot.views.warnings.parts import title
from bot.views.warnings.proposal import Asked, Proposal
from contacts import duty_store, people_store, place_store
from contacts.access import may_see_phone
from contacts.divisions.codes import Tier, tier_of
from contacts.divisions.wording import areas_in_words
from contacts.people import Person
from contacts.phones import display
from contacts.places import PlaceKind
from data.database import Connection

MOST_POSTS = 8
"""So many places of one person are named (ours)."""


@dataclass(slots=True)
class Facts:
    """The facts of one batch of deliveries: each alert is read once."""

    connection: Connection
    services: Services
    now: datetime
    bot_id: int  # the bot that will say it: files are known to one bot only
    alerts: dict[int, Alert | None] = field(default_factory=dict)
    senders: dict[int, Person | None] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)  # see ``read_calls``
    posts: dict[int, str] = field(default_factory=dict)  # see ``read_posts``
    places: dict[int, dict[Where, str]] = field(default_factory=dict)  # see ``places_of``
    reported: set[int] = field(
        default_factory=set
    )  # of ``places``: calls that something is told of
    for_help: dict[int, tuple[DistressCall | None, Position | None]] = field(
        default_factory=dict
    )  # see ``call_for_help``
    held: dict[tuple[bool, int], tuple[int, ...]] = field(default_factory=dict)  # see ``still``
    said: dict[int, list[AlertMessage]] = field(default_factory=dict)  # see ``messages_of``
    zone: LocalDay = field(init=False)  # where times are shown, and what day it is there

    def __post_init__(self) -> None:
        self.zone = LocalDay(self.services.rules.warnings.zone, self.now)

    def alert(self, delivery: Delivery) -> Alert:
        """The alert of a delivery."""
        assert delivery.alert_id is not None
        found = self.alert_numbered(delivery.alert_id)
        assert found is not None
        return found

    def alert_numbered(self, alert_id: int) -> Alert | None:
        """The alert of this number."""
        if alert_id not in self.alerts:
            found = alert_store.alert(self.connection, alert_id)
            self.alerts[alert_id] = None if found is None else as_of(found, self.now)
        return self.alerts[alert_id]

    def changed(self, alert_ids: Iterable[int | None]) -> set[int]:
        """Those of these alerts that say something else than at first."""
        known = {number: self.alert_numbered(number) for number in alert_ids if number is not None}
        return {number for number, alert in known.items() if alert and alert.changed_at}

    def read_still(self, deliveries: Iterable[Delivery]) -> None:
        """Read which other warnings hold for whom these tell that one does not: see ``still``."""
        people, chats, ending = set(), set(), set()
        for delivery in deliveries:
            ending.add(delivery.alert_id or 0)
            if delivery.person_id is None:
                chats.add(delivery.chat_id)
            else:
                people.add(delivery.person_id)
        if people:
            found = one_card_store.still_held(self.connection, people, ending, self.now)
            self.held |= {(True, key): ids for key, ids in found.items()}
        if chats:
            found = one_card_store.still_posted(self.connection, chats, ending, self.now)
            self.held |= {(False, key): ids for key, ids in found.items()}

    def still(self, delivery: Delivery) -> tuple[int, ...]:
        """The other warnings in force for the reader of a delivery; of ``read_still``."""
        if delivery.person_id is None:
            return self.held.get((False, delivery.chat_id), ())
        return self.held.get((True, delivery.person_id), ())

    def titles(self, alert_ids: Iterable[int], language: str) -> list[str]:
        """The titles of warnings (HTML)."""
        alerts = [self.alert_numbered(alert_id) for alert_id in alert_ids]
        return [title(alert, self.area(alert), language) for alert in alerts if alert is not None]

    def call(self, delivery: Delivery) -> Call:
        """The call of a delivery."""
        assert delivery.call_id is not None
        if delivery.call_id not in self.calls:
            self.read_calls([delivery.call_id])
        return self.calls[delivery.call_id]

    def read_calls(self, call_ids: Iterable[int]) -> None:
        """Read the calls of a batch: one query, not one each."""
        if wanted := list(call_ids):
            self.calls.update((call.id, call) for call in call_store.calls(self.connection, wanted))

    def read_posts(self, call_ids: Iterable[int]) -> None:
        """Read what these calls are for, where that is several posts, or one at a place.

        Those read before are not read again: for many calls it costs one query, not one each.
        """
        unread = [call_id for call_id in call_ids if call_id not in self.posts]
        if not unread:
            return
        self.posts.update(dict.fromkeys(unread, ""))
        found = call_post_store.answered_for(self.connection, unread)
        names = self.names_of({where for told in found.values() for where in told})
        for call_id, told in found.items():
            if len(told) > 1:
                self.places[call_id] = {where: names[where] for where in told}
            if any(told.values()):
                self.reported.add(call_id)
            named = dict.fromkeys(names[where] for where in told)
            more = f"等{len(named)}处" if len(named) > MOST_POSTS else ""
            self.posts[call_id] = "、".join(list(named)[:MOST_POSTS]) + more

    def call_for_help(self, distress_id: int) -> tuple[DistressCall | None, Position | None]:
        """A call for help and the position it bears: a round is many deliveries about one."""
        if distress_id not in self.for_help:
            found, position = distress_store.call(self.connection, distress_id), None
            if found is not None and found.position_id is not None:
                position = position_store.position(self.connection, found.position_id)
            self.for_help[distress_id] = found, position
        return self.for_help[distress_id]

    def answers_for(self, call_id: int) -> str:
        """The places that a call is for, where they are several; of ``read_posts``."""
        return self.posts.get(call_id, "")

    def places_of(self, call_id: int) -> Mapping[Where, str]:
        """The names of the places that a call is for; empty where it is one; of ``read_posts``."""
        return self.places.get(call_id, {})

    def names_of(self, found: Iterable[Where]) -> dict[Where, str]:
        """The names of places, or of divisions as a whole."""
        found = list(found)
        names = place_store.names(self.connection, {place for _, place in found})
        return {where: names.get(where[1]) or self.place(where[0]) for where in found}

    def messages_of(self, alert_id: int) -> list[AlertMessage]:
        """The CAP messages of a warning, the first first."""
        if alert_id not in self.said:
            self.said[alert_id] = alert_message_store.of_alert(self.connection, alert_id)
        return self.said[alert_id]

    def raised_line(self, alert: Alert, language: str) -> str:
        """From which level to which it rose (HTML), if everybody was asked again."""
        if not alert.raised:
            return ""
        now = self._asking(alert)
        lines = [next_stage_line(now.terms, language)] if ChangeKind.STAGE in now.kinds else []
        if ChangeKind.UPGRADE in now.kinds:
            levels = self._level_before(alert, now), now.terms.level
            lines.append(raised_line(alert.hazard, *levels, language))
        return "\n".join(lines)

    def raised_words(self, alert: Alert, language: str) -> str:
        """The same as plain words, for other channels: 由橙色升级为红色. Nothing of a stage."""
        if not alert.raised or ChangeKind.UPGRADE not in (now := self._asking(alert)).kinds:
            return ""
        before = self._level_before(alert, now)
        return raised_words(alert.hazard, before, now.terms.level, language)

    def _level_before(self, alert: Alert, message: AlertMessage) -> Level:
        said = {each.number: each for each in self.messages_of(alert.id)}
        return said[message.number - 1].terms.level

    def _asking(self, alert: Alert) -> AlertMessage:
        """The message with which everybody was last asked."""
        found = (each for each in self.messages_of(alert.id) if each.number == alert.asked_version)
        return next(found)

    def person(self, person_id: int) -> Person | None:
        """A person who may be asked for again in this batch."""
        if person_id not in self.senders:
            self.senders[person_id] = people_store.person(self.connection, person_id)
        return self.senders[person_id]

    def officer(self, delivery: Delivery) -> Person | None:
        """The officer whom a delivery is for, with the division in question that they watch now."""
        person = None if delivery.person_id is None else self.person(delivery.person_id)
        return None if person is None else self.on_watch(person)

    def on_watch(self, person: Person) -> Person:
        """The person with the division in question that they watch now."""
        return duty_store.now_on_watch(self.connection, person, self.now)

    def sender_line(self, alert: Alert, language: str) -> str:
        """Who released it."""
        sender = self.person(alert.sender_id)
        if sender is None:
            return ""
        place = self.place(sender.division_code)
        unit = self._headquarters(alert, sender)
        return call.sender_line(sender, place, language, headquarters=unit)

    def _headquarters(self, alert: Alert, person: Person) -> str:
        known, place = self.services.rules.headquarters, self.place(person.division_code)
        return headquarters_name(known, person.division_code, alert.hazard.family, place)

    def signed_by(self, alert: Alert, person_id: int | None) -> str:
        """Whoever did something to a warning, with the headquarters they speak for."""
        person = None if person_id is None else self.person(person_id)
        if person is None:
            return ""
        unit = self._headquarters(alert, person)
        return f"【{unit}】{person.name}" if unit else person.name

    def proposal(self, alert_id: int, viewer: Person | None, language: str) -> Proposal:
        """Whom a warning that waits for a second person waits for, as ``viewer`` may read it."""
        alert = alert_store.alert(self.connection, alert_id)
        assert alert is not None
        seconds = second_persons(self.connection, alert.areas, alert.sender_id)
        return self._proposal(alert.sender_id, seconds, alert.expires_at, viewer, language)

    def proposal_of_change(
        self, change: PendingChange, areas: Sequence[str], viewer: Person | None, language: str
    ) -> Proposal:
        """The same of a change that waits; ``areas``: those of the warning with it."""
        seconds = second_persons(self.connection, areas, change.by_id)
        return self._proposal(change.by_id, seconds, change.decide_before, viewer, language)

    def _proposal(
        self,
        by_id: int,
        seconds: Sequence[Person],
        until: datetime,
        viewer: Person | None,
        language: str,
    ) -> Proposal:
        # They are told to ring each other up: both sides read each other's number.
        taking_part = (by_id, *(person.id for person in seconds))
        all_phones = viewer is not None and viewer.active and viewer.id in taking_part
        asked = tuple(self._asked(person, viewer, language, all_phones) for person in seconds)
        sender = self.person(by_id)
        by = None if sender is None else self._asked(sender, viewer, language, all_phones)
        duty = "" if seconds else self.duty_phone(viewer)
        return Proposal(asked, by, until, duty)

    def _asked(
        self, person: Person, viewer: Person | None, language: str, all_phones: bool
    ) -> Asked:
        shown = all_phones or may_see_phone(viewer, person).allowed
        phone = display(person.phone) if shown else ""
        line = call.sender_line(person, self.place(person.division_code), language)
        return Asked(line, phone, person.reachable)

    def by(self, person_id: int | None) -> str:
        """The name of whoever did something."""
        person = None if person_id is None else self.person(person_id)
        return "" if person is None else person.name

    def place(self, code: str) -> str:
        """The name of a division."""
        return self.services.gazetteer.name(code) if code else ""

    def place_in(self, code: str, within: str) -> str:
        """The name of a division as it is read in a list about ``within``: from below it.

        In a county's list villages bear the township: there are three 太平村.
        """
        return self.services.gazetteer.path_below(code, within) if code else ""

    def duty_phone(self, reader: Person | None) -> str:
        """Whom ``reader`` rings up, as text: the duty officer in charge there now, else a number.

        A stranger, and whoever left the roster, reads nobody's number; where numbers leave by the
        board only, nobody does.
        """
        hidden = self.services.settings.privacy.board_only
        if reader is not None and reader.active and not hidden:
            officers = duty_store.telephone_officers(self.connection, reader, self.now)
            if officers:
                return officer_and_number(officers[0])
        return self.services.settings.telephones.duty

    def last_change(self, alert: Alert) -> LastChange | None:
        """What was done last to a warning while it ran; ``None``: it is as it was released."""
        if alert.changed_at is None:
            return None
        return last_change(self.messages_of(alert.id), self.by)

    def moved(self, alert: Alert) -> bool:
        """Whether a version of a warning had people move, or prepare to: lowered, it says less."""
        if alert.hazard.response or alert.hazard.homeward:
            return False
        if alert.changed_at is None:
            return urgency(alert.level, alert.lead_minutes) in MOVING
        versions = [each.terms for each in self.messages_of(alert.id)]
        return any(urgency(said.level, said.lead_minutes) in MOVING for said in versions)

    def area(self, alert: Alert) -> str:
        """The names of the alert's areas, or of the places that it is for alone."""
        return area_of(self.connection, self.services, alert)

    def area_of_terms(self, terms: Terms) -> str:
        """The same, of what a warning says, said or would say."""
        return area_of_terms(self.connection, self.services, terms)


def area_of(connection: Connection, services: Services, alert: Alert) -> str:
    """The names of the alert's areas, or of the places that it is for alone."""
    names = place_store.names(connection, alert.places) if alert.places else {}
    return warned_name(services, alert.areas, alert.places, names)


def area_of_terms(connection: Connection, services: Services, terms: Terms) -> str:
    """The same, of what a warning says, said or would say."""
    names = place_store.names(connection, terms.places) if terms.places else {}
    return warned_name(services, terms.areas, terms.places, names)


def area_paths(services: Services, areas: Sequence[str]) -> str:
    """Where these areas lie, when a name alone does not say it; empty for counties and above."""
    if all(tier_of(code).depth <= Tier.COUNTY.depth for code in areas):
        return ""
    paths = [services.gazetteer.path(code) for code in areas[:3]]
    return "、".join(paths) + (f"等{len(areas)}地" if len(areas) > 3 else "")


def area_name(services: Services, areas: Sequence[str]) -> str:
    """The names of these areas in one line, or how many there are, and where."""
    return areas_in_words(services.gazetteer, areas)


def warned_name(
    services: Services, areas: Sequence[str], places: Sequence[str], names: Mapping[str, str]
) -> str:
    """What a warning is for, in one line: its areas, or the places in them that it is for alone.

    :param places: their codes, and kinds of places.
    :param names: of those places, by code.
    """
    if not places:
        return area_name(services, areas)
    kinds = "、".join(place_kind_name(kind, "zh") for kind in PlaceKind if kind.value in places)
    named = list(names.values())
    single = "、".join(named[:3]) + (f"等{len(named)}地" if len(named) > 3 else "")
    if not kinds:
        return single or area_name(services, areas)
    return area_name(services, areas) + kinds + (f"、{single}" if single else "")
