"""A call may be answered in WeCom, Feishu and DingTalk, and by e-mail."""

from alembic import op

from data.migrations.rules import add_rules

revision = "0047"
down_revision = "0046"

VIAS = (
    "button group words proxy reaction media voice sms page wecom feishu dingtalk email"
).split()


def upgrade() -> None:
    listed = ", ".join(f"'{via}'" for via in VIAS)
    add_rules(op.get_bind(), {"calls": {"answered_via_known": f"answered_via IN ({listed})"}})
