"""Who may do what. Pure.

Every ``may_...`` answers with a reason, so that a refusal can be explained; ``require`` turns any
reason but ALLOWED into the refusal itself.

Who is asked about may be ``None``: nobody the roster knows, which is NOT_LINKED. A person found in
the roster but not linked to Telegram is judged by post alone: somebody who acts by the command line
is not in Telegram.

Who holds several posts may do what each of them allows, for itself: to command in one county and to
be informed in another is not to command in both.

The rules are the project's own (issue 2) and speak of three circles of posts, each in the next:

- who commands: a commander, director, deputy director, flood or fire office head;
- who watches: they, and duty officers;
- who is informed: they, and staff.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any

from contacts.divisions.codes import Tier, contains, overlap, tier_of
from contacts.people import COMMANDING, MOVING_PEOPLE, RIGHTS, Person, Post, Role
from data.errors import NotAllowed


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
    UNPROVEN = "unproven"  # the account was linked before the post or shift, and is to be proven
    POST_WITH_RIGHTS = "post_with_rights"  # not with a code alone: the post gives rights
    NOT_OF_VILLAGE = "not_of_village"  # neither responsible in that village nor in charge of it

    @property
    def allowed(self) -> bool:
        """Whether it is ALLOWED."""
        return self is Access.ALLOWED


_WATCHING = RIGHTS
_INFORMED = _WATCHING | {Role.STAFF}


def require(verdict: Access, **facts: Any) -> None:
    """Go on only with ALLOWED: ``require(may_release(person, areas))``.

    :param facts: what the refusal is about, for the log and the sentence made of it.
    :raises NotAllowed: with ``verdict``, when it is any other.
    """
    if not verdict.allowed:
        raise NotAllowed(verdict, **facts)


def may_release(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` release a warning to all of ``areas``?

    Who commands a division may, to it and to what lies below it (issue 2, the scope rule).
    """
    access = _has_post(person, COMMANDING, Access.NOT_COMMANDING)
    if person is None or not access.allowed:
        return access
    commanded = [post.division_code for post in _posts(person, COMMANDING)]
    if not all(any(contains(code, area) for code in commanded) for area in areas):
        return Access.OUTSIDE_DIVISION
    return Access.ALLOWED


def may_confirm(person: Person | None, sender_id: int, areas: Iterable[str]) -> Access:
    """May ``person`` be the second one to confirm what ``sender_id`` wants released?

    Whoever could release it may, but for the sender (DESIGN: two persons for the biggest words).
    """
    access = may_release(person, areas)
    if access.allowed and person is not None and person.id == sender_id:
        return Access.SAME_PERSON
    return access


