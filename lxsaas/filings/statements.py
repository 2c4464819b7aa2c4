"""The SQL behind a filing: the children of a day under a definition with their codes, and what is counted.

A relation of children yields (pupil_id, class_id, grade, one code of each division; null where there is
none). The draft's follows from the archive, a frozen version's is what was kept: all else is the same.
"""

from lxsaas.filings.definitions import BY_CODE, DIVISIONS, MISSING, PARTS, TOTAL, UNDER_AGE
from lxsaas.indicators.relations import open_on

_CODES = ", ".join(one.code for one in DIVISIONS)
# Undated facts (health, boarding, guardianship) are as they stand: the version that is signed keeps them.
CHILDREN = f"""
    select p.id as pupil_id, c.id as class_id, c.grade, p.sex, s.kind as spell, p.is_boarding, p.health,
        f.guardianship,
        case when p.born_on > cast(:on as date) then null
            else cast(extract(year from age(cast(:on as date), p.born_on)) as int) end as years,
        exists (
            select from drop_out d
            where d.school_id = p.school_id and d.pupil_id = p.id and d.withdrawn_at is null
                and d.since_on <= :on and (d.returned_on is null or d.returned_on > :on)
        ) as is_dropped_out,
        coalesce(guard.home, f.lives_with, family.home) as home,
        coalesce(
            case when p.identity_type = '1' and p.identity_digest is not null
                or p.household_place <> '' then true end,
            f.is_registered
        ) as is_registered
    from left_behind_spell s
    join pupil p on p.school_id = s.school_id and p.id = s.pupil_id and p.enrolled_on <= :on
        and (p.left_on is null or p.left_on > :on)
    left join class_membership m on m.school_id = p.school_id and m.pupil_id = p.id
        and {open_on("m", ":on")}
    join school_class c on c.school_id = p.school_id and c.id = coalesce(m.class_id, p.class_id)
    left join child_profile f on f.school_id = p.school_id and f.pupil_id = p.id
        and f.withdrawn_at is null
    left join lateral (
        -- A parent is nobody's temporary guardian: then what the file says counts, and can be mended there.
        select case when g.relation between '61' and '64' then 'grandparents'
            when g.relation = '97' then 'relatives' when g.relation = '99' then 'others' end as home
        from temporary_guardian g
        where g.school_id = p.school_id and g.pupil_id = p.id and g.withdrawn_at is null
            and {open_on("g", ":on")}
        order by g.starts_on desc, g.id desc limit 1
    ) as guard on true
    -- Whom the family's page says to live with the child.
    left join lateral (
        select case when bool_or(g.relation between '61' and '64') then 'grandparents'
            when bool_or(g.relation = '97') then 'relatives'
            when bool_or(g.relation in ('51', '52', '57', '58')) then 'parent'
            when count(*) > 0 then 'others' end as home
        from guardian g
        where g.school_id = p.school_id and g.pupil_id = p.id and g.removed_on is null and g.is_at_home
            and not g.is_gone
    ) as family on true
    where s.school_id = :school and s.definition = :definition and {open_on("s", ":on")}
"""
"""The left-behind children of a day under a definition, of any age, with what is known of them.

Parameters: school, definition, on. The annual summary counts the same children.
"""
DRAFT = f"""
    select child.pupil_id, child.class_id, child.grade,
        case child.sex when 'male' then 'boys' when 'female' then 'girls' end as sex,
        case when child.years between 0 and 5 then 'aged_0_5' when child.years between 6 and 13
            then 'aged_6_13' when child.years in (14, 15) then 'aged_14_15' end as age,
        case child.spell when 'both' then 'both_away' when 'one' then 'one_away' end as kind,
        case when child.is_dropped_out then 'dropped_out' when child.grade <= 0 then 'in_preschool'
            when child.grade <= 6 then 'in_primary' when child.grade <= 9 then 'in_junior' end as stage,
        case when child.is_boarding then 'boarders' when not child.is_boarding then 'day_pupils' end
            as boarding,
        case when child.health in ('10', '20') then 'healthy' when child.health = '30' then 'chronically_ill'
            when child.health in ('40', '50') then 'disabled' end as health,
        case when child.home = 'alone' then 'guarded_poorly' else
            case child.guardianship when 'good' then 'guarded_well' when 'fair' then 'guarded_fairly'
                when 'poor' then 'guarded_poorly' end
        end as guardianship,
        case child.home when 'grandparents' then 'with_grandparents' when 'relatives' then 'with_relatives'
            when 'others' then 'with_others' when 'alone' then 'with_nobody'
            -- With a parent who stays and is not able; of a child both of whose parents are away, a mistake.
            when 'parent' then case when child.spell = 'one' then 'with_others' end
        end as keeper,
        case when child.is_registered then 'registered' when not child.is_registered then 'not_registered'
            end as residence
    from ({CHILDREN}) as child
    where coalesce(child.years, 0) < {UNDER_AGE}
        -- Of a child whose file another school has received nothing is known here any more.
        and not exists (
            select from transfer_package t
            where t.school_id = :school and t.pupil_id = child.pupil_id and t.state = 'forgotten'
        )
"""
"""Parameters: those of CHILDREN; `on` is the cut-off day. Who is not born on it is a fault to be shown."""
KEPT = f"""
    select k.pupil_id, p.class_id, k.grade, {", ".join(f"k.{one.code}" for one in DIVISIONS)}
    from filing_child k join pupil p on p.school_id = k.school_id and p.id = k.pupil_id
    where k.school_id = :school and k.filing_id = :filing
"""
"""Parameters: school, filing."""
_COUNTS = ", ".join(
    f"count(*) filter (where {division.code} = '{code}') as {code}" for code, (division, _) in PARTS.items()
)
_NO_CODE = " or ".join(f"child.{one.code} is null" for one in DIVISIONS)
KEEP = f"""
    insert into filing_child (school_id, filing_id, pupil_id, grade, {_CODES})
    select :school, :filing, pupil_id, grade, {_CODES} from ({DRAFT}) as child
"""
"""Parameters: those of DRAFT and filing. A child without a code is refused by the table."""


def figures_of(children: str) -> str:
    """A row a grade with every column, and one with grade null: the total, also of nobody."""
    return f"""
        select grade, count(*) as {TOTAL}, {_COUNTS} from ({children}) as child
        group by grouping sets ((grade), ()) order by grade nulls last
    """


def faults_of(children: str) -> str:
    """Children without a code in some division: (pupil_id, name, code of the class, the codes)."""
    return _named(children, _NO_CODE)


def listed(children: str, column: str, *, of_grade: bool) -> str:
    """The children behind a figure; `column` is one of LISTED. With `of_grade` a parameter grade."""
    if column == TOTAL:
        conditions = ["true"]
    elif column in PARTS:
        conditions = [f"child.{PARTS[column][0].code} = '{column}'"]
    else:
        conditions = [f"child.{BY_CODE[column.removeprefix(MISSING)].code} is null"]
    if of_grade:
        conditions.append("child.grade = :grade")
    return _named(children, " and ".join(conditions))


def _named(children: str, condition: str) -> str:
    return f"""
        select child.*, p.name, p.left_on is not null as has_left, c.code as class_code
        from ({children}) as child
        join pupil p on p.school_id = :school and p.id = child.pupil_id
        join school_class c on c.school_id = :school and c.id = child.class_id
        where {condition} order by c.code, p.pinyin, p.id
    """
