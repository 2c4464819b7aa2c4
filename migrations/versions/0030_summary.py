"""Annual summaries, their sections and templates; what is final is changed by nobody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, school_rows
from lxsaas.core.scope import Login

revision = "0030_summary"
down_revision = "0029_filing"

PROTECTIONS = (
    Protection("summary_template", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE (ended_at)"}),
    Protection("annual_summary", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}),
    Protection("summary_section", school_rows(), {Login.SCHOOL: "SELECT, INSERT, UPDATE"}),
)
KEEPING = (
    """
    CREATE FUNCTION lx_final_summary() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'frozen' THEN
            RAISE EXCEPTION 'this summary is final' USING ERRCODE = '42501';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE FUNCTION lx_words_of_final_summary() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        -- A section that moves would change two summaries.
        touched record;
    BEGIN
        FOR touched IN
            SELECT OLD.school_id AS school_id, OLD.summary_id AS summary_id WHERE TG_OP <> 'INSERT'
            UNION SELECT NEW.school_id, NEW.summary_id WHERE TG_OP <> 'DELETE'
        LOOP
            IF EXISTS (
                SELECT FROM annual_summary s
                WHERE s.school_id = touched.school_id AND s.id = touched.summary_id AND s.state = 'frozen'
            ) THEN
                RAISE EXCEPTION 'this summary is final' USING ERRCODE = '42501';
            END IF;
        END LOOP;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER summary_is_final BEFORE UPDATE OR DELETE ON annual_summary"
    " FOR EACH ROW EXECUTE FUNCTION lx_final_summary()",
    "CREATE TRIGGER summary_is_final BEFORE INSERT OR UPDATE OR DELETE ON summary_section"
    " FOR EACH ROW EXECUTE FUNCTION lx_words_of_final_summary()",
)


def upgrade() -> None:
    op.create_table(
        "summary_template",
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("unused", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "uploaded_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_summary_template_school_id_uploaded_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_summary_template_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_summary_template")),
    )
    op.create_index(
        "ix_summary_template_valid",
        "summary_template",
        ["school_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "annual_summary",
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("school_name", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("begun_by", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("frozen_by", sa.BigInteger(), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f("ck_annual_summary_language")),
        sa.CheckConstraint("state in ('draft', 'frozen')", name=op.f("ck_annual_summary_state")),
        sa.ForeignKeyConstraint(
            ["school_id", "begun_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_annual_summary_school_id_begun_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "frozen_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_annual_summary_school_id_frozen_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "template_id"],
            ["summary_template.school_id", "summary_template.id"],
            name=op.f("fk_annual_summary_school_id_template_id_summary_template"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_annual_summary_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_annual_summary")),
        sa.UniqueConstraint(
            "school_id", "year", "number", name=op.f("uq_annual_summary_school_id_year_number")
        ),
    )
    op.create_index(
        "ix_annual_summary_draft",
        "annual_summary",
        ["school_id", "year"],
        unique=True,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_table(
        "summary_section",
        sa.Column("summary_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "summary_id"],
            ["annual_summary.school_id", "annual_summary.id"],
            name=op.f("fk_summary_section_school_id_summary_id_annual_summary"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "written_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_summary_section_school_id_written_by_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_summary_section_school_id_school")
        ),
        sa.PrimaryKeyConstraint("school_id", "id", name=op.f("pk_summary_section")),
        sa.UniqueConstraint(
            "school_id", "summary_id", "code", name=op.f("uq_summary_section_school_id_summary_id_code")
        ),
    )
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
    for statement in KEEPING:
        op.execute(statement)
