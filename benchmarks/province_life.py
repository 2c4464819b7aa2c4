"""What schools of a generated province organise: plans, class activities, children's homes, sessions."""

_WEEKS = """
    (select day::date as monday
    from generate_series(date '2025-09-01', date '2026-11-23', interval '7 days') day
    where exists (select from term where starts_on <= day and ends_on >= day + interval '4 days')) as week
"""
_PRINCIPAL = "(school_id - 1) * {staff} + 1"

LIFE = (
    # The plan of a year and of the year before, handed to every homeroom teacher; one in ten has not read it.
    """
    insert into plan_document (school_id, id, kind, title, body, published_on, recorded_by)
    select s, s * 2 + n, 'plan', '计划', '…', date '2025-09-08' + n * 364, (s - 1) * {staff} + 1
    from generate_series(1, {schools}) s, generate_series(0, 1) n
    """,
    """
    insert into document_receipt (school_id, document_id, staff_id, handed_on, confirmed_on)
    select d.school_id, d.id, t.staff_id, d.published_on,
        case when pg_temp.dice(d.id * 31 + t.staff_id, 70) >= 100
            then d.published_on + mod(t.staff_id, 9)::int end
    from plan_document d join (select distinct school_id, staff_id from class_teacher) t using (school_id)
    """,
    """
    insert into group_meeting (school_id, held_on, agenda, recorded_by)
    select s, date '2025-09-10' + month * 30 + mod(s, 9), '…', (s - 1) * {staff} + 1
    from generate_series(1, {schools}) s, generate_series(0, 14) month where pg_temp.dice(s, 71 + month) < 850
        and date '2025-09-10' + month * 30 + mod(s, 9) <= date '2026-11-25'
    """,
    f"""
    insert into class_activity (school_id, class_id, week_on, planned, held_on, done, recorded_by)
    select school_id, id, monday, '…', case when roll >= 120 and day <= date '2026-11-25' then day end, '…',
        {_PRINCIPAL}
    from school_class, {_WEEKS}, lateral (select pg_temp.dice(id, monday - date '2025-01-01') as roll) one,
        lateral (select monday + mod(roll, 5) as day) two
    where roll >= 40
    """,
    # Wednesdays, Saturdays, some Fridays.
    f"""
    insert into home_opening (school_id, opened_on, opens_at, closes_at, recorded_by)
    select school_id, monday + weekday, '15:30', '17:30', {_PRINCIPAL}
    from (select id as school_id from school) s, {_WEEKS}, unnest(array[2, 4, 5]) weekday
    where pg_temp.dice(school_id, monday - date '2025-01-01' + weekday)
        >= case weekday when 4 then 600 else 100 end
        and monday + weekday <= date '2026-11-25'
    """,
    """
    insert into home_opening_staff (school_id, opening_id, staff_id)
    select school_id, id, (school_id - 1) * {staff} + 1 + mod(id + n, {staff})
    from home_opening, generate_series(0, 1) n where n = 0 or pg_temp.dice(id, 72) >= 80
    """,
    """
    insert into activity (school_id, kind, title, held_on, recorded_by)
    select s, (array['theme_class', 'lecture', 'symposium', 'hand_in_hand', 'festival',
        'contest'])[1 + mod(s + month, 6)], '…', date '2025-09-18' + month * 30 + mod(s, 7),
        (s - 1) * {staff} + 1
    from generate_series(1, {schools}) s, generate_series(0, 14) month
    where date '2025-09-18' + month * 30 + mod(s, 7) <= date '2026-11-25'
    """,
    """
    insert into activity_participant (school_id, activity_id, pupil_id)
    select a.school_id, a.id, child.id from activity a join child using (school_id)
    where pg_temp.dice(child.id * 7 + a.id, 73) < case when is_target then 450 else 100 end
    """,
    """
    insert into parents_session (school_id, held_on, minutes, notice_on, topic, teacher, recorded_by)
    select s, day + mod(s, 11), case when pg_temp.dice(s, n::int) < 900 then 60 else 30 end, day - 7, '…',
        'own_staff', (s - 1) * {staff} + 1
    from generate_series(1, {schools}) s, unnest(array[date '2025-10-12', '2025-12-14', '2026-03-15',
        '2026-05-24', '2026-09-27', '2026-11-08']) with ordinality as one (day, n)
    """,
    """
    insert into session_attendance (school_id, session_id, pupil_id)
    select p.school_id, p.id, child.id from parents_session p join child using (school_id)
    where is_target and pg_temp.dice(child.id * 7 + p.id, 74) < 550
    """,
    "update term set filing_due_on = least(ends_on, date '2026-10-31') where starts_on > date '2025-06-01'",
    """
    insert into term_filing (school_id, term, sent_on)
    select s.id, t.name, t.filing_due_on - 3 + case when pg_temp.dice(s.id, 75) < 100 then 8 else 0 end
    from school s join term t using (district_id) where t.filing_due_on <= date '2026-11-25'
    """,
    """
    insert into care_definition_choice (district_id, starts_on, definition)
    select id, date '2025-09-01', 'state_council_2016_3m' from district
    """,
)
