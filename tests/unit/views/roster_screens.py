"""The texts of a roster check, for the golden files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from alerts.roster_checks.model import CheckCounts, RosterCheck, StillThere
from bot.views.roster import checks
from bot.views.screen import Screen
from contacts.people import Post, Role
from tests.unit.views import samples as s

View = Callable[[str], Screen]

PLACE = "延边州 敦化市 <b>大石头镇"
CHECK = RosterCheck(
    3, s.COUNTY, 1, s.START, s.START + timedelta(days=7), s.START + timedelta(days=3), None
)
PERSON = replace(s.SENDER, others=(Post("222403101201", Role.RANGER, title="村书记"),))
COUNTS = CheckCounts(80, 3, 1, 40, 12)


def roster_checks() -> Iterator[tuple[str, View]]:
    """The question, the answers, a no for those above, how it stands and how it ends."""
    places = ("延边州 敦化市", "延边州 敦化市 大石头镇 红石村")
    posts = list(zip(PERSON.posts, places, strict=True))
    for again in (False, True):
        yield (
            f"roster_check_asked{'_again' if again else ''}",
            lambda language, again=again: checks.asked(  # type: ignore[misc]
                PERSON, posts, CHECK, language, again=again
            ),
        )
    yield (
        "roster_check_asked_of_one_post",
        lambda language: checks.asked(s.SENDER, posts[:1], CHECK, language, again=False),
    )
    for said in StillThere:
        yield (
            f"roster_check_said_{said.value}",
            lambda language, said=said: Screen(checks.answered(said, language)),  # type: ignore[misc]
        )
    for said in (StillThere.ELSEWHERE, StillThere.NOT_ME):
        yield (
            f"roster_check_denied_{said.value}",
            lambda language, said=said: checks.denied(  # type: ignore[misc]
                PERSON, posts, said, language, phone=said is StillThere.NOT_ME
            ),
        )
    yield (
        "roster_check_which_gone",
        lambda language: checks.which_post_gone(CHECK.id, posts, language),
    )
    yield (
        "roster_check_post_gone",
        lambda language: Screen(checks.post_gone(*posts[1], language)),
    )
    yield "roster_check_list_changed", lambda language: Screen(checks.list_changed(language))
    yield (
        "roster_check_denied_no_more",
        lambda language: checks.denied_no_more(PERSON, language, phone=True),
    )
    yield (
        "roster_check_preview",
        lambda language: checks.preview(s.COUNTY, s.PLACE, 124, 112, 7, language),
    )
    silent = [
        (PERSON, PLACE, True),
        (replace(PERSON, name="王<强>", telegram_id=None), PLACE, False),
    ]
    for name, check in (("running", CHECK), ("over", replace(CHECK, closed_at=s.NOW))):
        yield (
            f"roster_check_{name}",
            lambda language, check=check: checks.standing(  # type: ignore[misc]
                check, COUNTS, silent, s.PLACE, language
            ),
        )
