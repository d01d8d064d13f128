"""Who may do what: pure. Every answer is a reason, so the refusal can be explained.

The scope rule (the project's issue 2): a warning is released by a commander, director, deputy
director or flood or fire office head of the area's division or of one above it.

A person found in the roster but not linked to Telegram is judged by post alone: somebody who acts
by the command line is not in Telegram. ``None``, nobody known, is NOT_LINKED.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum

from contacts.divisions.codes import contains
from contacts.people import COMMANDING, Person, Role


class Access(Enum):
    """Whether something may be done; every member but ALLOWED says why not."""

    ALLOWED = "allowed"
    NOT_LINKED = "not_linked"  # nobody of the roster
    INACTIVE = "inactive"  # in the roster no longer
    NOT_COMMANDING = "not_commanding"  # the post does not release, confirm, cancel
    NOT_ON_DUTY = "not_on_duty"  # neither commanding nor a duty officer
    OUTSIDE_DIVISION = "outside_division"  # right post, another division
    SAME_PERSON = "same_person"  # needs somebody else: the sender, or the person in question
    NOT_ADDRESSEE = "not_addressee"  # the warning does not concern the person's division

    @property
    def allowed(self) -> bool:
        """Whether it is ALLOWED."""
        return self is Access.ALLOWED


_WATCHING = COMMANDING | {Role.DUTY_OFFICER}
_INFORMED = _WATCHING | {Role.STAFF}


def may_release(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` release a warning to all of ``areas``?"""
    if person is None:
        return Access.NOT_LINKED
    if not person.active:
        return Access.INACTIVE
    if person.role not in COMMANDING:
        return Access.NOT_COMMANDING
    if not all(contains(person.division_code, area) for area in areas):
        return Access.OUTSIDE_DIVISION
    return Access.ALLOWED


def may_confirm(person: Person | None, sender_id: int, areas: Iterable[str]) -> Access:
    """May ``person`` be the second one to confirm what ``sender_id`` wants released?"""
    access = may_release(person, areas)
    if access.allowed and person is not None and person.id == sender_id:
        return Access.SAME_PERSON
    return access


def may_cancel(person: Person | None, sender_id: int, areas: Iterable[str]) -> Access:
    """May ``person`` cancel the warning? Its sender always may, as may whoever could release it."""
    if person is not None and person.active and person.id == sender_id:
        return Access.ALLOWED
    return may_release(person, areas)


def may_close(person: Person | None, sender_id: int, areas: Iterable[str]) -> Access:
    """May ``person`` close the warning (销号)? As for cancelling."""
    return may_cancel(person, sender_id, areas)


def may_see_alert(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` see the warning: does an area hold their division, or lie in it?"""
    if person is None:
        return Access.NOT_LINKED
    if not person.active:
        return Access.INACTIVE
    own = person.division_code
    if any(contains(area, own) or contains(own, area) for area in areas):
        return Access.ALLOWED
    return Access.NOT_ADDRESSEE


def may_watch(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` see who has answered a warning: those who command, watch or assist there."""
    seen = may_see_alert(person, areas)
    if seen is not Access.ALLOWED or person is None:
        return seen
    return Access.ALLOWED if person.role in _INFORMED else Access.NOT_ON_DUTY


def may_open_board(person: Person | None) -> Access:
    """May ``person`` open the command board of their division: who commands or is on duty."""
    if person is None:
        return Access.NOT_LINKED
    if not person.active:
        return Access.INACTIVE
    return Access.ALLOWED if person.role in _WATCHING else Access.NOT_ON_DUTY


def may_see_phone(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` read ``subject``'s number: one's own, and those of one's division and below.

    For commanding persons, duty officers and staff.

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    if viewer is None:
        return Access.NOT_LINKED
    if not viewer.active:
        return Access.INACTIVE
    if viewer.id == subject.id or any(contains(code, subject.division_code) for code in on_duty_in):
        return Access.ALLOWED
    if viewer.role not in _INFORMED:
        return Access.NOT_ON_DUTY
    if not contains(viewer.division_code, subject.division_code):
        return Access.OUTSIDE_DIVISION
    return Access.ALLOWED


def may_find(viewer: Person | None, subject: Person, words: str) -> Access:
    """May ``viewer`` find ``subject`` by these words of a name, or digits of a number?

    Whoever may not read a number must not feel their way to it by asking for its digits.
    """
    if words.casefold() in subject.name.casefold():
        return Access.ALLOWED
    return may_see_phone(viewer, subject)


def may_see_positions(viewer: Person | None, subject: Person) -> Access:
    """May ``viewer`` see where ``subject`` reported from? As for the phone number."""
    return may_see_phone(viewer, subject)


def may_record_proxy(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` record that ``subject`` was reached otherwise?

    Commanding persons and duty officers of a division strictly above may; in the subject's own
    division only a duty officer, whose work it is (a province has nobody above it).

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    return _may_act_for(viewer, subject, on_duty_in, same_division=frozenset({Role.DUTY_OFFICER}))


def may_discharge(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` take ``subject``'s call off the list with a reason?

    As for a proxy answer, and the commanding persons of the subject's own division too: they know
    who is away.
    """
    return _may_act_for(viewer, subject, on_duty_in, same_division=_WATCHING)


def _may_act_for(
    viewer: Person | None,
    subject: Person,
    on_duty_in: Collection[str],
    same_division: frozenset[Role],
) -> Access:
    if viewer is None:
        return Access.NOT_LINKED
    if not viewer.active:
        return Access.INACTIVE
    if viewer.id == subject.id:
        return Access.SAME_PERSON
    if any(contains(code, subject.division_code) for code in on_duty_in):
        return Access.ALLOWED
    if viewer.role not in _WATCHING:
        return Access.NOT_ON_DUTY
    if not contains(viewer.division_code, subject.division_code):
        return Access.OUTSIDE_DIVISION
    if viewer.division_code == subject.division_code and viewer.role not in same_division:
        return Access.NOT_ON_DUTY
    return Access.ALLOWED
