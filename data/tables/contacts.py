"""The tables of who can be called and where: divisions and their places, people and their posts,
groups, bots, duty shifts."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# The words of ``contacts.divisions.codes.Tier``.
TIERS = ("province", "city", "county", "township", "village")

divisions = Table(
    "divisions",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", String(8), nullable=False),
    Column("parent_code", String(12)),
    Column("lon", Float),
    Column("lat", Float),
    one_of("level", *TIERS),
)

# What a person may be called as; the words of ``contacts.people.Role``.
ROLES = (
    "commander",
    "director",
    "deputy_director",
    "flood_office_head",
    "fire_office_head",
    "duty_officer",
    "staff",
    "village_responsible",
    "ranger",
    "lookout",
    "checkpoint",
    "monitoring_responsible",
    "warning_responsible",
    "evacuation_responsible",
    "inspection_responsible",
    "village_cadre",
    "grid_worker",
    "disaster_informant",
    "hazard_observer",
    "reservoir_head",
    "reservoir_engineer",
    "reservoir_inspector",
    "dyke_responsible",
    "hazard_point_responsible",
    "place_responsible",
    "department",
)

# What has persons of its own inside a division: a reservoir, a dyke, a hazard point, a school.
places = Table(
    "places",
    metadata,
    Column("code", String(80), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("division_code", String(12), nullable=False, index=True),
    Column("lon", Float),
    Column("lat", Float),
    # Who lives or stays in its danger.
    Column("households", Integer),
    Column("persons", Integer),
    # Codes of the villages that the water of a reservoir reaches when it fails; null: not listed.
    Column("below", JSON),
    Column("active", Boolean, nullable=False, server_default=true()),
    one_of(
        "kind",
        "reservoir",
        "dyke",
        "hazard_point",
        "school",
        "care_home",
        "camp",
        "scenic_spot",
        "settlement",
        "other",
        "department",
    ),
    rule("counts_not_negative", "households >= 0 AND persons >= 0"),
)

# What a village or place is reached by when all else is cut off (``contacts.equipment``).
equipment = Table(
    "equipment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("division_code", String(12), nullable=False, index=True),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("number", String(20), nullable=False, server_default=text("''")),
    Column("words", Text, nullable=False, server_default=text("''")),
    Column("proven_at", UtcDateTime),  # when a test call was last answered there
    UniqueConstraint("kind", "division_code", "place_code", "number", "words"),
    one_of("kind", "satellite_phone", "loudspeaker"),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", String(20), nullable=False, unique=True),
    # The post that leads (``contacts.people.leading_first``); a person's further ones: ``posts``.
    Column("division_code", String(12), nullable=False),
    Column("role", String(24), nullable=False),
    Column("rank", Integer, nullable=False, server_default=text("1")),
    Column("language", String(8), nullable=False, server_default=text("'zh'")),
    Column("telegram_id", BigInteger, unique=True),
    # ok, never_started, blocked, deactivated: what the last send to this person told us
    Column("contact", String(16), nullable=False, server_default=text("'ok'")),
    Column("invite_code", String(32), nullable=False, unique=True),
    Column("linked_at", UtcDateTime),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("bot_id", BigInteger),  # the bot that speaks to this person; bots.id, see contacts.bots
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("hazards", String(200), nullable=False, server_default=text("''")),  # by commas
    Column("held_from", String(8)),  # the tier that sends who holds the post; null: nobody said
    Column("invite_made_at", UtcDateTime),  # the code opens nothing some weeks later
    # Linked in chat to an account that has not used the rights of its post yet: the first time is
    # told to the tier above.
    Column("account_is_new", Boolean, nullable=False, server_default=false()),
    Column("approved_by", BigInteger),  # people.id: who said that the account is theirs
    # Linked before the post that gives rights: these wait until the account is proven anew.
    Column("unproven", Boolean, nullable=False, server_default=false()),
    Column("left_at", UtcDateTime),  # when they left the roster; null: not, or not entered yet
    Column("other_phones", Text, nullable=False, server_default=text("''")),  # by 、
    Column("listed_at", UtcDateTime),  # when an imported list last named them; see roster_lists
    Column("confirmed_at", UtcDateTime),  # when they themselves last said: still me, still here
    # Why they may not be of the roster any more, and since when: the newest list of the area does
    # not name them, or they said no. Until a list names them, or they say yes.
    Column("doubt", String(8)),
    Column("doubted_at", UtcDateTime),
    # The last answer among what went to the history: newer ones are in the live tables.
    Column("proven_at", UtcDateTime),
    Column("proven_how", String(12)),
    Index("people_division_role", "division_code", "role", "rank"),
    Index("people_bot", "bot_id", "contact"),
    # Liaisons of departments are few: a release asks first whether there are any.
    Index("people_departments", "division_code", **only(text("role = 'department'"))),
    # Few have another number: whose it is that an SMS came from is looked for among these.
    Index("people_other_phones", "id", **only(text("other_phones <> ''"))),
    one_of("role", *ROLES),
    one_of(
        "contact",
        "ok",
        "never_started",
        "blocked",
        "deactivated",
        "removed",
        "bot_down",
        "refused",
    ),
    one_of("held_from", *TIERS),
    one_of("doubt", "left_out", "denied"),
    one_of("proven_how", "answered", "drill", "telephone", "roll_call", "confirmed"),
    rule("rank_from_one", "rank >= 1"),
)

# The lists of persons that were imported, and when last: the same list again is no news.
roster_lists = Table(
    "roster_lists",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the file
    Column("file", Text, nullable=False),
    Column("imported_at", UtcDateTime, nullable=False),
)

# Checks of the roster (名册核对): everybody of a division is asked, still you, still there?
roster_checks = Table(
    "roster_checks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("started_by", ForeignKey("people.id")),  # null: at the command line
    Column("started_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),  # when the silent are asked again, then its end; null: over
    Column("closed_at", UtcDateTime),
    Index("roster_checks_due", "due_at", **only(text("due_at IS NOT NULL"))),
    Index(
        "roster_checks_one_open", "division_code", unique=True, **only(text("closed_at IS NULL"))
    ),
)

# One row for everybody who is asked; answer: alerts.roster_checks.model.StillThere, null: silent.
roster_answers = Table(
    "roster_answers",
    metadata,
    Column("check_id", ForeignKey("roster_checks.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("answer", String(12)),
    Column("answered_at", UtcDateTime),
    one_of("answer", "yes", "elsewhere", "not_me"),
    rule("answered_has_time", "answer IS NULL OR answered_at IS NOT NULL"),
)

# The posts that a person holds besides the one that leads, which is in ``people``. Three persons of
# four hold just one: a release reads them all in one table (docs/adr/0008).
posts = Table(
    "posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("role", String(24), nullable=False),
    Column("rank", Integer, nullable=False, server_default=text("1")),
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("hazards", String(200), nullable=False, server_default=text("''")),
    Column("held_from", String(8)),
    UniqueConstraint("person_id", "division_code", "role", "place_code"),
    Index("posts_division_role", "division_code", "role", "rank"),
    Index("posts_departments", "division_code", **only(text("role = 'department'"))),
    one_of("role", *ROLES),
    one_of("held_from", *TIERS),
    rule("rank_from_one", "rank >= 1"),
)

# Accounts that want to be a person whose post gives rights, and what each has shown.
link_requests = Table(
    "link_requests",
    metadata,
    Column("person_id", ForeignKey("people.id"), primary_key=True),
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bot_id", BigInteger),  # the bot it wrote to
    Column("asker", String(64), nullable=False),  # what it is called at Telegram
    Column("code_at", UtcDateTime),  # when it opened the person's code
    Column("phone_at", UtcDateTime),  # when it shared the person's number as its own
    Column("asked_at", UtcDateTime),  # when those above were asked to approve it
)

# Accounts that were untied from a person: they link to nobody until that is lifted.
blocked_accounts = Table(
    "blocked_accounts",
    metadata,
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("blocked_at", UtcDateTime, nullable=False),
)

# Who was shown whose number, position or photo; see ``contacts.access_log_store``. No foreign keys:
# it is read for inspection only, and is deleted after some months.
access_log = Table(
    "access_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    # people.id; of a group its chat (below 0); 0: whoever ran a command, see ``operator``.
    Column("viewer_id", BigInteger, nullable=False),
    Column("subject_id", BigInteger, nullable=False),  # people.id; 0 in rows of earlier releases
    Column("what", String(8), nullable=False),
    Column("way", String(8), nullable=False),
    Column("about", String(40), nullable=False),
    Column("operator", String(160), nullable=False, server_default=text("''")),  # user@host
    Index("access_log_subject", "subject_id", "viewer_id", "at"),
    Index("access_log_at", "at"),
    one_of("what", "phone", "position", "photo"),
    one_of("way", "bot", "board", "group", "command", "page", "api"),
)

groups = Table(
    "groups",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("division_code", String(12), nullable=False, index=True),
    Column("purpose", String(8), nullable=False),
    # ok, removed: the bot was thrown out of the group; refused: it may not write there
    Column("contact", String(16), nullable=False, server_default=text("'ok'")),
    Column("bot_id", BigInteger),
    Column("asked_at", UtcDateTime),  # when it was last tried whether a refused one takes messages
    one_of("purpose", "flood", "fire", "all"),
    one_of(
        "contact",
        "ok",
        "never_started",
        "blocked",
        "deactivated",
        "removed",
        "bot_down",
        "refused",
    ),
)

bots = Table(
    "bots",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # Telegram's user id
    Column("division_code", String(12), nullable=False),  # serves it and all below, unless a nearer
    Column("username", String(64), nullable=False, server_default=text("''")),
    Column("down_reason", String(16)),  # revoked, halted: why it cannot speak now; null: it can
    Column("down_since", UtcDateTime),
    Column("retired", Boolean, nullable=False, server_default=false()),  # no longer configured
    # Everything people did before then was taken in: what comes after a silence may be as old.
    Column("heard_until", UtcDateTime),
    one_of("down_reason", "revoked", "halted"),
    rule("down_has_time", "down_reason IS NULL OR down_since IS NOT NULL"),
    Index("bots_serving", "division_code", unique=True, **only(text("NOT retired"))),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("division_code", String(12), nullable=False, index=True),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    # Not planned: taken or handed over in chat where no plan is kept. Its end is nobody's gap.
    Column("planned", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("person_id", "division_code", "starts_at"),
    rule("ends_after_start", "ends_at > starts_at"),
)
