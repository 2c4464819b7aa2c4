"""Exports that a worker makes: the ledger, the pieces of the file."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, district_rows, school_rows, watched
from lxsaas.core.scope import Login

revision = "0033_exports"
down_revision = "0032_document_templates"

# The clock looks at all jobs in one statement: whose turn it is, and nothing of what they hold.
PROTECTIONS = (
    Protection(
        "export_job",
        school_rows(),
        {Login.SCHOOL: "SELECT, INSERT, UPDATE", Login.AGGREGATOR: "SELECT (school_id, id, look_at)"},
    ),
    Protection(
        "export_piece", school_rows(), {Login.SCHOOL: "SELECT, INSERT, DELETE"}, allocates=Login.SCHOOL
    ),
    Protection(
        "district_export_job",
        district_rows(),
        {Login.DISTRICT: "SELECT, INSERT, UPDATE", Login.AGGREGATOR: "SELECT (district_id, id, look_at)"},
    ),
    Protection("district_export_piece", district_rows(), {Login.DISTRICT: "SELECT, INSERT, DELETE"}),
)
WATCHED = ("export_job", "district_export_job")


def upgrade() -> None:
    create_job("export_job", "school", "staff", [
        sa.Column("wish_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=True),
    ])  # fmt: skip
    create_pieces("export_piece", "school", "export_job", "content_sealed")
    create_job("district_export_job", "district", "district_staff", [
        sa.Column("wish", postgresql.JSONB(), nullable=True),
    ])  # fmt: skip
    create_pieces("district_export_piece", "district", "district_export_job", "content")
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
    for table in WATCHED:
        op.execute(watched(table))


def create_job(table: str, tenant: str, staff: str, own: Iterable[sa.Column[object]]) -> None:
    """What somebody asked for, and how it stands."""
    owner = f"{tenant}_id"
    op.create_table(
        table,
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("same_as", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("reach", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("downloads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        *own,
        sa.Column(owner, sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed', 'expired')", name=op.f(f"ck_{table}_state")
        ),
        sa.CheckConstraint("form in ('xlsx', 'csv', 'docx', 'zip')", name=op.f(f"ck_{table}_form")),
        sa.CheckConstraint("language in ('zh_Hans_CN', 'en')", name=op.f(f"ck_{table}_language")),
        sa.ForeignKeyConstraint([owner], [f"{tenant}.id"], name=op.f(f"fk_{table}_{owner}_{tenant}")),
        sa.ForeignKeyConstraint(
            [owner, "staff_id"],
            [f"{staff}.{owner}", f"{staff}.id"],
            name=op.f(f"fk_{table}_{owner}_staff_id_{staff}"),
        ),
        sa.PrimaryKeyConstraint(owner, "id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_{owner}_staff_id", table, [owner, "staff_id", "id"])
    op.create_index(
        f"ix_{table}_waiting",
        table,
        [owner, "staff_id", "same_as"],
        unique=True,
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_index(
        f"ix_{table}_look_at", table, ["look_at"], postgresql_where=sa.text("look_at is not null")
    )


def create_pieces(table: str, tenant: str, job: str, content: str) -> None:
    """The file in pieces; out of line, and what is compressed or sealed already is not compressed again."""
    owner = f"{tenant}_id"
    op.create_table(
        table,
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(content, sa.LargeBinary(), nullable=False),
        sa.Column(owner, sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint([owner], [f"{tenant}.id"], name=op.f(f"fk_{table}_{owner}_{tenant}")),
        sa.ForeignKeyConstraint(
            [owner, "job_id"], [f"{job}.{owner}", f"{job}.id"], name=op.f(f"fk_{table}_{owner}_job_id_{job}")
        ),
        sa.PrimaryKeyConstraint(owner, "id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(owner, "job_id", "number", name=op.f(f"uq_{table}_{owner}_job_id_number")),
    )
    op.execute(f"ALTER TABLE {table} ALTER COLUMN {content} SET STORAGE EXTERNAL")
