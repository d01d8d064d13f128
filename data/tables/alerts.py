"""The tables of warnings: alerts, calls, deliveries, cards, and what somebody is being asked."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from data.tables.columns import BY_TRIGGER, Id, UtcDateTime, metadata, one_of, only, rule

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("identifier", String(31), nullable=False, unique=True),
    Column("status", String(10), nullable=False),  # CAP status: Actual, Exercise
    Column("level", String(8), nullable=False),
    Column("hazard", String(24), nullable=False),
    Column("headline", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("areas", JSON, nullable=False),  # division codes
    Column("lead_minutes", Integer),
    Column("state", String(10), nullable=False),
    Column("sender_id", ForeignKey("people.id"), nullable=False),
    Column("confirmed_by", ForeignKey("people.id")),
    Column("cancelled_by", ForeignKey("people.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("released_at", UtcDateTime),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("cancelled_at", UtcDateTime),
    Column("lifted_by", ForeignKey("people.id")),
    Column("lifted_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", ForeignKey("people.id")),
    Column("close_reason", Text),
    # Since when it waits to be decided whether it is still to be sent; see ``alerts.holding``.
    Column("held_at", UtcDateTime),
    # Whose signal the warning passes on: the weather service's name as it was then.
    Column("issued_by", Text),
    Column("command_line", String(160)),  # who released it there, as user@host; null: in chat
    # Codes and kinds of places: it calls only whoever answers for these. Null: everybody.
    Column("places", JSON),
    # Codes of places outside its areas whose persons it calls in addition. Null: none.
    Column("besides", JSON),
    Column("shape", Text),  # the land it was drawn for: GeoJSON, WGS-84; null: its areas alone
    # Planned in stages: minutes of lead of the one that runs; see ``alerts.stages``.
    Column("stage", Integer),
    # When its calls, cards and deliveries went to the history: they are read there from then on.
    Column("archived_at", UtcDateTime),
    # How many messages it has had (``alert_messages``), and with which of them everybody was last
    # asked to answer: with the first, or with one that raised its level.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("asked_version", Integer, nullable=False, server_default=text("1")),
    Column("asked_at", UtcDateTime),  # when that was, if not with its release
    Column("changed_at", UtcDateTime),
    Index("alerts_state", "state"),
    # What ended lately is looked for every few seconds, among the warnings of all years.
    Index("alerts_expires", "expires_at"),
    Index("alerts_closed", "closed_at", **only(text("closed_at IS NOT NULL"))),
    Index("alerts_cancelled", "cancelled_at", **only(text("cancelled_at IS NOT NULL"))),
    Index("alerts_lifted", "lifted_at", **only(text("lifted_at IS NOT NULL"))),
    one_of("status", "Actual", "Exercise"),
    one_of("level", "red", "orange", "yellow", "blue"),
    one_of(
        "hazard",
        "rainstorm",
        "flash_flood",
        "river_flood",
        "geological",
        "waterlogging",
        "typhoon",
        "thunderstorm_gale",
        "reservoir",
        "forest_fire_danger",
        "forest_fire",
        "snowstorm",
        "gale",
        "hail",
        "cold_wave",
        "road_icing",
        "flood_response",
        "fire_response",
        "flood_return",
        "fire_return",
    ),
    one_of("state", "pending", "released", "closed", "cancelled", "expired", "refused", "lifted"),
    rule("two_persons", "confirmed_by <> sender_id"),
    rule("released_has_time", "state IN ('pending', 'refused') OR released_at IS NOT NULL"),
    rule("closed_has_time", "state <> 'closed' OR closed_at IS NOT NULL"),
    rule("cancelled_has_time", "state <> 'cancelled' OR cancelled_at IS NOT NULL"),
    rule("lifted_has_time", "state <> 'lifted' OR lifted_at IS NOT NULL"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id", info=BY_TRIGGER), nullable=False),
    Column("person_id", ForeignKey("people.id", info=BY_TRIGGER), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("role", String(24), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reach", String(12), nullable=False),  # queued, delivered, unreachable
    Column("stand_in_for", ForeignKey("calls.id", info=BY_TRIGGER)),
    Column("called_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("message_id", BigInteger),
    Column("steps", Integer, nullable=False, server_default=text("0")),  # bits of Step done
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("last_step_at", UtcDateTime),
    Column("due_at", UtcDateTime),  # when the next step of the ladder is due; null: nothing more
    Column("answered_at", UtcDateTime),
    Column("answered_via", String(12)),
    Column("proxy_by", ForeignKey("people.id", info=BY_TRIGGER)),
    Column("proxy_how", Text),
    Column("reported_at", UtcDateTime),
    Column("report", String(16)),
    Column("households", Integer),
    Column("persons", Integer),
    Column("report_text", Text),
    Column("report_due_at", UtcDateTime),
    Column("discharged_by", ForeignKey("people.id", info=BY_TRIGGER)),
    Column("discharge_reason", Text),
    # Entered in ``call_counts`` by whoever added it, with all of a release: not by the trigger.
    Column("counted_apart", Boolean, nullable=False, server_default=false()),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    # Calls of a person are looked up by alert and person: an index by person took a release a tenth
    # of its time (``alerts.open_calls_store``).
    UniqueConstraint("alert_id", "person_id"),
    Index(
        "calls_stand_in",
        "stand_in_for",
        **only(text("stand_in_for IS NOT NULL")),
    ),
    Index(
        "calls_standing_in",
        "alert_id",
        "division_code",
        **only(text("stand_in_for IS NOT NULL")),
    ),
    Index(
        "calls_proxied",
        "proxy_by",
        "answered_at",
        **only(text("proxy_by IS NOT NULL")),
    ),
    Index(
        "calls_open",
        "alert_id",
        "division_code",
        **only(text("state = 'waiting'")),
    ),
    Index(
        "calls_due",
        "due_at",
        **only(text("due_at IS NOT NULL")),
    ),
    Index(
        "calls_report_due",
        "report_due_at",
        **only(text("report_due_at IS NOT NULL")),
    ),
    one_of("state", *"waiting acknowledged proxied reported discharged cancelled left_out".split()),
    one_of("reach", "queued", "delivered", "unreachable"),
    one_of(
        "answered_via",
        "button",
        "group",
        "words",
        "proxy",
        "reaction",
        "media",
        "voice",
        "sms",
        "page",
        "wecom",
        "feishu",
        "dingtalk",
        "email",
    ),
    one_of("report", "done", "moved", "cannot", "help"),
    rule(
        "answered_has_time",
        "state NOT IN ('acknowledged', 'proxied', 'reported') OR answered_at IS NOT NULL",
    ),
    rule("proxied_has_officer", "state <> 'proxied' OR proxy_by IS NOT NULL"),
    rule("reported_has_time", "report IS NULL OR reported_at IS NOT NULL"),
    rule("counts_not_negative", "households >= 0 AND persons >= 0"),
)

# The further posts for which somebody was called: the first is in the call itself. The answer is
# for all of them. Each is counted in its division with the call (``call_counts``), and taken back
# where it ``meets`` one of the call's posts before it: in the nearest division that holds both. So
# a sum over any division has each person once. That division is written without its zeros
# (222403101): it is counted in all sums over it, and no other row is of it.
# No foreign key: they come with the calls, and go with them.
call_posts = Table(
    "call_posts",
    metadata,
    Column("call_id", BigInteger, primary_key=True, autoincrement=False),
    Column("division_code", String(12), primary_key=True),
    Column("role", String(24), primary_key=True),
    Column("place_code", String(80), primary_key=True, server_default=text("''")),
    Column("alert_id", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("meets", String(12), nullable=False),
    # What was last reported of it; how the call's first post stands is in the call itself.
    Column("report", String(16)),
    Column("reported_at", UtcDateTime),
    Column("households", Integer),
    Column("persons", Integer),
    # "Meets" is there to be counted without the rows.
    Index("call_posts_alert", "alert_id", "division_code", "meets"),
    sqlite_with_rowid=False,
)

# What was reported after the answer: rows are added, never changed. What counts of it at the moment
# (the last report, the latest figures) is kept in the call.
reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("call_id", ForeignKey("calls.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("report", String(16), nullable=False),
    Column("households", Integer),
    Column("persons", Integer),
    Column("text", Text),
    Column("reported_at", UtcDateTime, nullable=False),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    # For the place of its division and place code only; else for all that its call is for.
    Column("alone", Boolean, nullable=False, server_default=false()),
    Index("reports_alert", "alert_id"),
    Index("reports_call", "call_id"),
    one_of("report", "done", "moved", "cannot", "help"),
    rule("counts_not_negative", "households >= 0 AND persons >= 0"),
)

# A person who cannot comply or needs help: one open request a call, whatever is reported later.
help_requests = Table(
    "help_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", ForeignKey("alerts.id"), nullable=False),
    Column("call_id", ForeignKey("calls.id"), nullable=False),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("division_code", String(12), nullable=False),
    Column("report", String(16), nullable=False),  # the last of its reports
    Column("text", Text),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("taken_by", ForeignKey("people.id")),
    Column("taken_at", UtcDateTime),
    Column("resolved_by", ForeignKey("people.id")),
    Column("resolved_at", UtcDateTime),
    Index("help_requests_alert", "alert_id", "division_code"),
    Index("help_requests_call", "call_id"),
    Index(
        "help_requests_open",
        "call_id",
        "division_code",
        unique=True,
        **only(text("resolved_at IS NULL")),
    ),
    one_of("report", "cannot", "help"),
    rule("taken_has_time", "taken_by IS NULL OR taken_at IS NOT NULL"),
    rule("resolved_has_time", "resolved_by IS NULL OR resolved_at IS NOT NULL"),
)

# Who is ringing up whom that has not answered: some minutes each, then the row means nothing. No
# foreign key to the call: it goes to the history when its alert is long over.
ringing = Table(
    "ringing",
    metadata,
    Column("call_id", BigInteger, primary_key=True, autoincrement=False),
    Column("officer_id", ForeignKey("people.id"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# Villages of an alert's areas in which nobody could be called, counted when it was released: a row
# for each township that has any.
uncalled_villages = Table(
    "uncalled_villages",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("division_code", String(12), primary_key=True),
    Column("villages", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A release too large for one transaction, until all its calls and messages are there.
unfinished_releases = Table(
    "unfinished_releases",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True, autoincrement=False),
    Column("by_id", ForeignKey("people.id"), nullable=False),
    Column("calls_begin", BigInteger, nullable=False),  # ids of its calls are greater
    # Null: calls are still being added. Then the id of the last call whose message is queued.
    Column("calls_after", BigInteger),
)

# How the calls of an alert to persons of exactly this division stand: a row for each division that
# has any, and one for each in which ``call_posts`` meet. Triggers on ``calls`` keep the numbers,
# so nobody who writes calls can forget to. No foreign key: the trigger takes the alert from a call,
# which has one.
call_counts = Table(
    "call_counts",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("division_code", String(12), primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in (
            # By state; their sum is the number of calls.
            "waiting acknowledged proxied reported discharged cancelled "
            # Of those waiting: who cannot be reached, whose message has not arrived yet.
            "unreachable queued "
            # What was reported as moved.
            "households persons"
        ).split()
    ),
    sqlite_with_rowid=False,
)

OF_CALL = "(kind = 'remind' OR (kind = 'call' AND params IS NOT NULL))"
"""Which rows ``deliveries_of_call`` holds: as text, for databases use it only for the same."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("lane", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # order inside a lane: groups, villages, upper tiers
    Column("state", String(10), nullable=False),  # queued, claimed, sent, failed, dropped
    Column("bot_id", BigInteger),  # who says it; null until a bot is known for the chat
    Column("chat_id", BigInteger, nullable=False),
    Column("language", String(8), nullable=False, server_default=text("'zh'")),
    Column("role", String(24)),
    Column("alert_id", BigInteger),
    Column("call_id", BigInteger),
    Column("person_id", BigInteger),
    Column("params", JSON),
    # at most one queued row per key: a newer edit of the same message takes the older one's place
    Column("coalesce_key", String(64)),
    Column("not_before", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("claimed_by", String(40)),
    Column("claimed_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("uncertain_at", UtcDateTime),  # when it was sent and may have arrived: nobody knows
    Column("message_id", BigInteger),
    Column("error", Text),
    Index(
        "deliveries_queue",
        "bot_id",
        "lane",
        "place",
        "id",
        **only(text("state = 'queued'")),
    ),
    Index(
        "deliveries_claimed",
        "claimed_by",
        **only(text("state = 'claimed'")),
    ),
    Index(
        "deliveries_coalesce",
        "coalesce_key",
        unique=True,
        **only(text("state = 'queued' AND coalesce_key IS NOT NULL")),
    ),
    # On PostgreSQL not of what is queued and certain (0024): a release queues 60,000, and nobody
    # looks for those by their alert.
    Index("deliveries_alert", "alert_id", "kind"),
    # The messages of a stand-in's call (it names whom), and all reminders. Not the calls of a
    # release: it takes its time from the indexes.
    Index("deliveries_of_call", "call_id", **only(text(OF_CALL))),
    # What was sent and may have arrived.
    Index(
        "deliveries_uncertain",
        "call_id",
        **only(text("uncertain_at IS NOT NULL")),
    ),
    # What could not be said because of a bug, for the watch over jiaoying itself.
    Index(
        "deliveries_impossible",
        "sent_at",
        **only(text("state = 'failed' AND error = 'impossible'")),
    ),
    one_of(
        "kind",
        "call",
        "remind",
        "post",
        "chase",
        "cancel",
        "answered",
        "report_due",
        "unreported_list",
        "silent_list",
        "silent_list_edit",
        "silent_sheet",
        "help_wanted",
        "confirm",
        "released",
        "still_send",
        "card",
        "post_card",
        "summary",
        "distress",
        "distress_sent",
        "distress_update",
        "field_report",
        "red_day",
        "red_day_silent",
        "red_day_fire",
        "oversight",
        "reply",
        "check_in_missed",
        "patrol_silent",
        "patrol_back",
        "hotspot_task",
        "hotspot_spot",
        "hotspot_taken",
        "hotspot_due",
        "hotspot_list",
        "hotspot_alarm",
        "hotspot_verdict",
        "roll_call",
        "roll_call_result",
        "roll_call_silent",
        "picture",
        "stage_ask",
        "stage_news",
        "over",
        "stood_down",
        "chase_edit",
        "help_news",
        "account_news",
        "roster_ask",
        "roster_denied",
        "roster_silent",
        "stand_in_too",
        "ledger_sheet",
        "cut_off_list",
        "errand",
        "proposed",
        "proposed_list",
        "sky_picture",
        "sky_stopped",
        "changed",
        "narrowed",
        "confirm_change",
        "change_decided",
        "closed_time",
        "expiry_asked",
        "daily_file",
        "daily_remark",
        "daily_report",
        "task_above",
        "task_check",
        "task_evidence",
        "task_news",
        "shelter_full",
        *"duty_gaps duty_asked duty_news duty_handover patrol_sheet lists_told ring_up".split(),
    ),
    one_of("state", "queued", "claimed", "sent", "failed", "dropped"),
    rule("lane_known", "lane BETWEEN 0 AND 9"),
    rule("attempts_not_negative", "attempts >= 0"),
)

# One progress card per alert and chat, edited in place.
cards = Table(
    "cards",
    metadata,
    Column("alert_id", ForeignKey("alerts.id"), primary_key=True),
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("division_code", String(12), nullable=False),
    Column("language", String(8), nullable=False, server_default=text("'zh'")),
    Column("message_id", BigInteger),
    Column("shown", Text),  # digest of what the card shows now
    Column("settled", Boolean, nullable=False, server_default=false()),  # shows how it ended
    Column("asks_until", UtcDateTime),  # its message shows a question until then, and no card
    Index("cards_unsettled", "alert_id", **only(text("NOT settled"))),
)
