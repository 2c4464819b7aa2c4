"""Leading group, documents and who read them, weekly class activities."""

revision = "0015_organisation"
down_revision = "0014_care_practices"


def upgrade() -> None:
    pass
