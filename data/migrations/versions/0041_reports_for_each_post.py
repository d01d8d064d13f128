"""What somebody answers for in several places is reported for each of them, and counted there.

Until now a report was for all of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

ANSWERED = "('acknowledged', 'proxied', 'reported')"
# What each number counts where a further post is, given its call and what was reported for it.
COUNTED = {
    "waiting": "({state} = 'waiting')",
    "acknowledged": "({state} IN ('acknowledged', 'reported') AND {report} IS NULL)",
    "proxied": "({state} = 'proxied' AND {report} IS NULL)",
    "reported": f"({{state}} IN {ANSWERED} AND {{report}} IS NOT NULL)",
    "discharged": "({state} = 'discharged')",
    "cancelled": "({state} = 'cancelled')",
    "unreachable": "({state} = 'waiting' AND {reach} = 'unreachable')",
    "queued": "({state} = 'waiting' AND {reach} = 'queued')",
}
# The same of a call in its own division (0016).
OWN = {
    name: f"({{call}}.state = '{name}')"
    for name in ("waiting", "acknowledged", "proxied", "reported", "discharged", "cancelled")
} | {
    name: f"({{call}}.state = 'waiting' AND {{call}}.reach = '{name}')"
    for name in ("unreachable", "queued")
}
MOVED = ("households", "persons")
# How an archived alert stood is still told when its calls are gone (0019).
ARCHIVED = (
    "EXISTS (SELECT 1 FROM alerts WHERE alerts.id = {call}.alert_id "
    "AND alerts.archived_at IS NOT NULL)"
)


def upgrade() -> None:
    for column in (
        sa.Column("report", sa.String(16)),
        sa.Column("reported_at", sa.BigInteger()),
        sa.Column("households", sa.Integer()),
        sa.Column("persons", sa.Integer()),
    ):
        op.add_column("call_posts", column)
    op.add_column(
        "reports",
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "reports", sa.Column("alone", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    # Of several places each may need help.
    op.drop_index("help_requests_open", "help_requests")
    op.create_index(
        "help_requests_open",
        "help_requests",
        ["call_id", "division_code"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    reported = "FROM calls WHERE calls.id = call_posts.call_id"
    op.execute(
        f"UPDATE call_posts SET report = (SELECT calls.report {reported}), "
        f"reported_at = (SELECT calls.reported_at {reported})"
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _postgresql() if postgresql else _sqlite():
        op.execute(statement)


def _counted(name: str, state: str, reach: str, report: str) -> str:
    return COUNTED[name].format(state=state, reach=reach, report=report)


def _sqlite() -> list[str]:
    """A call that changes is counted where its further posts are, and a further post of which
    something is reported."""

    def shares(numbers: dict[str, str], of: str, figures: str = "") -> str:
        sums = ", ".join(f"sum(weight * ({number})) AS {name}" for name, number in numbers.items())
        columns = "report, households, persons"
        return (
            f"(SELECT code, {sums}{figures} FROM ("
            f"SELECT division_code AS code, 1 AS weight, {columns} FROM call_posts "
            f"WHERE call_id = {of}.id UNION ALL "
            f"SELECT meets, -1, report, NULL, NULL FROM call_posts WHERE call_id = {of}.id"
            ") every_share GROUP BY code) share"
        )

    def change(sign: str, names: list[str], shared: str, of: str, where: str = "") -> str:
        values = ", ".join(f"{name} = call_counts.{name} {sign} share.{name}" for name in names)
        return (
            f"UPDATE call_counts SET {values} FROM {shared} "
            f"WHERE call_counts.alert_id = {of}.alert_id "
            f"AND call_counts.division_code = share.code{where};"
        )

    states = {
        name: f"{_counted(name, 'NEW.state', 'NEW.reach', 'report')} - "
        f"{_counted(name, 'OLD.state', 'OLD.reach', 'report')}"
        for name in COUNTED
    }
    lost = {name: _counted(name, "OLD.state", "OLD.reach", "report") for name in COUNTED}
    figures = "".join(f", sum(coalesce({name}, 0)) AS {name}" for name in MOVED)
    any_posts = "EXISTS (SELECT 1 FROM call_posts WHERE call_id = NEW.id)"
    kept = f" AND NOT {ARCHIVED.format(call='OLD')}"
    gone = change("-", [*lost, *MOVED], shares(lost, "OLD", figures), "OLD", kept)

    its = "(SELECT {} FROM calls WHERE id = NEW.call_id)"
    told = {
        name: f"{_counted(name, its.format('state'), its.format('reach'), 'NEW.report')} - "
        f"{_counted(name, its.format('state'), its.format('reach'), 'OLD.report')}"
        for name in ("acknowledged", "proxied", "reported")
    }
    moved = {name: f"coalesce(NEW.{name}, 0) - coalesce(OLD.{name}, 0)" for name in MOVED}

    def here(code: str, sign: str, numbers: dict[str, str]) -> str:
        values = ", ".join(f"{name} = {name} {sign} ({number})" for name, number in numbers.items())
        return (
            f"UPDATE call_counts SET {values} "
            f"WHERE alert_id = NEW.alert_id AND division_code = NEW.{code};"
        )

    differs = " OR ".join(
        f"OLD.{name} IS NOT NEW.{name}" for name in ("report", "households", "persons")
    )
    return [
        "DROP TRIGGER calls_shared_changed",
        "DROP TRIGGER calls_shared_gone",
        "CREATE TRIGGER calls_shared_changed AFTER UPDATE OF state ON calls "
        f"WHEN OLD.state <> NEW.state AND {any_posts} "
        f"BEGIN {change('+', list(states), shares(states, 'NEW'), 'NEW')} END",
        "CREATE TRIGGER calls_shared_gone AFTER DELETE ON calls "
        f"BEGIN {gone} DELETE FROM call_posts WHERE call_id = OLD.id; END",
        "CREATE TRIGGER call_posts_told AFTER UPDATE OF report, households, persons ON call_posts "
        f"WHEN {differs} "
        f"BEGIN {here('division_code', '+', told | moved)} {here('meets', '-', told)} END",
    ]


def _postgresql() -> list[str]:
    """The function of 0035 once more, and one for what is reported of further posts."""
    names = ", ".join((*OWN, *MOVED))
    plus = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in (*OWN, *MOVED))
    key = "alert_id, division_code"

    def enter(query: str) -> str:
        return (
            f"INSERT INTO call_counts AS known ({key}, {names}) {query} "
            f"ON CONFLICT ({key}) DO UPDATE SET {plus};"
        )

    sums = ", ".join(
        [
            *(f"sum(sign * {counted.format(call='call')}::int)" for counted in OWN.values()),
            *(f"sum(sign * moved * coalesce(call.{name}, 0))" for name in MOVED),
        ]
    )
    fields = "alert_id, division_code, state, reach, households, persons"

    def state_there(state: str, report: str) -> str:
        """How the call of this state stands where a further post of it is."""
        return (
            f"CASE WHEN {state} IN {ANSWERED} AND {report} IS NOT NULL THEN 'reported' "
            f"WHEN {state} = 'reported' THEN 'acknowledged' ELSE {state} END"
        )

    def part(sign: str, rows: str, where: str) -> str:
        """The calls of these rows, each in its own division and where its further posts are."""
        of = rows.split()[0]
        own = ", ".join(f"{of}.{field}" for field in fields.split(", "))
        there = state_there(f"{of}.state", "share.report")
        return (
            f"SELECT {sign} AS sign, 1 AS moved, {own} FROM {rows} WHERE {where} "
            f"UNION ALL SELECT {sign} * share.weight, 0, {of}.alert_id, share.code, {there}, "
            f"{of}.reach, NULL, NULL FROM {rows} JOIN ("
            "SELECT call_id, division_code AS code, 1 AS weight, report FROM call_posts UNION ALL "
            "SELECT call_id, meets, -1, report FROM call_posts"
            f") share ON share.call_id = {of}.id WHERE {where}"
        )

    def counted(*parts: str) -> str:
        return f"SELECT {key}, {sums} FROM ({' UNION ALL '.join(parts)}) call GROUP BY {key}"

    watched = fields.split(", ")
    differs = (
        "({})".format(", ".join(f"gained.{name}" for name in watched))
        + " IS DISTINCT FROM "
        + "({})".format(", ".join(f"lost.{name}" for name in watched))
    )
    # New calls have no further posts yet.
    gained = counted(
        f"SELECT 1 AS sign, 1 AS moved, {fields} FROM gained WHERE NOT gained.counted_apart"
    )
    kept = f"NOT {ARCHIVED.format(call='lost')}"
    figures = (
        "SELECT -1, 1, lost.alert_id, post.division_code, 'gone', lost.reach, "
        "post.households, post.persons "
        f"FROM lost JOIN call_posts post ON post.call_id = lost.id WHERE {kept}"
    )
    lost = counted(part("-1", "lost", kept), figures)
    both = counted(
        part("1", "gained JOIN lost USING (id)", differs),
        part("-1", "lost JOIN gained USING (id)", differs),
    )

    def told(sign: int, rows: str) -> str:
        there = state_there("its.state", f"{rows}.report")
        other = "lost" if rows == "gained" else "gained"
        of_call = (
            f"FROM {rows} JOIN {other} USING (call_id, division_code, role, place_code) "
            f"JOIN calls its ON its.id = {rows}.call_id "
            f"WHERE ({rows}.report, {rows}.households, {rows}.persons) IS DISTINCT FROM "
            f"({other}.report, {other}.households, {other}.persons)"
        )
        return (
            f"SELECT {sign} AS sign, 1 AS moved, {rows}.alert_id, {rows}.division_code, "
            f"{there} AS state, its.reach, {rows}.households, {rows}.persons {of_call} "
            f"UNION ALL SELECT {-sign}, 0, {rows}.alert_id, {rows}.meets, {there}, its.reach, "
            f"NULL, NULL {of_call}"
        )

    return [
        "CREATE OR REPLACE FUNCTION count_calls() RETURNS trigger LANGUAGE plpgsql AS "
        f"$count$ BEGIN IF TG_OP = 'INSERT' THEN {enter(gained)} "
        f"ELSIF TG_OP = 'DELETE' THEN {enter(lost)} "
        "DELETE FROM call_posts USING lost WHERE call_posts.call_id = lost.id; "
        f"ELSE {enter(both)} END IF; RETURN NULL; END $count$",
        "CREATE FUNCTION count_call_posts() RETURNS trigger LANGUAGE plpgsql AS "
        f"$count$ BEGIN {enter(counted(told(1, 'gained'), told(-1, 'lost')))} "
        "RETURN NULL; END $count$",
        "CREATE TRIGGER call_posts_told AFTER UPDATE ON call_posts "
        "REFERENCING OLD TABLE AS lost NEW TABLE AS gained "
        "FOR EACH STATEMENT EXECUTE FUNCTION count_call_posts()",
    ]
