"""A person holds several posts, some at places; a call is for all of them, and counted in each.

Everybody keeps the post they have, as the one that leads. Titles and new roles and hazards besides.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from data.migrations.rules import add_rules, without_lists

revision = "0035"
down_revision = "0034"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ROLES = (
    "role IN ('commander', 'director', 'deputy_director', 'flood_office_head', "
    "'fire_office_head', 'duty_officer', 'staff', 'village_responsible', 'ranger', 'lookout', "
    "'checkpoint', 'monitoring_responsible', 'warning_responsible', 'evacuation_responsible', "
    "'inspection_responsible', 'village_cadre', 'grid_worker', 'disaster_informant', "
    "'hazard_observer', 'reservoir_head', 'reservoir_engineer', 'reservoir_inspector', "
    "'dyke_responsible', 'hazard_point_responsible', 'place_responsible')"
)
KINDS = (
    "kind IN ('reservoir', 'dyke', 'hazard_point', 'school', 'care_home', 'camp', 'scenic_spot', "
    "'settlement', 'other')"
)
HAZARDS = (
    "hazard IN ('rainstorm', 'flash_flood', 'river_flood', 'geological', 'waterlogging', "
    "'typhoon', 'thunderstorm_gale', 'reservoir', 'forest_fire_danger', 'forest_fire', "
    "'snowstorm', 'gale', 'hail', 'cold_wave', 'road_icing')"
)

# What each number counts, given one call; figures of what was moved stay with its first post.
COUNTED = {
    "waiting": "({call}.state = 'waiting')",
    "acknowledged": "({call}.state = 'acknowledged')",
    "proxied": "({call}.state = 'proxied')",
    "reported": "({call}.state = 'reported')",
    "discharged": "({call}.state = 'discharged')",
    "cancelled": "({call}.state = 'cancelled')",
    "unreachable": "({call}.state = 'waiting' AND {call}.reach = 'unreachable')",
    "queued": "({call}.state = 'waiting' AND {call}.reach = 'queued')",
}
MOVED = ("households", "persons")


def upgrade() -> None:
    connection = op.get_bind()
    for column in _of_a_post():
        op.add_column("people", column)
    op.add_column("alerts", sa.Column("places", sa.JSON()))
    nothing = sa.text("''")
    op.add_column(
        "calls", sa.Column("place_code", sa.String(80), nullable=False, server_default=nothing)
    )
    add_rules(connection, {"people": {"role_known": ROLES}, "alerts": {"hazard_known": HAZARDS}})
    _make_tables(without_lists if connection.dialect.name == "sqlite" else str)
    postgresql = connection.dialect.name == "postgresql"
    for statement in _postgresql() if postgresql else _sqlite():
        op.execute(statement)


def _of_a_post() -> list[sa.Column[Any]]:
    nothing = sa.text("''")
    return [
        sa.Column("title", sa.Text(), nullable=False, server_default=nothing),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=nothing),
        sa.Column("hazards", sa.String(200), nullable=False, server_default=nothing),
    ]


def _make_tables(written: Callable[[str], str]) -> None:
    op.create_table(
        "places",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("lon", sa.Float()),
        sa.Column("lat", sa.Float()),
        sa.Column("households", sa.Integer()),
        sa.Column("persons", sa.Integer()),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.PrimaryKeyConstraint("code"),
        sa.CheckConstraint(written(KINDS), name="kind_known"),
        sa.CheckConstraint("households >= 0 AND persons >= 0", name="counts_not_negative"),
    )
    op.create_index("ix_places_division_code", "places", ["division_code"])
    op.create_table(
        "posts",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, server_default=sa.text("1")),
        *_of_a_post(),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.UniqueConstraint("person_id", "division_code", "role", "place_code"),
        sa.CheckConstraint(written(ROLES), name="role_known"),
        sa.CheckConstraint("rank >= 1", name="rank_from_one"),
        sqlite_autoincrement=True,
    )
    op.create_index("posts_division_role", "posts", ["division_code", "role", "rank"])
    op.create_table(
        "call_posts",
        sa.Column("call_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("division_code", sa.String(12), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("place_code", sa.String(80), nullable=False, server_default=sa.text("''")),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("meets", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "division_code", "role", "place_code"),
        sqlite_with_rowid=False,
    )
    op.create_index("call_posts_alert", "call_posts", ["alert_id", "division_code"])


# What the further posts of calls add in each division: one where they are, less one where they meet
# one before.
SHARES = (
    "(SELECT call_id, code, sum(weight) AS weight FROM ("
    "SELECT call_id, division_code AS code, 1 AS weight FROM call_posts{which} UNION ALL "
    "SELECT call_id, meets, -1 FROM call_posts{which}"
    ") every_share GROUP BY call_id, code) share"
)


# How an archived alert stood is still told when its calls are gone (0019).
ARCHIVED = (
    "EXISTS (SELECT 1 FROM alerts WHERE alerts.id = {call}.alert_id "
    "AND alerts.archived_at IS NOT NULL)"
)


def _sqlite() -> list[str]:
    """Beside those of 0016: a call that changes is counted where its further posts are."""
    change = ", ".join(
        f"{name} = {name} + share.weight * ({counted.format(call='NEW')} - "
        f"{counted.format(call='OLD')})"
        for name, counted in COUNTED.items()
    )
    by_reach = ", ".join(
        f"{name} = {name} + share.weight * ((NEW.reach = '{name}') - (OLD.reach = '{name}'))"
        for name in ("unreachable", "queued")
    )
    minus = ", ".join(
        f"{name} = {name} - share.weight * {counted.format(call='OLD')}"
        for name, counted in COUNTED.items()
    )

    def shares(values: str, of: str, where: str = "") -> str:
        return (
            f"UPDATE call_counts SET {values} "
            f"FROM {SHARES.format(which=f' WHERE call_id = {of}.id')} "
            f"WHERE call_counts.alert_id = {of}.alert_id "
            f"AND call_counts.division_code = share.code{where};"
        )

    # Nearly every call is for one post: what runs for each tap looks no further then.
    any_posts = "EXISTS (SELECT 1 FROM call_posts WHERE call_id = NEW.id)"
    kept = f" AND NOT {ARCHIVED.format(call='OLD')}"
    return [
        "CREATE TRIGGER calls_shared_changed AFTER UPDATE OF state ON calls "
        f"WHEN OLD.state <> NEW.state AND {any_posts} BEGIN {shares(change, 'NEW')} END",
        "CREATE TRIGGER calls_shared_reached AFTER UPDATE OF reach ON calls "
        "WHEN OLD.reach <> NEW.reach AND OLD.state = 'waiting' AND NEW.state = 'waiting' "
        f"AND {any_posts} BEGIN {shares(by_reach, 'NEW')} END",
        "CREATE TRIGGER calls_shared_gone AFTER DELETE ON calls "
        f"BEGIN {shares(minus, 'OLD', kept)} "
        "DELETE FROM call_posts WHERE call_id = OLD.id; END",
    ]


def _postgresql() -> list[str]:
    """The function of 0016 once more, with the further posts of the calls."""
    names = ", ".join((*COUNTED, *MOVED))
    plus = ", ".join(f"{name} = known.{name} + excluded.{name}" for name in (*COUNTED, *MOVED))
    key = "alert_id, division_code"

    def enter(query: str) -> str:
        return (
            f"INSERT INTO call_counts AS known ({key}, {names}) {query} "
            f"ON CONFLICT ({key}) DO UPDATE SET {plus};"
        )

    sums = ", ".join(
        [
            *(f"sum(sign * {counted.format(call='call')}::int)" for counted in COUNTED.values()),
            *(f"sum(sign * moved * coalesce(call.{name}, 0))" for name in MOVED),
        ]
    )
    fields = "alert_id, division_code, state, reach, households, persons"

    def part(sign: str, rows: str, where: str) -> str:
        """The calls of these rows, each in its own division and where its further posts are."""
        of = rows.split()[0]
        own = ", ".join(f"{of}.{field}" for field in fields.split(", "))
        shared = own.replace(f"{of}.division_code", "share.code")
        return (
            f"SELECT {sign} AS sign, 1 AS moved, {own} FROM {rows} WHERE {where} "
            f"UNION ALL SELECT {sign} * share.weight, 0, {shared} FROM {rows} "
            f"JOIN {SHARES.format(which=f' WHERE call_id IN (SELECT id FROM {of})')} "
            f"ON share.call_id = {of}.id WHERE {where}"
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
    lost = counted(part("-1", "lost", f"NOT {ARCHIVED.format(call='lost')}"))
    both = counted(
        part("1", "gained JOIN lost USING (id)", differs),
        part("-1", "lost JOIN gained USING (id)", differs),
    )
    return [
        "CREATE OR REPLACE FUNCTION count_calls() RETURNS trigger LANGUAGE plpgsql AS "
        f"$count$ BEGIN IF TG_OP = 'INSERT' THEN {enter(gained)} "
        f"ELSIF TG_OP = 'DELETE' THEN {enter(lost)} "
        "DELETE FROM call_posts USING lost WHERE call_posts.call_id = lost.id; "
        f"ELSE {enter(both)} END IF; RETURN NULL; END $count$",
    ]
