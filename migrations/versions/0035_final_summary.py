"""A final summary is not emptied away either, as a filing is not."""

from alembic import op

revision = "0035_final_summary"
down_revision = "0034_filing_days"
TABLES = ("annual_summary", "summary_section")


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION lx_refuse()"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
