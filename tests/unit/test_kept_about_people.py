"""Each table of the database is in the table of docs/privacy.md, or holds nothing about persons.

A new table fails here until somebody says what it keeps of people, and for how long.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from data.tables import history, metadata

PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"

KEPT = {
    "name, posts, division, numbers, language": {"people", "posts", "roster_lists"},
    "Telegram account": {"blocked_accounts"},
    "link request": {"link_requests"},
    "duty and patrol shifts": {
        "shifts", "shift_moves", "duty_asks", "duty_handovers", "calendar_links",
        "patrol_shifts", "check_in_watches", "zone_people",
    },
    "patrol results": {"patrol_days"},
    "positions, tracks": {"positions"},
    "roll calls, check-ins, zero reports": {
        "roll_calls", "roll_call_entries", "season_asks", "hotspot_tasks", "hotspot_asks",
        "fire_danger",
    },
    "photos, voice, reports, calls for help": {
        "field_reports", "distress_calls", "distress_messages", "reports", "help_requests",
        "known_files",
    },
    "calls and answers, what was sent": {
        "alerts", "calls", "call_posts", "left_out_posts", "deliveries", "cards", "ringing",
        "unfinished_releases",
        "withdrawn_answers", "cut_off_villages", "errands", "proposed_warnings", "alert_messages",
        "pending_changes", "unfinished_updates", "expiry_questions",
        "stage_plans", "card_rounds", "card_sends", "household_moves",
    },
    "evacuation cards, households": {"evacuation_cards", "evacuation_households", "shelters"},
    "tasks of the five lists": {"tasks", "task_events", "task_makings"},
    "remarks on daily reports": {"daily_remarks"},
    "answers to a roster check": {"roster_checks", "roster_answers"},
    "what an account is in the middle of": {"conversations", "drawn_areas"},
    "updates": {"inbox", "handled_updates"},
    "board links, sessions, addresses": {"board_links", "board_sessions"},
    "access log": {"access_log"},
    "tokens of other systems": {"api_tokens"},
    "audit trail": {"audit", "template_versions"},
    "other channels: addresses": {"channel_addresses"},
    "other channels: what was said": {"channel_deliveries"},
    "test calls": {"test_calls", "test_lines"},
    "numbers rung": {"channel_tries"},
    "warnings of other agencies": {"cap_messages"},
}  # fmt: skip
"""The table's rows, by their English, and which tables of the database each is about."""

NOT_ABOUT_PERSONS = {
    "api_requests", "audit_keys", "audit_marks", "board_keys", "bots", "call_counts", "cap_entries",
    "channel_events", "channel_nonces", "channel_troubles", "closed_times", "commit_marks",
    "daily_days", "daily_reports",
    "divisions", "duty_gaps", "duty_watches", "equipment", "feeds", "findings", "fire_seasons",
    "groups", "heat_sources", "hotspots", "leases", "outgoing_events", "patrol_marks",
    "patrol_orders", "places", "processes", "pulses",
    "readings", "reference_versions", "river_stretches", "robot_posts", "season_rounds",
    "household_counts", "mechanism_versions", "overfull_shelters", "returns",
    "set_aside", "flood_zones", "untold_ends", "source_findings", "station_watches", "stations",
    "sky_groups", "sky_mutes", "sky_pictures", "uncalled_villages",
    "unforeseen_refusals", "webhook_deliveries", "zones",
}  # fmt: skip

_ROWS = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]


@pytest.mark.parametrize("words", KEPT)
def test_each_kind_has_its_row_with_a_term(words: str) -> None:
    rows = [row for row in _ROWS if words in row.split("|")[1]]
    assert len(rows) == 1, words
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert len(cells) == 4 and all(cells)


def test_every_table_is_said() -> None:
    said = set().union(*KEPT.values())
    stored = {table.name for table in metadata.tables.values()}
    assert not said & NOT_ABOUT_PERSONS
    assert said | NOT_ABOUT_PERSONS == stored
    assert {table.name for table in history.metadata.tables.values()} <= said


def test_what_is_about_no_person_names_none() -> None:
    for name in NOT_ABOUT_PERSONS:
        table = metadata.tables[name]
        keys = {key.column.table.name for column in table.c for key in column.foreign_keys}
        assert "people" not in keys, name
        assert not {"person_id", "telegram_id", "phone"} & set(table.c.keys()), name
