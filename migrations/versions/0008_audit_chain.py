"""The audit log as a hash chain made by the database, and keys with a purpose."""

import sqlalchemy as sa
from alembic import op

from lxsaas.core.rls import Protection, district_rows, school_rows
from lxsaas.core.scope import Login

revision = "0008_audit_chain"
down_revision = "0007_registers"

PROTECTIONS = (
    Protection("audit_link", school_rows(), {Login.SCHOOL: "SELECT"}),
    Protection("audit_head", school_rows(), {Login.SCHOOL: "SELECT"}),
    Protection("district_audit_link", district_rows(), {Login.DISTRICT: "SELECT"}),
    Protection("district_audit_head", district_rows(), {Login.DISTRICT: "SELECT"}),
)
LOGS = (("audit", "school_id"), ("district_audit", "district_id"))

# What is hashed is written the same way whatever the session's time zone or date style is.
CONTENT = """
    CREATE FUNCTION {log}_content(entry {log}_entry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
        SELECT convert_to(jsonb_build_array(
            entry.{owner}, entry.id, extract(epoch from entry.at), entry.staff_id, entry.action,
            entry.subject, entry.subject_id, entry.detail
        )::text, 'UTF8')
    $$
"""
# Deferred to the commit: the head is the last row that a transaction locks, and for a moment only.
CHAIN = """
    CREATE FUNCTION {log}_chain() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        head {log}_head;
        link_hash bytea;
    BEGIN
        INSERT INTO {log}_head ({owner}, number, hash) VALUES (NEW.{owner}, 0, '') ON CONFLICT DO NOTHING;
        SELECT * INTO head FROM {log}_head WHERE {owner} = NEW.{owner} FOR UPDATE;
        link_hash := sha256(head.hash || {log}_content(NEW));
        INSERT INTO {log}_link ({owner}, number, entry_id, previous, hash)
        VALUES (NEW.{owner}, head.number + 1, NEW.id, head.hash, link_hash);
        UPDATE {log}_head SET number = head.number + 1, hash = link_hash WHERE {owner} = NEW.{owner};
        RETURN NULL;
    END $$
"""
TRIGGER = """
    CREATE CONSTRAINT TRIGGER {log}_entry_chain AFTER INSERT ON {log}_entry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {log}_chain()
"""
CHAIN_BEFORE = """
    DO $$
    DECLARE
        entry {log}_entry;
        head {log}_head;
        link_hash bytea;
    BEGIN
        FOR entry IN SELECT * FROM {log}_entry ORDER BY {owner}, id LOOP
            INSERT INTO {log}_head ({owner}, number, hash)
            VALUES (entry.{owner}, 0, '') ON CONFLICT DO NOTHING;
            SELECT * INTO head FROM {log}_head WHERE {owner} = entry.{owner};
            link_hash := sha256(head.hash || {log}_content(entry));
            INSERT INTO {log}_link ({owner}, number, entry_id, previous, hash)
            VALUES (entry.{owner}, head.number + 1, entry.id, head.hash, link_hash);
            UPDATE {log}_head SET number = head.number + 1, hash = link_hash WHERE {owner} = entry.{owner};
        END LOOP;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "district_audit_head",
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_district_audit_head_district_id_district")
        ),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_audit_head")),
    )
    op.create_table(
        "district_audit_link",
        sa.Column("district_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_id", "entry_id"],
            ["district_audit_entry.district_id", "district_audit_entry.id"],
            name=op.f("fk_district_audit_link_district_id_entry_id_district_audit_entry"),
        ),
        sa.PrimaryKeyConstraint("district_id", "number", name=op.f("pk_district_audit_link")),
        sa.UniqueConstraint(
            "district_id", "entry_id", name=op.f("uq_district_audit_link_district_id_entry_id")
        ),
    )
    op.create_table(
        "audit_head",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_audit_head_school_id_school")),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_link",
        sa.Column("school_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "entry_id"],
            ["audit_entry.school_id", "audit_entry.id"],
            name=op.f("fk_audit_link_school_id_entry_id_audit_entry"),
        ),
        sa.PrimaryKeyConstraint("school_id", "number", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("school_id", "entry_id", name=op.f("uq_audit_link_school_id_entry_id")),
    )
    op.add_column("school_key", sa.Column("purpose", sa.Text(), server_default="data", nullable=False))
    op.add_column("school_key", sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_school_key_purpose"), "school_key", "purpose in ('data', 'counselling')"
    )
    for log, owner in LOGS:
        for statement in (CONTENT, CHAIN):
            op.execute(statement.format(log=log, owner=owner))
        op.execute(f"REVOKE ALL ON FUNCTION {log}_chain() FROM PUBLIC")
        # The log holds every school's entries and this login is in no school: row security steps aside.
        op.execute(f"ALTER TABLE {log}_entry NO FORCE ROW LEVEL SECURITY")
        op.execute(CHAIN_BEFORE.format(log=log, owner=owner))
        op.execute(f"ALTER TABLE {log}_entry FORCE ROW LEVEL SECURITY")
        op.execute(TRIGGER.format(log=log, owner=owner))
    for protection in PROTECTIONS:
        for statement in protection.statements():
            op.execute(statement)
