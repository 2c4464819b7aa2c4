"""Who entered and who left, and why; every past day stays answerable."""

from datetime import date, timedelta

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from lxsaas.core import clock
from lxsaas.movement import queries
from lxsaas.movement.changes import changes_between
from lxsaas.pupils.actions import renew_spells
from lxsaas.pupils.models import LeftBehindSpell, ParentAbsence, Pupil
from lxsaas.schools.models import SchoolClass
from tests.factories import Factory, Place
from tests.guardrails.test_routes import text_of
from tests.movement.conftest import TODAY, make_class

absences = st.lists(
    st.tuples(st.sampled_from(["father", "mother"]), st.integers(0, 2000), st.integers(1, 900) | st.none()),
    max_size=6,
)


moves = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 400)), max_size=5)


def test_one_kind_of_left_behind_may_follow_another_without_a_break(factory: Factory, school: Place) -> None:
    """The day on which a child entered or left is not that on which the second parent went or came."""
    class_id = make_class(factory, school, "0301")
    came, went = factory.pupil(school, class_id), factory.pupil(school, class_id)
    first, day = TODAY - timedelta(days=300), timedelta(days=1)
    with factory.session(school.scope) as session:
        for pupil_id, parent, starts, ends in (
            (came, "father", first - 60 * day, None), (came, "mother", first + 60 * day, None),
            (went, "father", first - 900 * day, first + 40 * day),
            (went, "mother", first - 900 * day, first + 90 * day),
        ):  # fmt: skip
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=starts, ends_on=ends,
                    start_is_estimated=False, source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[came, went])
        found = changes_between(session, select(Pupil), "register", first, TODAY)
        entered, left = ([(one.pupil.id, one.on) for one in listed] for listed in (found.entered, found.left))
    assert entered == [(came, clock.add_months(first - 60 * day, 3))]
    assert left == [(went, first + 90 * day)]


def test_who_entered_and_who_left_is_told_with_the_reason(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    teacher = factory.staff(school)
    class_id = make_class(factory, school, "0301", teacher)
    came, went, stays = (factory.pupil(school, class_id, name=name) for name in ("新来", "回来", "一直"))
    with factory.session(school.scope) as session:
        for pupil_id, starts, ends in (
            (came, -110, None),
            (went, -900, -10),
            (stays, -900, None),
        ):
            for parent in ("father", "mother"):
                session.add(
                    ParentAbsence(
                        school_id=school.id, pupil_id=pupil_id, parent=parent, start_is_estimated=False,
                        starts_on=TODAY + timedelta(days=starts), source="staff",
                        ends_on=TODAY + timedelta(days=ends) if ends else None,
                    )
                )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[came, went, stays])
        found = changes_between(
            session, select(Pupil), "state_council_2016_3m", TODAY - timedelta(days=30), TODAY
        )
        assert [(one.pupil.id, one.reason) for one in found.entered] == [
            (came, "a parent has been away long enough")
        ]
        assert [(one.pupil.id, one.reason) for one in found.left] == [(went, "a parent has come back")]
    page = teacher.sign_in(client).get(f"{school.path}left-behind-changes").text
    assert "新来" in page
    assert "一直" not in page
    assert client.post(f"{school.path}left-behind-changes.xlsx").data.startswith(b"PK")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(absences=absences, moves=moves)
def test_spells_and_classes_never_overlap_and_each_day_has_one_answer(
    absences: list[tuple[str, int, int | None]],
    moves: list[tuple[int, int]],
    factory: Factory,
    school: Place,
) -> None:
    classes = [factory.school_class(school) for _ in range(3)]
    pupil_id = factory.pupil(school, classes[0], enrolled_on=date(2022, 9, 1))
    ends: dict[str, date] = {}
    day = date(2022, 9, 1)
    with factory.session(school.scope) as session:
        for parent, offset, length in sorted(absences, key=lambda one: one[1]):
            starts_on = date(2018, 1, 1) + timedelta(days=offset)
            if starts_on < ends.get(parent, date.min):
                continue
            ends_on = starts_on + timedelta(days=length) if length else None
            ends[parent] = ends_on or date.max
            session.add(
                ParentAbsence(
                    school_id=school.id, pupil_id=pupil_id, parent=parent, starts_on=starts_on,
                    ends_on=ends_on, start_is_estimated=False, source="staff",
                )
            )  # fmt: skip
        session.flush()
        renew_spells(session, school_id=school.id, pupil_ids=[pupil_id])
        expected = {day: classes[0]}
        for index, later in moves:
            day += timedelta(days=later)
            session.execute(text("select set_config('lx.moved_on', :day, true)"), {"day": str(day)})
            session.execute(update(Pupil).where(Pupil.id == pupil_id).values(class_id=classes[index]))
            expected[day] = classes[index]
        held = {
            row.pupil_id: row.code
            for on in expected
            for row in session.execute(queries.membership_on([pupil_id], on))
        }
        assert held
        for on, class_id in expected.items():
            code = session.get_one(SchoolClass, (school.id, class_id)).code
            assert session.execute(queries.membership_on([pupil_id], on)).all() == [(pupil_id, code)]
        spells = session.scalars(select(LeftBehindSpell).where(LeftBehindSpell.pupil_id == pupil_id)).all()
        for one in spells:
            for other in spells:
                if one is not other and one.definition == other.definition:
                    assert one.ends_on is not None or other.ends_on is not None
                    assert (one.ends_on or date.max) <= other.starts_on or (
                        other.ends_on or date.max
                    ) <= one.starts_on


def test_many_changes_take_as_many_queries_as_few_and_show_ones_own_classes_alone(
    factory: Factory, client: FlaskClient, school: Place
) -> None:
    teacher = factory.staff(school)
    own, other = make_class(factory, school, "0301", teacher), make_class(factory, school, "0302")
    stranger = factory.pupil(school, other, name="别班的孩子")
    factory.left_behind(school, stranger, starts_on=TODAY - timedelta(days=3))
    teacher.sign_in(client)
    counted = []
    for more in (1, 10):
        for _ in range(more):
            factory.left_behind(school, factory.pupil(school, own), starts_on=TODAY - timedelta(days=3))
        with factory.counting_queries() as sent:
            page = client.get(f"{school.path}left-behind-changes").text
        counted.append(len(sent))
    assert counted[0] == counted[1]
    assert "别班的孩子" not in page
    export = text_of(client.post(f"{school.path}left-behind-changes.xlsx").data)
    assert "0301" in export
    assert "别班的孩子" not in export
