"""P2: a document is written, published to everybody concerned, read and confirmed; a new edition anew."""

import io

from docx import Document
from markupsafe import escape
from sqlalchemy import func, select

from lxsaas.accounts.models import ClassTeacher
from lxsaas.indicators.explaining import explain
from lxsaas.organisation.models import DocumentReceipt, PlanDocument
from lxsaas.organisation.starting_texts import STARTING_TEXTS, starting_text
from lxsaas.organisation.texts import blocks_of
from tests.document_templates import LETTERHEAD, bring_template, words_of
from tests.organisation.conftest import TODAY, Staffroom

BODY = "# Aim\nEvery child is known.\n- first\n- second\n<b>no markup</b>"


def write(room: Staffroom, **more: object) -> str:
    form = {"kind": "plan", "title": "Plan of the year", "body": BODY} | more
    return room.post(room.principal, "plan-documents/entries", **form)


def publish(room: Staffroom, document: str, version: int = 1) -> None:
    room.client(room.principal).post(f"{document}/publication", data={"version": version})


def plan_read(room: Staffroom) -> tuple[int, int | None]:
    """The indicator as it stands now."""
    with room.factory.session(room.place.scope) as session:
        found = explain(
            session,
            school_id=room.place.id,
            district_id=room.place.district_id,
            code="plan_read",
            as_of=TODAY,
        )
    return found.numerator, found.denominator


def test_publishing_hands_a_copy_to_everybody_concerned_who_confirm_in_two_taps(staffroom: Staffroom) -> None:
    member = {"term": "this", "staff_id": staffroom.counsellor.id, "position": "member"}
    staffroom.post(staffroom.principal, "group-members/entries", **member)
    document = write(staffroom)
    assert staffroom.client(staffroom.teacher).get(document).status_code == 404
    publish(staffroom, document)
    with staffroom.factory.session(staffroom.place.scope) as session:
        handed = session.scalars(select(DocumentReceipt.staff_id)).all()
    concerned = {staffroom.teacher.id, staffroom.colleague.id, staffroom.counsellor.id}
    assert set(handed) == concerned
    assert plan_read(staffroom) == (0, 2)
    assert "Plan of the year" in staffroom.page(staffroom.teacher, "week")
    assert document in staffroom.page(staffroom.teacher, "reading")
    assert staffroom.client(staffroom.teacher).post(f"{document}/receipt").status_code == 302
    assert "Plan of the year" not in staffroom.page(staffroom.teacher, "week")
    assert plan_read(staffroom) == (1, 2)
    shown = staffroom.page(staffroom.principal, document)
    assert "Read by 1 of 3" in shown
    assert "Read by" not in staffroom.page(staffroom.colleague, document)


