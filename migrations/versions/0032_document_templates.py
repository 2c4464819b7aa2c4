"""The templates that a school uploads, of any of its documents: what were the annual summary's alone."""

import sqlalchemy as sa
from alembic import op

revision = "0032_document_templates"
down_revision = "0031_mending"
OLD, NEW = "summary_template", "document_template"
CONSTRAINTS = (
    (NEW, f"pk_{OLD}", f"pk_{NEW}"),
    (NEW, f"fk_{OLD}_school_id_uploaded_by_staff", f"fk_{NEW}_school_id_uploaded_by_staff"),
    (NEW, f"fk_{OLD}_school_id_school", f"fk_{NEW}_school_id_school"),
    (
        "annual_summary",
        f"fk_annual_summary_school_id_template_id_{OLD}",
        f"fk_annual_summary_school_id_template_id_{NEW}",
    ),
)


def upgrade() -> None:
    op.rename_table(OLD, NEW)
    op.execute(f"ALTER SEQUENCE {OLD}_id_seq RENAME TO {NEW}_id_seq")
    for table, old, new in CONSTRAINTS:
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    op.execute(f"ALTER POLICY {OLD}_school ON {NEW} RENAME TO {NEW}_school")
    # A default fills the rows there are without an UPDATE, which row security would hide them from.
    op.add_column(NEW, sa.Column("document", sa.Text(), server_default="annual_summary", nullable=False))
    op.alter_column(NEW, "document", server_default=None)
    op.drop_index(f"ix_{OLD}_valid", NEW)
    op.create_index(
        f"ix_{NEW}_valid",
        NEW,
        ["school_id", "document"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
