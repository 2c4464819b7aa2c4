"""Officers of some townships, their start view; and whether anything that a district is shown has changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from lxsaas.core.rls import Protection, Rows, shown_to_district
from lxsaas.core.scope import Login

revision = "0025_officers"
down_revision = "0024_alarms"

# The operator names no district; what the operator changes is shown to one all the same.
ROWS = (
    Rows(
        "district_id = (select lx_district_id()) or (select lx_scope_kind()) = 'operator'",
        (Login.OWNER,),
    ),
    Rows("district_id = (select lx_district_id())", (Login.DISTRICT,)),
)
PROTECTION = Protection("district_version", ROWS, {Login.DISTRICT: "SELECT"})
# Security definer: whoever changes what a district is shown has no privilege on its version.
COUNT_UP = """
    CREATE FUNCTION lx_district_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO district_version AS known (district_id, version)
        VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.district_id ELSE NEW.district_id END, 1)
        ON CONFLICT (district_id) DO UPDATE SET version = known.version + 1;
        RETURN NULL;
    END $$
"""
SHOWN = ("indicator_run", "indicator_target", "township", "school", "term", "alarm")


def upgrade() -> None:
    op.add_column(
        "district_staff", sa.Column("township_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True)
    )
    op.add_column("district_staff", sa.Column("start_view", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_district_staff_township_ids"), "district_staff", "cardinality(township_ids) > 0"
    )
    op.create_table(
        "district_version",
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_version_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_version")),
    )
    for statement in PROTECTION.statements():
        op.execute(statement)
    op.execute(COUNT_UP)
    for table in SHOWN:
        op.execute(shown_to_district(table))
