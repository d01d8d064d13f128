"""What a change of a warning changed, in lines, and the names of where it is more or less for."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.lifecycle import ChangeKind, Terms
from alerts.model import Alert
from bot.messages.facts import Facts, warned_name
from bot.views.warnings import change_news
from contacts import place_store
from contacts.divisions.area_lists import difference


def change_lines(facts: Facts, alert: Alert, number: int, language: str) -> tuple[str, list[str]]:
    """Who made the change of this number, and what changed with it (HTML)."""
    said = {message.number: message for message in facts.messages_of(alert.id)}
    message, before = said[number], said[number - 1]
    lines = lines_between(facts, alert, before.terms, message.terms, message.kinds, language)
    return facts.signed_by(alert, message.by_id), lines


def lines_between(
    facts: Facts,
    alert: Alert,
    before: Terms,
    after: Terms,
    kinds: Sequence[ChangeKind],
    language: str,
) -> list[str]:
    """What differs between what a warning said and what it says, a line for each (HTML)."""
    return change_news.what_changed(
        before,
        after,
        kinds,
        language,
        hazard=alert.hazard,
        added=more_areas(facts, alert, before, after),
        removed=more_areas(facts, alert, after, before),
        zone=facts.zone,
    )


def more_areas(facts: Facts, alert: Alert, less: Terms, more: Terms) -> list[str]:
    """The names of what one is for and the other is not."""
    gazetteer = facts.services.gazetteer
    _, areas = difference(
        more.areas, less.areas, lambda code: [child.code for child in gazetteer.children(code)]
    )
    names = [gazetteer.name(area) for area in areas]
    if more.places != less.places and less.places:
        new = [place for place in more.places if place not in less.places]
        known = place_store.names(facts.connection, new)
        names += [warned_name(facts.services, alert.areas, [place], known) for place in new]
        if not more.places:
            names.append(warned_name(facts.services, more.areas, (), {}))
    return names