def test_what_was_confirmed_stays_as_it_was_on_the_first_day(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    for _ in range(2):
        staffroom.client(staffroom.teacher).post(f"{document}/receipt")
    with staffroom.factory.session(staffroom.place.scope) as session:
        rows = session.scalars(
            select(DocumentReceipt).where(DocumentReceipt.staff_id == staffroom.teacher.id)
        )
        assert [(one.handed_on, one.confirmed_on) for one in rows] == [(TODAY, TODAY)]


def test_who_becomes_homeroom_teacher_later_is_asked_too(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    newcomer = staffroom.factory.staff(staffroom.place)
    assert document not in staffroom.page(newcomer, "reading")
    staffroom.factory.school_class(staffroom.place, newcomer, grade=5)
    assert document in staffroom.page(newcomer, "reading")
    assert "Read by 0 of 3" in staffroom.page(staffroom.principal, document)
    staffroom.client(newcomer).post(f"{document}/receipt")
    assert "Read by 1 of 3" in staffroom.page(staffroom.principal, document)


def test_who_is_concerned_no_longer_is_asked_no_longer(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    with staffroom.factory.session(staffroom.place.scope) as session:
        query = select(ClassTeacher).where(ClassTeacher.staff_id == staffroom.colleague.id)
        session.scalars(query).one().ends_on = TODAY
    assert document not in staffroom.page(staffroom.colleague, "reading")
    assert "Read by 0 of 1" in staffroom.page(staffroom.principal, document)


def test_a_published_text_changes_no_more_and_a_new_edition_is_confirmed_anew(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    principal = staffroom.client(staffroom.principal)
    changed = {"kind": "plan", "title": "x", "body": "y", "version": 2}
    assert principal.post(f"{document}/edit", data=changed).status_code == 404
    staffroom.client(staffroom.teacher).post(f"{document}/receipt")
    form = principal.post(f"{document}/editions").location
    second = form.removesuffix("/edit")
    assert "Every child is known." in staffroom.page(staffroom.principal, form)
    # Begun once: the second try leads back to the document.
    assert principal.post(f"{document}/editions").location == document
    sent = {"kind": "plan", "title": "Plan, better", "body": BODY, "version": 1}
    assert principal.post(f"{second}/edit", data=sent).status_code == 302
    assert second not in staffroom.page(staffroom.teacher, "reading")
    publish(staffroom, second, 2)
    assert plan_read(staffroom) == (0, 2)
    reading = staffroom.page(staffroom.teacher, "reading").split("Read and confirmed")
    assert second in reading[0]
    assert document not in reading[0]
    late = staffroom.client(staffroom.colleague).post(f"{document}/receipt", follow_redirects=True)
    assert "newer edition" in late.text
    with staffroom.factory.session(staffroom.place.scope) as session:
        held = session.scalars(select(DocumentReceipt).where(DocumentReceipt.confirmed_on.is_not(None)))
        assert [one.staff_id for one in held] == [staffroom.teacher.id]


def test_publishing_twice_or_over_somebodys_change_is_refused(staffroom: Staffroom) -> None:
    document = write(staffroom)
    principal = staffroom.client(staffroom.principal)
    changed = {"kind": "plan", "title": "Changed", "body": BODY, "version": 1}
    principal.post(f"{document}/edit", data=changed)
    publish(staffroom, document, 1)
    with staffroom.factory.session(staffroom.place.scope) as session:
        assert session.scalars(select(PlanDocument)).one().published_on is None
    for _ in range(2):
        publish(staffroom, document, 2)
    with staffroom.factory.session(staffroom.place.scope) as session:
        assert session.scalar(select(func.count()).select_from(DocumentReceipt)) == 2


def test_a_withdrawn_document_is_asked_of_nobody(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    principal = staffroom.client(staffroom.principal)
    principal.post(f"{document}/withdrawal", data={"version": 2, "reason": "by mistake"})
    assert document not in staffroom.page(staffroom.teacher, "reading")
    assert plan_read(staffroom) == (0, 2)
    assert staffroom.client(staffroom.teacher).post(f"{document}/receipt").status_code == 404


def test_a_text_is_read_as_headings_paragraphs_and_items_and_runs_nothing(staffroom: Staffroom) -> None:
    told = [(one.kind, list(one.lines)) for one in blocks_of(BODY)]
    assert told == [
        ("heading", ["Aim"]),
        ("paragraph", ["Every child is known."]),
        ("items", ["first", "second"]),
        ("paragraph", ["<b>no markup</b>"]),
    ]
    document = write(staffroom)
    shown = staffroom.page(staffroom.principal, document)
    assert "&lt;b&gt;no markup" in shown
    made = staffroom.client(staffroom.principal).get(f"{document}/word")
    lines = [one.text for one in Document(io.BytesIO(made.data)).paragraphs]
    assert {"Aim", "— first", "<b>no markup</b>"} <= set(lines)
    bring_template(
        staffroom.factory, staffroom.place.id, staffroom.place.scope, "plan_document", staffroom.principal
    )
    own = words_of(staffroom.client(staffroom.principal).get(f"{document}/word").data)
    assert own[0] == LETTERHEAD
    assert {"Aim", "— first", "<b>no markup</b>"} <= set(own)


def test_each_starting_text_opens_in_the_form_in_both_languages(staffroom: Staffroom) -> None:
    for code in STARTING_TEXTS:
        for language in ("zh", "en"):
            title, body = starting_text(code, language)
            assert 2 < len(title) < 100
            assert {one.kind for one in blocks_of(body)} >= {"heading"}
        shown = staffroom.page(staffroom.principal, f"plan-documents/new?text={code}")
        assert escape(starting_text(code, "en")[0]) in shown
    assert staffroom.page(staffroom.principal, "plan-documents/new?text=nonsense")
    assert "starting" not in staffroom.page(staffroom.teacher, "plan-documents")


def test_neither_the_next_school_nor_the_district_reads_a_document(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    far = staffroom.factory.staff(staffroom.factory.school(), "principal")
    theirs = far.sign_in(staffroom.app.test_client())
    own_address = document.replace(staffroom.place.path, far.place.path)
    for path in ("", "/word"):
        assert theirs.get(own_address + path).status_code == 404
    for path in ("/receipt", "/publication", "/editions"):
        assert theirs.post(own_address + path).status_code == 404
    assert theirs.get(document).status_code == 302
    officer = staffroom.factory.officer(staffroom.factory.district())
    assert officer.sign_in(staffroom.app.test_client()).get(document).status_code == 302
    for path in ("/publication", "/editions"):
        assert staffroom.client(staffroom.teacher).post(document + path).status_code == 403


def test_a_list_of_readers_costs_the_same_for_few_and_many(staffroom: Staffroom) -> None:
    document = write(staffroom)
    publish(staffroom, document)
    client = staffroom.client(staffroom.principal)
    counted = []
    for more in (0, 12):
        for number in range(more):
            teacher = staffroom.factory.staff(staffroom.place)
            staffroom.factory.school_class(staffroom.place, teacher, grade=1 + number % 6)
        with staffroom.factory.counting_queries() as queries:
            assert client.get(document).status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
