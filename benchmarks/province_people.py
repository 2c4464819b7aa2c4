"""Who there is in a generated province: places, staff, classes, children and what is known of them.

Every row follows from its number and `dice`, so that two provinces of one size are alike. `{…}` are sizes.
"""

DICE = """
    create function pg_temp.dice(row_id bigint, roll int) returns int language sql immutable as $$
        select mod(mod(hashint8(row_id * 1009 + roll), 1000) + 1000, 1000)
    $$
"""
"""A number from 0 to 999 for a row and a roll, the same each time."""

CHILDREN = """
    create temporary table child as
    select p.school_id, p.id, p.class_id, p.born_on, p.enrolled_on, p.left_on, c.number as class_number,
        (p.school_id - 1) * {staff} + 2 + c.number as teacher_id,
        pg_temp.dice(p.id, 7) < 450 as is_left_behind, pg_temp.dice(p.id, 7) < 430 as is_target,
        date '2023-02-01' + pg_temp.dice(p.id, 8) as away_since
    from pupil p join school_class c on c.school_id = p.school_id and c.id = p.class_id
"""
"""What the rows that follow need of a child; 45 % are left behind."""

PLACES = (
    """
    insert into district (id, slug, name)
    select d, 'county-' || d, '第' || d || '县教育局' from generate_series(1, {districts}) d
    """,
    """
    insert into township (id, district_id, name)
    select t, 1 + (t - 1) / {district_townships}, '第' || t || '乡'
    from generate_series(1, {districts} * {district_townships}) t
    """,
    """
    insert into school (id, district_id, township_id, slug, name, pinyin, register_code)
    select s, d, (d - 1) * {district_townships} + 1 + mod(s, {district_townships}), 'school-' || s,
        '第' || s || '小学', 'xiaoxue ' || s, lpad(s::text, 10, '0')
    from generate_series(1, {schools}) s, lateral (select 1 + (s - 1) / {district_schools} as d) one
    """,
    """
    insert into term (district_id, name, starts_on, ends_on)
    select d, name, starts_on, ends_on
    from generate_series(1, {districts}) d, (values
        ('2024-2025-2', date '2025-02-17', date '2025-07-04'),
        ('2025-2026-1', date '2025-09-01', date '2026-01-23'),
        ('2025-2026-2', date '2026-03-02', date '2026-07-03'),
        ('2026-2027-1', date '2026-09-01', date '2027-01-22')) as one (name, starts_on, ends_on)
    """,
)

PEOPLE = (
    """
    insert into school_class (school_id, id, code, grade, number)
    select s, (s - 1) * {classes} + k, 'c' || k, 1 + mod(k - 1, 6), k
    from generate_series(1, {schools}) s, generate_series(1, {classes}) k
    """,
    """
    insert into staff (school_id, id, username, name, roles)
    select s, (s - 1) * {staff} + n, 'u' || n, '教师' || n,
        array[case n when 1 then 'principal' when 2 then 'counsellor' else 'homeroom_teacher' end]
    from generate_series(1, {schools}) s, generate_series(1, {staff}) n
    """,
    # Half of the classes have another teacher since the summer.
    """
    insert into class_teacher (school_id, class_id, staff_id, starts_on, ends_on)
    select school_id, id, (school_id - 1) * {staff} + 2 + number + past * {classes},
        case when past = 0 and mod(id, 2) = 0 then date '2026-09-01' else date '2023-09-01' end,
        case past when 1 then date '2026-09-01' end
    from school_class, generate_series(0, 1) past where past = 0 or mod(id, 2) = 0
    """,
    """
    insert into pupil (school_id, id, class_id, name, pinyin, sex, born_on, enrolled_on, left_on,
        identity_type, register_left_behind)
    select s, p, (s - 1) * {classes} + k, '童' || p, 'tong ' || p,
        case mod(p, 2) when 0 then 'male' else 'female' end,
        make_date(2020 - grade, 9, 1) + mod(pg_temp.dice(p, 1), 365),
        case when pg_temp.dice(p, 2) < 20 then date '2026-10-12' else make_date(2027 - grade, 9, 1) end,
        case when pg_temp.dice(p, 2) between 20 and 30 then date '2026-10-20' end, '1', 0
    from generate_series(1, {schools}) s, generate_series(1, {children}) n,
        lateral (select (s - 1)::bigint * {children} + n as p, 1 + (n - 1) * {classes} / {children} as k) one,
        lateral (select 1 + mod(k - 1, 6) as grade) two
    """,
    CHILDREN,
    "create index on child (school_id)",
    "analyze child",
    # Last year's class, and this year's.
    """
    insert into class_membership (school_id, pupil_id, class_id, starts_on, ends_on)
    select school_id, id, case when past = 1 then class_id - 1 else class_id end,
        case when past = 0 and has_past then date '2026-09-01' else enrolled_on end,
        case when past = 1 then date '2026-09-01' end
    from child, lateral (select class_number > 1 and enrolled_on < date '2026-09-01' as has_past) one,
        generate_series(0, 1) past where past = 0 or has_past
    """,
)

