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
# One statement, so that a kept page costs one exchange with the database: it binds the scope and looks in it.
# What holds of a session is said in `accounts.queries.live_session`; a changed account counts up the version.
STANDING = """
    CREATE FUNCTION lx_district_standing(
        context text, token_hash bytea, seen_within interval, opened_within interval
    ) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('lx.context', context, true);
        RETURN QUERY
        -- Of which district the rows are, the policies say.
        SELECT coalesce((SELECT known.version FROM district_version AS known), 0)
        FROM district_session AS held
        WHERE held.token_hash = lx_district_standing.token_hash AND held.ended_at IS NULL
            AND held.seen_at >= now() - seen_within AND held.created_at > now() - opened_within;
    END $$
"""
SHOWN = ("indicator_run", "indicator_target", "township", "school", "term", "alarm", "district_staff")


def upgrade() -> None:
    op.add_column(
        "district_staff", sa.Column("township_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True)
    )
    op.add_column("district_staff", sa.Column("start_view", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_district_staff_township_ids"), "district_staff", "cardinality(township_ids) > 0"
    )
    # Mail is sent to nobody beyond the townships to which they are limited.
    op.execute(f"GRANT SELECT (township_ids) ON district_staff TO {Login.AGGREGATOR}")
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
    op.execute(STANDING)
    op.execute("REVOKE ALL ON FUNCTION lx_district_standing FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION lx_district_standing TO {Login.DISTRICT}")
    for table in SHOWN:
        op.execute(shown_to_district(table))
