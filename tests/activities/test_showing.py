"""What may be shown: photos of activities and the love corner's wall, by the families' consent (P23, P24)."""

import pytest
from sqlalchemy import select

from lxsaas.activities.models import CornerEntry, ShownPhoto
from lxsaas.archive.models import Consent
from lxsaas.pupils.models import Pupil
from lxsaas.registers.actions import edit_row
from lxsaas.registers.history import changes_of
from lxsaas.registers.models import Attachment, AttachmentContent
from tests.activities.conftest import TODAY, School, photo


@pytest.fixture
def shown(school: School) -> tuple[str, str]:
    """An activity with a photo on which the teacher's first child took part: its address and the photo's."""
    client = school.as_(school.teacher)
    form = {"kind": "contest", "title": "诵读比赛", "held_on": str(TODAY), "files": (photo(), "a.jpg")}
    page = school.enter(client, "activities", **form)
    client.post(f"{page}/participants", data={"people": school.children[0]})
    with school.factory.session(school.place.scope) as session:
        photo_id = session.scalars(select(Attachment.id)).one()
    return page, f"{page}/photos/{photo_id}"


def is_shown(school: School, page: str) -> bool:
    return "/attachments/" in school.as_(school.teacher).get(f"{page}/show").text


def test_a_photo_is_shown_once_it_is_said_who_is_on_it_and_they_agreed(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    client, child = school.as_(school.teacher), school.children[0]
    assert not is_shown(school, page)
    refused = client.post(one, data={})
    assert refused.status_code == 422
    client.post(one, data={"pupils": child})
    assert not is_shown(school, page)
    assert school.count(ShownPhoto) == 1
    school.agree(child)
    assert is_shown(school, page)
    with school.factory.session(school.place.scope) as session:
        session.scalars(select(Consent)).one().revoked_on = TODAY
    assert not is_shown(school, page)


def test_a_photo_on_which_nobody_can_be_recognised_is_shown_and_can_be_hidden(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    client = school.as_(school.teacher)
    client.post(one, data={"is_faceless": "1"})
    assert is_shown(school, page)
    client.post(f"{one}/hiding")
    assert not is_shown(school, page)
    assert school.count(ShownPhoto) == 0


def test_one_child_without_consent_keeps_the_photo_from_the_screen(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    client, (first, second, _) = school.as_(school.teacher), school.children
    client.post(f"{page}/participants", data={"people": second})
    school.agree(first)
    client.post(one, data={"pupils": [first, second]})
    assert not is_shown(school, page)


def test_who_is_named_by_a_colleague_stays_named(school: School, shown: tuple[str, str]) -> None:
    page, one = shown
    principal, mine, theirs = school.as_(school.principal), school.children[0], school.others[0]
    principal.post(f"{page}/participants", data={"people": theirs})
    principal.post(one, data={"pupils": [theirs]})
    teacher = school.as_(school.teacher)
    assert "乙0" not in teacher.get(one).text
    assert teacher.post(one, data={"pupils": [theirs]}).status_code == 404
    teacher.post(one, data={"pupils": [mine]})
    school.agree(mine)
    assert not is_shown(school, page)
    school.agree(theirs)
    assert is_shown(school, page)


def test_whom_a_colleague_names_while_the_page_lies_open_stays_named(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    first, second, _ = school.children
    school.as_(school.teacher).post(f"{page}/participants", data={"people": second})
    school.agree(first)
    school.as_(school.principal).post(one, data={"pupils": [second]})
    teacher = school.as_(school.teacher)
    teacher.post(one, data={"pupils": [first]})
    assert not is_shown(school, page)
    teacher.post(one, data={"pupils": [first], "was": [first, second]})
    assert is_shown(school, page)
    assert teacher.post(one, data={"was": [school.others[0]]}).status_code == 404


def test_who_tells_of_a_photo_is_warned_of_children_whom_the_list_does_not_hold(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    warning = "另有 1 名其他班的孩子参加了这次活动"
    assert warning not in school.as_(school.teacher).get(one).text
    school.as_(school.principal).post(f"{page}/participants", data={"people": school.others[0]})
    assert warning in school.as_(school.teacher).get(one).text
    assert warning not in school.as_(school.principal).get(one).text


def hand_in(school: School, **more: object) -> int:
    form = {
        "pupil": school.children[0], "kind": "drawing", "author": "child", "title": "我的家",
        "words": "爸爸妈妈在广东", "made_on": str(TODAY), "files": (photo(), "a.jpg"),
    } | more  # fmt: skip
    return int(school.enter(school.as_(school.teacher), "love-corner", **form).rsplit("/", 1)[-1])


def state(school: School) -> tuple[str, int]:
    with school.factory.session(school.place.scope) as session:
        entry = session.scalars(select(CornerEntry)).one()
        return entry.state, entry.version


def test_a_work_hangs_on_the_wall_once_the_school_chose_it_and_the_family_agrees(school: School) -> None:
    entry = hand_in(school)
    principal = school.as_(school.principal)
    everybody = school.as_(school.colleague)
    assert "爸爸妈妈在广东" in principal.get(school.url("corner/choice")).text
    assert "爸爸妈妈在广东" not in everybody.get(school.url("corner")).text
    principal.post(school.url(f"love-corner/{entry}/decision"), data={"state": "approved", "version": "1"})
    assert state(school) == ("approved", 2)
    assert "爸爸妈妈在广东" not in everybody.get(school.url("corner")).text
    school.agree(school.children[0])
    wall = everybody.get(school.url("corner")).text
    assert "爸爸妈妈在广东" in wall
    assert "甲0" not in wall
    with school.factory.session(school.place.scope) as session:
        photo_id = session.scalars(select(Attachment.id)).one()
    seen = everybody.get(school.url(f"corner/{entry}/photos/{photo_id}"))
    assert seen.data.startswith(b"\xff\xd8")
    assert everybody.get(school.url(f"attachments/{photo_id}")).status_code == 404


def test_what_was_changed_after_it_was_chosen_is_chosen_again(school: School) -> None:
    school.agree(school.children[0])
    entry = hand_in(school)
    principal, teacher = school.as_(school.principal), school.as_(school.teacher)
    decision = school.url(f"love-corner/{entry}/decision")
    principal.post(decision, data={"state": "approved", "version": "1"})
    changed = {
        "kind": "drawing", "author": "child", "title": "别的", "words": "别的话", "made_on": str(TODAY),
        "version": "2",
    }  # fmt: skip
    teacher.post(school.url(f"love-corner/{entry}/edit"), data=changed)
    assert state(school) == ("submitted", 3)
    # What the principal had looked at is not what stands there now.
    principal.post(decision, data={"state": "approved", "version": "2"})
    assert state(school) == ("submitted", 3)
    principal.post(decision, data={"state": "hidden", "version": "3"})
    assert state(school)[0] == "hidden"
    assert "别的话" not in teacher.get(school.url("corner")).text


def test_a_work_is_not_signed_with_the_childs_name_and_comes_down_when_the_child_leaves(
    school: School,
) -> None:
    child = school.children[0]
    form = {
        "pupil": child, "kind": "writing", "author": "child", "title": "我的家", "words": "爸爸妈妈在广东",
        "made_on": str(TODAY), "by_line": "四年级 甲0",
    }  # fmt: skip
    refused = school.as_(school.teacher).post(school.url("love-corner/entries"), data=form)
    assert refused.status_code == 422
    assert 'id="by_line-error"' in refused.text
    school.agree(child)
    entry = hand_in(school, by_line="小画家")
    principal = school.as_(school.principal)
    principal.post(school.url(f"love-corner/{entry}/decision"), data={"state": "approved", "version": "1"})
    assert "小画家" in principal.get(school.url("corner")).text
    with school.factory.session(school.place.scope) as session:
        session.get_one(Pupil, (school.place.id, child)).left_on = TODAY
    assert "小画家" not in principal.get(school.url("corner")).text


def test_only_who_keeps_the_schools_life_chooses(school: School) -> None:
    entry = hand_in(school)
    teacher = school.as_(school.teacher)
    assert teacher.get(school.url("corner/choice")).status_code == 403
    refused = teacher.post(school.url(f"love-corner/{entry}/decision"), data={"state": "approved"})
    assert refused.status_code == 403
    wrong = school.as_(school.principal).post(
        school.url(f"love-corner/{entry}/decision"), data={"state": "burnt", "version": "1"}
    )
    assert wrong.status_code == 400
    assert school.as_(school.colleague).get(school.url(f"love-corner/{entry}")).status_code == 404


def test_what_a_family_has_erased_is_gone_from_the_wall_and_the_photos(
    school: School, shown: tuple[str, str]
) -> None:
    page, one = shown
    client, (child, other, _) = school.as_(school.teacher), school.children
    alone = {"kind": "contest", "title": "合唱", "held_on": str(TODAY), "files": (photo(), "b.jpg")}
    solo = school.enter(client, "activities", **alone)
    for address in (page, solo):
        client.post(f"{address}/participants", data={"people": [child, other]})
    hand_in(school)
    with school.factory.session(school.place.scope) as session:
        photos = {
            row.subject_id: row.id for row in session.scalars(select(Attachment)) if row.subject == "activity"
        }
        entry = session.scalars(select(CornerEntry)).one()
        edit_row(session, entry, values={"title": "院子"}, version=1, by=school.teacher.id)
    for pupil_id in (child, other):
        school.agree(pupil_id)
    client.post(one, data={"pupils": [child, other]})
    client.post(f"{solo}/photos/{photos[int(solo.rpartition('/')[2])]}", data={"pupils": child})
    assert is_shown(school, page)
    assert is_shown(school, solo)
    principal = school.as_(school.principal)
    assert principal.post(school.url(f"pupils/{child}/erasure"), data={"agreed": "yes"}).status_code == 302
    assert not is_shown(school, page)
    assert not is_shown(school, solo)
    with school.factory.session(school.place.scope) as session:
        entry = session.scalars(select(CornerEntry)).one()
        assert (entry.title, entry.words, entry.state) == ("", None, "hidden")
        assert entry.withdrawn_at is not None
        assert [change.before for change in changes_of(session, entry)] == [{}]
        held = session.scalars(select(Attachment).where(Attachment.withdrawn_at.is_(None))).all()
        assert [str(row.id) for row in held] == [one.rpartition("/")[2]]
        assert session.scalars(select(AttachmentContent.attachment_id).distinct()).all() == [held[0].id]
