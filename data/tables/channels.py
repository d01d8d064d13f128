"""The tables of the channels beside Telegram: addresses, what is said there, what came back."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from data.tables.columns import Id, UtcDateTime, metadata, one_of, only, rule

# The words of ``contacts.channels.Channel``.
CHANNELS = ("telegram", "voice", "sms", "wecom", "feishu", "dingtalk", "email", "gateway")

# The words of ``contacts.channels.Cause``: why somebody was not reached by a channel.
CAUSES = (
    "powered_off",
    "no_answer",
    "busy",
    "rejected",
    "no_such_number",
    "suspended",
    "out_of_reach",
    "cut_short",
    "carrier_blocked",
    "not_linked",
    "blocked",
)

# The words of ``alerts.test_calls.model.HowProven``.
HOW_PROVEN = ("answer", "key", "card", "words", "code")

# What is known of an address of a person in a channel: a row once something is. Every telephone
# number of a person is an address of voice and SMS, also without a row here.
channel_addresses = Table(
    "channel_addresses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("channel", String(12), nullable=False),
    Column("address", String(120), nullable=False),
    Column("place", Integer, nullable=False, server_default=text("0")),  # which is tried first
    Column("verified_at", UtcDateTime),  # when it was proven theirs: by an answer, a call, a code
    Column("last_success_at", UtcDateTime),
    Column("last_failure_at", UtcDateTime),
    Column("cause", String(16)),  # of the last failure
    # How often it failed since it last worked.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("verified_how", String(8)),  # alerts.test_calls.model.HowProven
    # The number by which an account was found: theirs only while the number is. Without: a list
    # named it, or somebody entered it.
    Column("found_by", String(20)),
    UniqueConstraint("person_id", "channel", "address"),
    one_of("channel", *CHANNELS),
    one_of("cause", *CAUSES),
    one_of("verified_how", *HOW_PROVEN),
    rule("failures_not_negative", "failures >= 0"),
)

# The outbox of the other channels: one row for each address at which a call is to be heard or read,
# and for each reminder. No foreign key to the call: it goes to the history with its alert.
channel_deliveries = Table(
    "channel_deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("call_id", BigInteger, nullable=False),
    Column("alert_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("channel", String(12), nullable=False),
    Column("address", String(120), nullable=False),  # empty: the person has none in this channel
    Column("kind", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("not_before", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("claimed_by", String(40)),
    Column("provider_id", String(120)),  # what the provider calls it
    Column("accepted_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("heard_at", UtcDateTime),
    Column("ended_at", UtcDateTime),  # answered, failed or dropped
    Column("cause", String(16)),
    Column("created_at", UtcDateTime, nullable=False),
    # Of a test call (call_id and alert_id are 0; person_id too of a satellite telephone).
    Column("test_line_id", BigInteger),
    # When it was taken back, as its call was answered or is over: the provider was told.
    Column("withdrawn_at", UtcDateTime),
    # Each address gets a call once, and a reminder once; what was dropped may be said after all.
    # Of changes it gets each.
    Index(
        "channel_deliveries_once",
        "call_id",
        "kind",
        "channel",
        "address",
        unique=True,
        **only(text("state <> 'dropped' AND kind <> 'test' AND kind <> 'changed'")),
    ),
    # What a gateway may still hold.
    Index(
        "channel_deliveries_held",
        "accepted_at",
        **only(text("withdrawn_at IS NULL AND (state = 'accepted' OR state = 'answered')")),
    ),
    Index(
        "channel_deliveries_test",
        "test_line_id",
        "id",
        **only(text("test_line_id IS NOT NULL")),
    ),
    Index(
        "channel_deliveries_queue",
        "channel",
        "alert_id",
        "not_before",
        "id",
        **only(text("state = 'queued'")),
    ),
    Index(
        "channel_deliveries_claimed",
        "claimed_at",
        **only(text("state = 'claimed'")),
    ),
    # What is only told: looked for beside the calls, of which there may be a province's.
    Index(
        "channel_deliveries_news",
        "channel",
        "id",
        **only(text("state = 'queued' AND kind IN ('card', 'end', 'narrowed', 'changed')")),
    ),
    # For the watch over jiaoying itself: what failed, what a provider took and tells nothing of.
    Index("channel_deliveries_failed", "ended_at", **only(text("state = 'failed'"))),
    Index("channel_deliveries_accepted", "accepted_at", **only(text("state = 'accepted'"))),
    Index("channel_deliveries_alert", "alert_id"),
    Index("channel_deliveries_call", "call_id", "id"),
    Index("channel_deliveries_person", "person_id", "channel", "id"),
    Index(
        "channel_deliveries_provider",
        "channel",
        "provider_id",
        **only(text("provider_id IS NOT NULL")),
    ),
    one_of("channel", *CHANNELS),
    one_of("kind", "call", "remind", "test", "card", "end", "narrowed", "changed"),
    rule("test_has_line", "kind <> 'test' OR test_line_id IS NOT NULL"),
    one_of("state", "queued", "claimed", "accepted", "delivered", "answered", "failed", "dropped"),
    one_of("cause", *CAUSES),
    rule("attempts_not_negative", "attempts >= 0"),
    rule("claimed_has_time", "state <> 'claimed' OR claimed_at IS NOT NULL"),
    rule(
        "ended_has_time", "state NOT IN ('answered', 'failed', 'dropped') OR ended_at IS NOT NULL"
    ),
)

# Warnings that were lifted or cancelled, whose end is still to be told to whom Telegram does not
# tell it: a row until that is queued for all of them (``alerts.channels.news``).
untold_ends = Table(
    "untold_ends",
    metadata,
    Column("alert_id", BigInteger, primary_key=True, autoincrement=False),
    Column("after_id", BigInteger, nullable=False),  # the last delivery that was dealt with
    Column("told", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # The last call of which it was looked whether somebody has to ring up.
    Column("after_call_id", BigInteger, nullable=False, server_default=text("0")),
    rule("told_not_negative", "told >= 0"),
    sqlite_with_rowid=False,
)

# When each number was rung, for an hour: nobody's telephone rings without end, whoever calls it
# (``alerts.channels.model``).
channel_tries = Table(
    "channel_tries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(12), nullable=False),
    Column("address", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("channel_tries_address", "channel", "address", "at"),
    Index("channel_tries_at", "at"),
)

# What providers told us and was taken, kept for some days: told again, it changes nothing.
channel_events = Table(
    "channel_events",
    metadata,
    Column("channel", String(12), primary_key=True),
    Column("event_id", String(120), primary_key=True),
    Column("received_at", UtcDateTime, nullable=False),
    Index("channel_events_received", "received_at"),
    sqlite_with_rowid=False,
)

# What was said, or is to be said, by the robots of groups in WeCom, Feishu and DingTalk: kept for
# some days. They announce and take no answers.
robot_posts = Table(
    "robot_posts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", BigInteger, nullable=False),
    Column("robot", String(24), nullable=False),  # a digest of its address, which is a secret
    Column("kind", String(8), nullable=False),
    Column("state", String(10), nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("named", JSON, nullable=False),  # calls.id of everybody named in it
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # sent, failed or dropped
    # Which version of the warning it says.
    Column("version", Integer, nullable=False, server_default=text("1")),
    Index("robot_posts_alert", "alert_id"),
    Index("robot_posts_queued", "id", **only(text("state = 'queued'"))),
    # For the watch over jiaoying itself.
    Index("robot_posts_failed", "ended_at", **only(text("state = 'failed'"))),
    one_of("kind", "post", "chase", "over"),
    one_of("state", "queued", "sent", "failed", "dropped"),
    rule("tries_not_negative", "tries >= 0"),
    rule("ended_has_time", "state NOT IN ('sent', 'failed', 'dropped') OR ended_at IS NOT NULL"),
)

# Signed requests that were taken: the same one again is somebody's copy of it, and refused.
channel_nonces = Table(
    "channel_nonces",
    metadata,
    Column("nonce", String(80), primary_key=True),
    Column("expires_at", UtcDateTime, nullable=False),  # then its timestamp is too old anyhow
    Index("channel_nonces_expires", "expires_at"),
    sqlite_with_rowid=False,
)

# Why a channel's provider takes nothing from us just now; gone when it takes something again.
channel_troubles = Table(
    "channel_troubles",
    metadata,
    Column("channel", String(12), primary_key=True),
    Column("trouble", String(16), nullable=False),
    Column("words", String(80), nullable=False),  # the provider's own code for it
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    one_of("channel", *CHANNELS),
    one_of("trouble", "no_money", "used_up", "not_approved", "not_allowed"),
    sqlite_with_rowid=False,
)

# Test calls of a division and all below it (``alerts.test_calls``).
test_calls = Table(
    "test_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("division_code", String(12), nullable=False),
    Column("started_by", ForeignKey("people.id"), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("channels", String(100), nullable=False),  # by commas
    Column("closed_at", UtcDateTime),
    Index("test_calls_open", "division_code", unique=True, **only(text("closed_at IS NULL"))),
    Index("test_calls_division", "division_code", "id"),
)

# The addresses that a test rings: a person's, or (person_id null) a satellite telephone's.
test_lines = Table(
    "test_lines",
    metadata,
    Column("id", Id, primary_key=True),
    Column("test_id", ForeignKey("test_calls.id"), nullable=False),
    Column("person_id", ForeignKey("people.id")),
    Column("division_code", String(12), nullable=False),
    Column("place_code", String(80), nullable=False, server_default=text("''")),
    Column("channel", String(12), nullable=False),
    Column("address", String(120), nullable=False),
    Column("code", String(6), nullable=False, server_default=text("''")),  # gone with the test
    Column("wrong", Integer, nullable=False, server_default=text("0")),
    Column("codes", Integer, nullable=False, server_default=text("1")),
    Column("proven_at", UtcDateTime),
    Column("how", String(8)),
    Index("test_lines_test", "test_id", "id"),
    Index("test_lines_person", "person_id", "id", **only(text("person_id IS NOT NULL"))),
    one_of("channel", *CHANNELS),
    one_of("how", *HOW_PROVEN),
    rule("wrong_not_negative", "wrong >= 0"),
    rule("proven_how", "(proven_at IS NULL) = (how IS NULL)"),
)
