"""What the database itself enforces: rules of rows, one only of what is single, the trail.

Rows of before that break a rule stop the upgrade, which then says which they are.
"""

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, no_two_alike

revision = "0021"
down_revision = "0020"

RULES = {
    "alerts": {
        "cancelled_has_time": "state <> 'cancelled' OR cancelled_at IS NOT NULL",
        "closed_has_time": "state <> 'closed' OR closed_at IS NOT NULL",
        "hazard_known": (
            "hazard IN ('rainstorm', 'flash_flood', 'river_flood', 'geological', 'waterlogging', "
            "'typhoon', 'thunderstorm_gale', 'reservoir', 'forest_fire_danger', 'forest_fire')"
        ),
        "level_known": "level IN ('red', 'orange', 'yellow', 'blue')",
        "released_has_time": "state IN ('pending', 'refused') OR released_at IS NOT NULL",
        "state_known": (
            "state IN ('pending', 'released', 'closed', 'cancelled', 'expired', 'refused')"
        ),
        "status_known": "status IN ('Actual', 'Exercise')",
        "two_persons": "confirmed_by <> sender_id",
    },
    "bots": {
        "down_has_time": "down_reason IS NULL OR down_since IS NOT NULL",
        "down_reason_known": "down_reason IN ('revoked', 'halted')",
    },
    "calls": {
        "answered_has_time": (
            "state NOT IN ('acknowledged', 'proxied', 'reported') OR answered_at IS NOT NULL"
        ),
        "answered_via_known": "answered_via IN ('button', 'group', 'words', 'proxy')",
        "counts_not_negative": "households >= 0 AND persons >= 0",
        "proxied_has_officer": "state <> 'proxied' OR proxy_by IS NOT NULL",
        "reach_known": "reach IN ('queued', 'delivered', 'unreachable')",
        "report_known": "report IN ('done', 'moved', 'cannot', 'help')",
        "reported_has_time": "report IS NULL OR reported_at IS NOT NULL",
        "state_known": (
            "state IN ('waiting', 'acknowledged', 'proxied', 'reported', 'discharged', 'cancelled')"
        ),
    },
    "deliveries": {
        "attempts_not_negative": "attempts >= 0",
        "kind_known": (
            "kind IN ('call', 'remind', 'post', 'chase', 'cancel', 'answered', 'report_due', "
            "'silent_list', 'silent_list_edit', 'help_wanted', 'confirm', 'released', 'card', "
            "'post_card', 'summary', 'distress', 'distress_sent', 'distress_update', "
            "'field_report', 'red_day', 'red_day_silent', 'red_day_fire', 'oversight', 'reply', "
            "'check_in_missed', 'patrol_silent', 'patrol_back', 'hotspot_task', 'hotspot_spot', "
            "'hotspot_taken', 'hotspot_due', 'hotspot_list', 'hotspot_alarm', 'hotspot_verdict', "
            "'roll_call', 'roll_call_result', 'roll_call_silent', 'picture')"
        ),
        "lane_known": "lane BETWEEN 0 AND 9",
        "state_known": "state IN ('queued', 'claimed', 'sent', 'failed', 'dropped')",
    },
    "distress_calls": {
        "cleared_has_time": "cleared_by IS NULL OR cleared_at IS NOT NULL",
        "taken_has_time": "taken_by IS NULL OR taken_at IS NOT NULL",
    },
    "divisions": {
        "level_known": "level IN ('province', 'city', 'county', 'township', 'village')",
    },
    "field_reports": {
        "kind_known": "kind IN ('photo', 'video', 'video_note', 'voice', 'document', 'text')",
    },
    "fire_danger": {
        "level_known": "level BETWEEN 1 AND 5",
    },
    "groups": {
        "contact_known": (
            "contact IN ('ok', 'never_started', 'blocked', 'deactivated', 'removed', 'bot_down')"
        ),
        "purpose_known": "purpose IN ('flood', 'fire', 'all')",
    },
    "heat_sources": {
        "spot_on_earth": "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
    },
    "hotspot_asks": {
        "answer_known": "answer IN ('awaited', 'accepted', 'cannot', 'silent', 'spared')",
    },
    "hotspot_tasks": {
        "accepted_has_time": "accepted_by IS NULL OR accepted_at IS NOT NULL",
        "spot_on_earth": "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
        "state_known": "state IN ('waiting', 'asked', 'accepted', 'verified', 'expired')",
        "verdict_has_time": "verdict IS NULL OR verdict_at IS NOT NULL",
        "verdict_known": (
            "verdict IN ('forest_fire', 'grassland_fire', 'farm_burning', 'planned_burning', "
            "'other_heat_source', 'nothing_found')"
        ),
    },
    "hotspots": {
        "confidence_known": "confidence IN ('low', 'nominal', 'high')",
        "spot_on_earth": "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
    },
    "patrol_orders": {
        "ends_after_start": "ends_at > starts_at",
    },
    "patrol_shifts": {
        "ends_after_start": "ends_at > starts_at",
    },
    "people": {
        "contact_known": (
            "contact IN ('ok', 'never_started', 'blocked', 'deactivated', 'removed', 'bot_down')"
        ),
        "rank_from_one": "rank >= 1",
        "role_known": (
            "role IN ('commander', 'director', 'deputy_director', 'flood_office_head', "
            "'fire_office_head', 'duty_officer', 'staff', 'village_responsible', 'ranger', "
            "'lookout', 'checkpoint')"
        ),
    },
    "positions": {
        "spot_on_earth": "lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90",
    },
    "roll_call_entries": {
        "answered_has_time": "state NOT IN ('answered', 'far') OR answered_at IS NOT NULL",
        "state_known": "state IN ('asked', 'answered', 'far', 'unreachable')",
    },
    "roll_calls": {
        "whom_known": (
            "whom IN ('patrol', 'rangers', 'lookouts', 'checkpoints', 'village', 'everyone')"
        ),
    },
    "season_asks": {
        "answer_known": "answer IN ('received', 'no_fire', 'fire')",
        "answered_has_time": "answer IS NULL OR answered_at IS NOT NULL",
        "kind_known": "kind IN ('orders', 'zero_report')",
    },
    "season_rounds": {
        "kind_known": "kind IN ('orders', 'zero_report')",
        "step_known": "step IN ('asked', 'reminded', 'listed')",
    },
    "shifts": {
        "ends_after_start": "ends_at > starts_at",
    },
    "zones": {
        "kind_known": "kind IN ('area', 'route')",
    },
}

