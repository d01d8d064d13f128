"""Coverage as JSON, for ``jiaoying check --json``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alerts.channels.refusing import Refusing
from bot.views.roster.coverage import tier_dated
from contacts.coverage import (
    Coverage,
    Gap,
    HazardCoverage,
    HeldPost,
    PlaceDetails,
    Proven,
    leading_posts,
)
from contacts.coverage_store import Readiness
from contacts.roster_dates import RosterDate, roster_dates


def readiness_facts(readiness: Readiness, now: datetime, area: str | None = None) -> dict[str, Any]:
    """The figures, every village and place with whom each warning calls there, and every gap.

    No list is cut: a program that counts one counts right.
    """
    coverage = readiness.coverage
    return {
        "divisions": readiness.divisions,
        "persons": readiness.persons,
        "linked": readiness.linked,
        "unlinked": readiness.unlinked,
        "unreachable": readiness.unreachable,
        "groups": readiness.groups,
        "groups_removed": [group.chat_id for group in readiness.groups_removed],
        "without_duty_officer": [each.code for each in readiness.without_duty_officer],
        "villages": coverage.villages,
        "villages_covered": coverage.covered,
        "villages_silent": coverage.villages - coverage.covered,
        "places": coverage.places,
        "places_covered": coverage.places_covered,
        "hazards": [_hazards(found) for found in coverage.by_hazard],
        "counties": [
            {"code": county.code, "villages": county.villages, "covered": county.covered}
            for county in coverage.counties
        ],
        "counties_unused": coverage.counties_unused,
        "gaps": [_gap(gap) for gap in coverage.gaps],
        "place_gaps": [_gap(gap) for gap in coverage.place_gaps],
        "roster": [_date(date) for date in roster_dates(readiness.posts, tier_dated(area), now)],
        **_persons(readiness.posts),
        "by_place": [_details(coverage, details) for details in coverage.details],
    }


def refusing_facts(refused: Refusing) -> dict[str, Any]:
    """The channels, and the groups' robots, by which nobody would hear just now."""
    return {
        "channels_refusing": [
            {
                "channel": one.channel.value,
                "trouble": one.trouble.value,
                "words": one.words,
                "since": _time(one.first_at),
            }
            for one in refused.troubles
        ],
        "robots_refusing": [
            {"robot": robot.key, "division": robot.division_code, "kind": robot.kind}
            for robot in refused.robots
        ],
    }


def _persons(posts: tuple[HeldPost, ...]) -> dict[str, Any]:
    told = leading_posts(posts)
    unlinked = [_person(post) for post in told if not post.holder.linked]
    doubted = [_person(post) for post in told if post.holder.doubt]
    return {"not_linked": unlinked, "doubted": doubted, "in_doubt": len(doubted)}


def _person(post: HeldPost) -> dict[str, Any]:
    holder = post.holder
    return {
        "id": holder.id,
        "name": holder.name,
        "division": post.division_code,
        "role": post.role.value,
        "held_from": post.held_from and post.held_from.value,
        "named_at": _time(holder.named_at),
        "doubt": holder.doubt and holder.doubt.value,
    }


def _hazards(found: HazardCoverage) -> dict[str, Any]:
    return {
        "family": found.family,
        "hazards": list(found.hazards),
        "villages": found.villages,
        "covered": found.covered,
        "by_stand_in": found.by_stand_in,
        "places": found.places,
        "places_covered": found.places_covered,
        "by_county": dict(found.by_county),
        **found.channels._asdict(),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "code": gap.code,
        "name": gap.name,
        "division": gap.division_code,
        "reason": gap.reason.value,
        "hazards": list(gap.hazards),  # empty: all
    }


def _details(coverage: Coverage, details: PlaceDetails) -> dict[str, Any]:
    kinds = zip(coverage.by_hazard, details.called, details.covered, strict=True)
    return {
        "code": details.code,
        "name": details.name,
        "division": details.division_code,
        "hazards": [
            {
                "family": kind.family,
                "hazards": list(kind.hazards),
                **count._asdict(),
                "covered": yes,
            }
            for kind, count, yes in kinds
        ],
        "named_at": _time(details.named_at),
        **_proven(details.proven),
    }


def _proven(proven: Proven | None) -> dict[str, Any]:
    if proven is None:
        return {"proven_at": None, "proven_how": None}
    return {"proven_at": _time(proven.at), "proven_how": proven.how.value}


def _date(date: RosterDate) -> dict[str, Any]:
    times = {"oldest": _time(date.oldest), "newest": _time(date.newest)}
    return {**date._asdict(), **times}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