KNOWN = (
    # Under each definition; one child in twenty is no longer left behind, one in fifty is again.
    """
    insert into left_behind_spell
        (school_id, pupil_id, definition, definition_version, kind, starts_on, ends_on)
    select school_id, id, definition, 1, case mod(id, 3) when 0 then 'one' else 'both' end,
        case spell when 1 then away_since else date '2026-09-10' end,
        case when spell = 1 and roll < 70 then date '2026-05-20' end
    from child, lateral (select pg_temp.dice(id, 9) as roll) one, generate_series(1, 2) spell,
        (values ('register', 450), ('state_council_2016', 440), ('state_council_2016_3m', 430),
            ('education_statistics', 445), ('school_practice', 300)) as d (definition, share)
    where is_left_behind and pg_temp.dice(id, 7) < share and (spell = 1 or roll < 20)
    """,
    # Something was missing at first; of one child in ten it still is.
    """
    insert into known_spell (school_id, pupil_id, rule_version, starts_on, ends_on, basics, "character",
        interests, health, contacts)
    select school_id, id, 1, case part when 1 then away_since else away_since + 40 end,
        case when part = 1 and roll >= 100 then away_since + 40 end, true, true, part = 2, true, true
    from child, lateral (select pg_temp.dice(id, 10) as roll) one, generate_series(1, 2) part
    where is_left_behind and (part = 1 or roll >= 100)
    """,
    """
    insert into pairing
        (school_id, pupil_id, kind, staff_id, helper_pupil_id, starts_on, ends_on, recorded_by)
    select school_id, id, kind, case kind when 'teacher' then teacher_id end,
        case kind when 'pupil' then id + case mod(id, {children}) when 0 then -1 else 1 end end,
        greatest(away_since, date '2025-09-01'),
        case when pg_temp.dice(id, roll + 10) < 30 then date '2026-10-08' end, teacher_id
    from child, (values ('teacher', 11, 900), ('pupil', 12, 800)) as one (kind, roll, share)
    where is_target and pg_temp.dice(id, roll) < share
    """,
    """
    insert into help_plan (school_id, pupil_id, term, level, lacks, priorities, teacher_id, recorded_by)
    select school_id, id, term, 'usual', array[]::text[], array[]::text[], teacher_id, teacher_id
    from child, unnest(array['2025-2026-1', '2025-2026-2', '2026-2027-1']) with ordinality as one (term, n)
    where is_target and pg_temp.dice(id, 13 + n::int) < 900
    """,
    # One child in two hundred a month; four in five are made in time.
    """
    insert into must_visit (school_id, pupil_id, reason, raised_on, due_on, closed_on, recorded_by)
    select school_id, id, 'mood', day, day + 7,
        case when roll < 4 then day + 5 when month < 13 then day + 12 end,
        teacher_id
    from child, generate_series(0, 13) month, lateral (select pg_temp.dice(id, 20 + month) as roll) one,
        lateral (select date '2025-10-01' + month * 30 + mod(id, 25)::int as day) two
    where roll < 5
    """,
    """
    insert into counselling_case (school_id, id, pupil_id, counsellor_id, opened_on, risk, risk_since,
        review_on, reason_sealed, recorded_by)
    select school_id, id, id, (school_id - 1) * {staff} + 2, date '2026-03-09',
        case when roll < 10 then 3 else 2 end, date '2026-03-09', date '2026-12-01', '\\x00',
        (school_id - 1) * {staff} + 2
    from child, lateral (select pg_temp.dice(id, 40) as roll) one where roll < 30
    """,
    """
    insert into case_risk (school_id, case_id, pupil_id, level, starts_on)
    select school_id, id, pupil_id, risk, risk_since from counselling_case
    """,
    """
    insert into drop_out (school_id, pupil_id, since_on, reason, returned_on, recorded_by)
    select school_id, id, date '2026-02-01' + pg_temp.dice(id, 42) * 3 / 10, 'work', null, teacher_id
    from child where is_left_behind and pg_temp.dice(id, 41) < 4
    """,
    # Two a term.
    """
    insert into exam (school_id, id, class_id, name, taken_on, recorded_by)
    select school_id, (id - 1) * 6 + n, id, '第' || n || '次', taken_on,
        (school_id - 1) * {staff} + 2 + number
    from school_class, (values (1, date '2025-11-12'), (2, date '2026-01-14'), (3, date '2026-04-22'),
        (4, date '2026-06-24'), (5, date '2026-10-14'), (6, date '2026-11-18')) as one (n, taken_on)
    """,
    """
    insert into exam_result (school_id, exam_id, pupil_id, total_tenths, entered_by)
    select school_id, (class_id - 1) * 6 + n, id,
        case when roll >= 20 then 1200 + pg_temp.dice(id, 50) + roll / 4 end, teacher_id
    from child, generate_series(1, 6) n, lateral (select pg_temp.dice(id, 50 + n) as roll) one
    where enrolled_on < date '2026-09-01' or n > 4
    """,
)