# Only one of these may be there: index, table, column, which rows.
ONE_OF_A_KIND = (
    ("distress_calls_open", "distress_calls", "person_id", "cleared_at IS NULL"),
    ("roll_calls_one_open", "roll_calls", "division_code", "closed_at IS NULL"),
    ("bots_serving", "bots", "division_code", "NOT retired"),
)

APPEND_ONLY = "an entry of the trail is never changed or deleted"
GAPLESS = "an entry of the trail follows the one before"


def upgrade() -> None:
    connection = op.get_bind()
    for index, table, column, where in ONE_OF_A_KIND:
        no_two_alike(connection, table, column, where, index)
    add_rules(connection, RULES)
    op.drop_index("distress_calls_open", "distress_calls")
    for index, table, column, where in ONE_OF_A_KIND:
        only = sa.text(where)
        op.create_index(
            index, table, [column], unique=True, sqlite_where=only, postgresql_where=only
        )
    sqlite = connection.dialect.name == "sqlite"
    for statement in SQLITE_TRAIL if sqlite else POSTGRESQL_TRAIL:
        connection.exec_driver_sql(statement)


# What was archived may go: a signed mark stands for it (``data.trail_marks``).
_ARCHIVED = "EXISTS (SELECT 1 FROM audit_marks WHERE audit_marks.seq >= OLD.seq)"

SQLITE_TRAIL = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN NOT {_ARCHIVED} "
    f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END",
    "CREATE TRIGGER audit_gapless BEFORE INSERT ON audit "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) "
    f"BEGIN SELECT RAISE(ABORT, '{GAPLESS}'); END",
)


def _refuse(what: str, rule: str) -> str:
    return (
        f"RAISE EXCEPTION '{what}' "
        f"USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', TABLE = 'audit';"
    )


POSTGRESQL_TRAIL = (
    "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"{_refuse(APPEND_ONLY, 'audit_append_only')} END $$",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE OR TRUNCATE ON audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
    "CREATE FUNCTION audit_archived() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF NOT {_ARCHIVED} THEN {_refuse(APPEND_ONLY, 'audit_append_only')} END IF; "
    "RETURN OLD; END $$",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_archived()",
    # One look for all the entries of a statement: a sweep writes thousands.
    "CREATE FUNCTION audit_gapless() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "DECLARE low bigint; high bigint; many bigint; BEGIN "
    "SELECT min(seq), max(seq), count(*) INTO low, high, many FROM added; "
    "IF many > 0 AND (low <= 0 OR high - low + 1 <> many "
    "OR low > 1 AND NOT EXISTS (SELECT FROM audit WHERE seq = low - 1) "
    "OR EXISTS (SELECT FROM audit WHERE seq > high)) "
    f"THEN {_refuse(GAPLESS, 'audit_gapless')} END IF; RETURN NULL; END $$",
    "CREATE TRIGGER audit_gapless AFTER INSERT ON audit REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_gapless()",
)
