"""How the calls of each alert and division stand is counted as they change, by triggers.

Cards that show how their alert ended, alerts that ended long ago and the people of a bot are found
without reading them all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

# What each number counts, given one call: by state, of those waiting by reach, and what was moved.
COUNTED = {
    "waiting": "({call}.state = 'waiting')",
    "acknowledged": "({call}.state = 'acknowledged')",
    "proxied": "({call}.state = 'proxied')",
    "reported": "({call}.state = 'reported')",
    "discharged": "({call}.state = 'discharged')",
    "cancelled": "({call}.state = 'cancelled')",
    "unreachable": "({call}.state = 'waiting' AND {call}.reach = 'unreachable')",
    "queued": "({call}.state = 'waiting' AND {call}.reach = 'queued')",
    "households": "coalesce({call}.households, 0)",
    "persons": "coalesce({call}.persons, 0)",
}
NAMES = ", ".join(COUNTED)


def upgrade() -> None:
    op.create_table(
        "call_counts",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(length=12), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTED),
        sa.PrimaryKeyConstraint("alert_id", "division_code"),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "calls",
        sa.Column("counted_apart", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(
        f"INSERT INTO call_counts (alert_id, division_code, {NAMES}) "
        f"SELECT alert_id, division_code, {_sums('calls', postgresql)} "
        "FROM calls GROUP BY alert_id, division_code"
    )
    for statement in _postgresql() if postgresql else _sqlite():
        op.execute(statement)
    op.add_column(
        "cards", sa.Column("settled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        "UPDATE cards SET settled = true WHERE EXISTS (SELECT 1 FROM alerts "
        "WHERE alerts.id = cards.alert_id AND alerts.state <> 'released' "
        "AND substr(cards.shown, 1, length(alerts.state) + 1) = alerts.state || ' ')"
    )
    # A bot that cannot speak finds its people some at a time.
    op.drop_index("people_bot", "people")
    op.create_index("people_bot", "people", ["bot_id", "contact"], unique=False)
    for name, table, column, condition in (
        ("cards_unsettled", "cards", "alert_id", "NOT settled"),
        ("alerts_expires", "alerts", "expires_at", None),
        ("alerts_closed", "alerts", "closed_at", "closed_at IS NOT NULL"),
        ("alerts_cancelled", "alerts", "cancelled_at", "cancelled_at IS NOT NULL"),
    ):
        only = None if condition is None else sa.text(condition)
        op.create_index(
            name, table, [column], unique=False, sqlite_where=only, postgresql_where=only
        )


def _number(counted: str, call: str, postgresql: bool) -> str:
    number = counted.format(call=call)
    return f"{number}::int" if postgresql and not number.startswith("coalesce") else number


def _sums(call: str, postgresql: bool, sign: str = "") -> str:
    return ", ".join(
        f"sum({sign}{_number(counted, call, postgresql)})" for counted in COUNTED.values()
    )


def _sqlite() -> list[str]:
    """A trigger runs for each row. An update that changes no number costs a comparison."""
    added = ", ".join(counted.format(call="NEW") for counted in COUNTED.values())
    plus = ", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTED)
    enter = (
        f"INSERT INTO call_counts (alert_id, division_code, {NAMES}) "
        f"VALUES (NEW.alert_id, NEW.division_code, {added}) "
        f"ON CONFLICT (alert_id, division_code) DO UPDATE SET {plus};"
    )
    minus = ", ".join(
        f"{name} = {name} - {counted.format(call='OLD')}" for name, counted in COUNTED.items()
    )
    leave = (
        f"UPDATE call_counts SET {minus} "
        "WHERE alert_id = OLD.alert_id AND division_code = OLD.division_code;"
    )
    change = ", ".join(
        f"{name} = {name} + {counted.format(call='NEW')} - {counted.format(call='OLD')}"
        for name, counted in COUNTED.items()
    )
    by_reach = ", ".join(
        f"{name} = {name} + (NEW.reach = '{name}') - (OLD.reach = '{name}')"
        for name in ("unreachable", "queued")
    )
    here = "WHERE alert_id = NEW.alert_id AND division_code = NEW.division_code"
    same_place = "OLD.alert_id = NEW.alert_id AND OLD.division_code = NEW.division_code"
    figures_differ = "(OLD.households IS NOT NEW.households OR OLD.persons IS NOT NEW.persons)"
    return [
        "CREATE TRIGGER calls_counted_new AFTER INSERT ON calls WHEN NOT NEW.counted_apart "
        f"BEGIN {enter} END",
        f"CREATE TRIGGER calls_counted_gone AFTER DELETE ON calls BEGIN {leave} END",
        "CREATE TRIGGER calls_counted_changed "
        "AFTER UPDATE OF state, households, persons ON calls "
        f"WHEN {same_place} AND (OLD.state <> NEW.state OR {figures_differ}) "
        f"BEGIN UPDATE call_counts SET {change} {here}; END",
        # What runs for every message that arrives: two numbers only.
        "CREATE TRIGGER calls_counted_reached AFTER UPDATE OF reach ON calls "
        f"WHEN {same_place} AND OLD.reach <> NEW.reach AND NOT {figures_differ} "
        "AND OLD.state = 'waiting' AND NEW.state = 'waiting' "
        f"BEGIN UPDATE call_counts SET {by_reach} {here}; END",
        "CREATE TRIGGER calls_counted_moved AFTER UPDATE OF alert_id, division_code ON calls "
        f"WHEN NOT ({same_place}) BEGIN {leave} {enter} END",
    ]


def _postgresql() -> list[str]:
    """A trigger runs for each statement, over all the rows it changed: one grouped change."""
    plus = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in COUNTED)
    key = "alert_id, division_code"

    def enter(query: str) -> str:
        return (
            f"INSERT INTO call_counts AS known ({key}, {NAMES}) {query} "
            f"ON CONFLICT ({key}) DO UPDATE SET {plus};"
        )

    gained = (
        f"SELECT {key}, {_sums('gained', True)} FROM gained WHERE NOT counted_apart GROUP BY {key}"
    )
    lost = f"SELECT {key}, {_sums('lost', True, '-')} FROM lost GROUP BY {key}"
    both = (
        f"SELECT {key}, {_sums('call', True, 'sign * ')} FROM ("
        "SELECT 1 AS sign, gained.* FROM gained JOIN lost USING (id) WHERE {differs} "
        "UNION ALL "
        "SELECT -1, lost.* FROM lost JOIN gained USING (id) WHERE {differs}"
        f") call GROUP BY {key}"
    )
    watched = ("alert_id", "division_code", "state", "reach", "households", "persons")
    row = "({})".format
    differs = (
        row(", ".join(f"gained.{name}" for name in watched))
        + " IS DISTINCT FROM "
        + row(", ".join(f"lost.{name}" for name in watched))
    )
    return [
        "CREATE FUNCTION count_calls() RETURNS trigger LANGUAGE plpgsql AS $count$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN {enter(gained)} "
        f"ELSIF TG_OP = 'DELETE' THEN {enter(lost)} "
        f"ELSE {enter(both.replace('{differs}', differs))} "
        "END IF; RETURN NULL; END $count$",
        "CREATE TRIGGER calls_counted_new AFTER INSERT ON calls "
        "REFERENCING NEW TABLE AS gained FOR EACH STATEMENT EXECUTE FUNCTION count_calls()",
        "CREATE TRIGGER calls_counted_gone AFTER DELETE ON calls "
        "REFERENCING OLD TABLE AS lost FOR EACH STATEMENT EXECUTE FUNCTION count_calls()",
        "CREATE TRIGGER calls_counted_changed AFTER UPDATE ON calls "
        "REFERENCING OLD TABLE AS lost NEW TABLE AS gained "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_calls()",
    ]