def may_cancel(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` lift or cancel the warning? Whoever could release it now.

    Its sender, too, needs the post for it: who lost it has no hand in what goes on there.
    """
    return may_release(person, areas)


def may_close(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` close the warning (销号)? As for cancelling."""
    return may_cancel(person, areas)


def may_see_alert(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` see the warning: does an area hold a division of theirs, or lie in it?"""
    areas = list(areas)
    access = _in_roster(person)
    if person is None or not access.allowed:
        return access
    if any(_concerned(post, areas) for post in person.posts):
        return Access.ALLOWED
    return Access.NOT_ADDRESSEE


def may_watch(person: Person | None, areas: Iterable[str]) -> Access:
    """May ``person`` see who has answered a warning? Those who are informed there may."""
    areas = list(areas)
    seen = may_see_alert(person, areas)
    if person is None or not seen.allowed:
        return seen
    informed = any(_concerned(post, areas) for post in _posts(person, _INFORMED))
    return Access.ALLOWED if informed else Access.NOT_ON_DUTY


def may_open_board(person: Person | None) -> Access:
    """May ``person`` open the command board of their division? Who commands or is on duty may."""
    return _has_post(person, _WATCHING, Access.NOT_ON_DUTY)


def may_invite(person: Person | None) -> Access:
    """May ``person`` hand out the invite links of their division? As for the board.

    An invite link makes its holder the person it was printed for: it grants rights (DESIGN, 12).
    """
    return _has_post(person, _WATCHING, Access.NOT_ON_DUTY)


def may_hand_code(viewer: Person | None, subject: Person) -> Access:
    """May ``viewer`` see the invite code of ``subject``, to hand it on?

    Whoever opens a code becomes its person. So a code is shown of nobody beside or above oneself,
    and of nobody whose post gives rights: those prove more (``contacts.linking``).
    """
    access = may_invite(viewer)
    if viewer is None or not access.allowed:
        return access
    watching = _posts(viewer, _WATCHING)
    if not all(_any_strictly_above(watching, post) for post in subject.posts):
        return Access.OUTSIDE_DIVISION
    return Access.POST_WITH_RIGHTS if subject.holds(RIGHTS) else Access.ALLOWED


def may_approve_link(
    viewer: Person | None, subject: Person, watched: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` say that an account is ``subject``'s, whose post gives rights?

    Who commands above may; a duty officer above only for duty officers, for nobody gives a right
    they do not have. A province has nobody above it: there another who commands may.

    :param watched: divisions over which ``subject`` is on shift, or will be.
    """
    rights = COMMANDING if subject.holds(COMMANDING) else _WATCHING
    access = _has_post(viewer, rights, Access.NOT_COMMANDING)
    if viewer is None or not access.allowed:
        return access
    if viewer.id == subject.id:
        return Access.SAME_PERSON
    with_rights = _all_posts(subject, RIGHTS) or subject.posts
    approved = all(_may_approve(viewer, post) for post in with_rights)
    own = [post.division_code for post in _posts(viewer, _WATCHING)]
    approved = approved and all(any(contains(code, shift) for code in own) for shift in watched)
    return Access.ALLOWED if approved else Access.OUTSIDE_DIVISION


def _may_approve(viewer: Person, post: Post) -> bool:
    """Whether somebody has a right above the post that the post gives."""
    rights = COMMANDING if post.role in COMMANDING else _WATCHING
    if _any_strictly_above(_posts(viewer, rights), post):
        return True
    return tier_of(post.division_code) is Tier.PROVINCE and any(
        own.division_code == post.division_code for own in _posts(viewer, COMMANDING)
    )


def may_take_charge(person: Person | None, division_code: str) -> Access:
    """May ``person`` deal with what happens in a division without having been asked to?

    Say what its hotspots are, read and map its roll calls: who commands or is on duty there, or in
    a division above, may.
    """
    access = _has_post(person, _WATCHING, Access.NOT_ON_DUTY)
    if person is None or not access.allowed:
        return access
    return _inside(_posts(person, _WATCHING), division_code)


def may_call_roll(person: Person | None, division_code: str) -> Access:
    """May ``person`` take a roll call of a division, ask again, and end it?

    Who commands or is on duty there, or in a division above, may: where nothing is ordered and
    only asked who is there, a duty officer needs no commander.
    """
    return may_take_charge(person, division_code)


def may_look_into(person: Person | None, division_code: str) -> Access:
    """May ``person`` read what everybody there may: the handbook, the hotspots of a division?

    Of one's own division and of those below it, whatever the post.
    """
    access = _in_roster(person)
    if person is None or not access.allowed:
        return access
    return _inside(person.posts, division_code)


def may_be_informed(person: Person | None, division_code: str) -> Access:
    """May ``person`` have another system read, in their name, how a division's warnings stand?

    Who is informed there or in a division above may: commanding persons, duty officers, staff.
    """
    access = _has_post(person, _INFORMED, Access.NOT_ON_DUTY)
    if person is None or not access.allowed:
        return access
    return _inside(_posts(person, _INFORMED), division_code)


def may_remark(person: Person | None, division_code: str) -> Access:
    """May ``person`` remark on the daily report of a division (点评)?

    Who commands or is on duty in a division strictly above: nobody grades their own.
    """
    access = may_take_charge(person, division_code)
    if person is None or not access.allowed:
        return access
    return Access.ALLOWED if remarks_from(person, division_code) else Access.OUTSIDE_DIVISION


def remarks_from(person: Person, division_code: str) -> str:
    """The division in whose name ``person`` remarks on another: the nearest above it; or none."""
    above = [
        post.division_code
        for post in _posts(person, _WATCHING)
        if post.division_code != division_code and contains(post.division_code, division_code)
    ]
    return max(above, key=lambda code: tier_of(code).depth, default="")


def may_see_phone(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` read ``subject``'s number: one's own, and those of one's division and below.

    For those who are informed: commanding persons, duty officers and staff. The number of a duty
    officer of one's own division or above is there to be rung, by everybody.

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    access = _in_roster(viewer)
    if viewer is None or not access.allowed:
        return access
    watched = [post.division_code for post in _all_posts(subject, {Role.DUTY_OFFICER})]
    if any(contains(code, post.division_code) for code in watched for post in viewer.posts):
        return Access.ALLOWED
    return _may_know_of(viewer, subject, on_duty_in)


def may_find(viewer: Person | None, subject: Person, words: str) -> Access:
    """May ``viewer`` find ``subject`` by these words of a name, or digits of a number?

    Whoever may not read a number must not feel their way to it by asking for its digits.
    """
    if words.casefold() in subject.name.casefold():
        return Access.ALLOWED
    return may_see_phone(viewer, subject)


def may_see_positions(viewer: Person | None, subject: Person) -> Access:
    """May ``viewer`` see where ``subject`` reported from? As for the phone number.

    But a duty officer's number is there for everybody below; where the officer is, is not.
    """
    return _may_know_of(viewer, subject)


def may_see_households(
    viewer: Person | None, division_code: str, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` read who lives where in a village, who is frail there, and tick who was moved?

    Those who are responsible in it, and those who command or are on duty in its township or county:
    nobody further up has to go there, or to ring up a household.

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    access = _in_roster(viewer)
    if viewer is None or not access.allowed:
        return access
    near = [post.division_code for post in _posts(viewer, _WATCHING)]
    on_duty = [code for code in on_duty_in if _near(code, division_code)]
    own = any(post.division_code == division_code for post in _posts(viewer, MOVING_PEOPLE))
    if own or any(_near(code, division_code) for code in near):
        return Access.ALLOWED
    if on_duty:
        return Access.UNPROVEN if viewer.unproven else Access.ALLOWED
    return Access.NOT_OF_VILLAGE


def _near(code: str, village: str) -> bool:
    """Whether a division is the village itself, or its township or county."""
    return contains(code, village) and tier_of(code).depth >= Tier.COUNTY.depth


def may_record_proxy(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` record that ``subject`` was reached otherwise?

    Who commands or is on duty in a division strictly above may; in the subject's own division only
    a duty officer, whose work it is (a province has nobody above it).

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    return _may_act_for(viewer, subject, on_duty_in, same_division=frozenset({Role.DUTY_OFFICER}))


def may_doubt(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` say that an answer of ``subject`` cannot be right? As for a proxy answer."""
    return may_record_proxy(viewer, subject, on_duty_in)


def may_discharge(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` take ``subject``'s call off the list with a reason?

    As for a proxy answer, and the commanding persons of the subject's own division too: they know
    who is away.

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    return _may_act_for(viewer, subject, on_duty_in, same_division=_WATCHING)


def may_handle_distress(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """May ``viewer`` take ``subject``'s call for help unasked, or say that it is over?

    Who commands or is on duty in the subject's division or above may. Staff, who may see where the
    subject is, may not: whoever ends a call for help must know that the person is safe.

    :param on_duty_in: divisions over which the viewer is on shift now, whatever their post.
    """
    return _may_act_for(viewer, subject, on_duty_in, same_division=_WATCHING)


def _in_roster(person: Person | None) -> Access:
    """ALLOWED for everybody the roster has now."""
    if person is None:
        return Access.NOT_LINKED
    return Access.ALLOWED if person.active else Access.INACTIVE


def _has_post(person: Person | None, posts: Collection[Role], without: Access) -> Access:
    """ALLOWED for who holds one of ``posts``, ``without`` for who holds another."""
    access = _in_roster(person)
    if person is None or not access.allowed:
        return access
    if _posts(person, posts):
        return Access.ALLOWED
    return Access.UNPROVEN if person.unproven and person.holds(posts) else without


def _posts(person: Person, roles: Collection[Role]) -> list[Post]:
    """The posts of ``person`` that bear one of these roles, and may be acted from."""
    found = _all_posts(person, roles)
    return [post for post in found if post.role not in RIGHTS] if person.unproven else found


def _all_posts(person: Person, roles: Collection[Role]) -> list[Post]:
    """The posts of ``person`` that bear one of these roles."""
    return [post for post in person.posts if post.role in roles]


def _concerned(post: Post, areas: Iterable[str]) -> bool:
    return overlap([post.division_code], areas)


def _inside(posts: Iterable[Post], division_code: str) -> Access:
    own = any(contains(post.division_code, division_code) for post in posts)
    return Access.ALLOWED if own else Access.OUTSIDE_DIVISION


def _any_strictly_above(posts: Iterable[Post], held: Post) -> bool:
    """Whether one of the posts is in a division above that of ``held``."""
    theirs = held.division_code
    return any(
        post.division_code != theirs and contains(post.division_code, theirs) for post in posts
    )


def _on_duty_over(subject: Person, on_duty_in: Collection[str]) -> bool:
    return any(contains(code, post.division_code) for code in on_duty_in for post in subject.posts)


def _may_know_of(
    viewer: Person | None, subject: Person, on_duty_in: Collection[str] = frozenset()
) -> Access:
    """ALLOWED for oneself, and for who is informed of the subject's division."""
    access = _in_roster(viewer)
    if viewer is None or not access.allowed:
        return access
    on_duty = _on_duty_over(subject, on_duty_in)
    if viewer.id == subject.id or (on_duty and not viewer.unproven):
        return Access.ALLOWED
    if not _posts(viewer, _INFORMED):
        return Access.UNPROVEN if on_duty else Access.NOT_ON_DUTY
    return _any_inside(_posts(viewer, _INFORMED), subject)


def _any_inside(posts: Collection[Post], subject: Person) -> Access:
    """ALLOWED when one of the subject's posts lies in the division of one of ``posts``."""
    return next(
        (
            verdict
            for held in subject.posts
            if (verdict := _inside(posts, held.division_code)).allowed
        ),
        Access.OUTSIDE_DIVISION,
    )


def _may_act_for(
    viewer: Person | None,
    subject: Person,
    on_duty_in: Collection[str],
    same_division: frozenset[Role],
) -> Access:
    access = _in_roster(viewer)
    if viewer is None or not access.allowed:
        return access
    if viewer.id == subject.id:
        return Access.SAME_PERSON
    on_duty = _on_duty_over(subject, on_duty_in)
    if on_duty and not viewer.unproven:
        return Access.ALLOWED
    if not _posts(viewer, _WATCHING):
        return Access.UNPROVEN if on_duty else Access.NOT_ON_DUTY
    watching = _posts(viewer, _WATCHING)
    if not _any_inside(watching, subject).allowed:
        return Access.OUTSIDE_DIVISION
    for post in watching:
        for held in subject.posts:
            above = contains(post.division_code, held.division_code)
            same = post.division_code == held.division_code
            if above and (not same or post.role in same_division):
                return Access.ALLOWED
    return Access.NOT_ON_DUTY
