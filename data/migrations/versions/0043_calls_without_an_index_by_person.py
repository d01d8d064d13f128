"""A release enters its calls in one index less: a person's calls are found by alert and person.

The further posts of calls are counted from their index alone.
"""

from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.drop_index("calls_person", "calls")
    op.drop_index("call_posts_alert", "call_posts")
    op.create_index("call_posts_alert", "call_posts", ["alert_id", "division_code", "meets"])
