"""Threads about suspected harm are for few; forgetting a child reaches who came for it and what shows it."""

import sqlalchemy as sa
from alembic import op

revision = "0031_mending"
down_revision = "0030_summary"
TABLES = ("alarm", "alarm_rule", "correspondence_thread")
# As in 0009, and first: that somebody came counts by child and stays, who it was does not; a photo is shown
# while all on it have agreed, and who is gone can neither agree nor revoke.
FORGET_PUPIL = """
    CREATE OR REPLACE FUNCTION lx_forget_pupil(package bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        child bigint;
        photos bigint[];
    BEGIN
        SELECT pupil_id INTO child FROM transfer_package
        WHERE school_id = lx_school_id() AND id = package AND state = 'received';
        IF child IS NULL THEN
            RAISE EXCEPTION 'nobody has received this child' USING ERRCODE = '23514';
        END IF;
        DELETE FROM session_attendance AS held
        WHERE school_id = lx_school_id() AND pupil_id = child AND EXISTS (
            SELECT FROM session_attendance AS other
            WHERE other.school_id = held.school_id AND other.session_id = held.session_id
                AND other.pupil_id = child AND other.id < held.id
        );
        UPDATE session_attendance SET guardian_id = NULL
        WHERE school_id = lx_school_id() AND pupil_id = child;
        SELECT array_agg(photo_id) INTO photos FROM shown_photo_child
        WHERE school_id = lx_school_id() AND pupil_id = child;
        DELETE FROM shown_photo_child WHERE school_id = lx_school_id() AND photo_id = ANY (photos);
        DELETE FROM shown_photo WHERE school_id = lx_school_id() AND id = ANY (photos);
        PERFORM lx_forget_rows('pupil', ARRAY[child]);
    END $$
"""


def upgrade() -> None:
    op.add_column(
        "correspondence_thread",
        sa.Column("is_confidential", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        """
        UPDATE correspondence_thread AS thread SET is_confidential = true
        FROM alarm JOIN alarm_rule AS rule ON rule.district_id = alarm.district_id AND rule.id = alarm.rule_id
        WHERE alarm.district_id = thread.district_id AND alarm.id = thread.alarm_id
            AND rule.kind = 'mandatory_report'
        """
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(FORGET_PUPIL)
