"""What the operator watches."""

revision = "0018_watch"
down_revision = "0017_indicators"


def upgrade() -> None:
    pass
