"""The letterbox: a child writes and reads with codes, counsellors answer, guessing is slow."""

import re
import uuid

import pytest
from sqlalchemy import select

from lxsaas.core.audit import AuditEntry
from lxsaas.counselling import throttle
from lxsaas.counselling.letterbox import digits_of
from lxsaas.counselling.models import LetterboxCode, LetterboxLetter, LetterboxMessage
from tests.counselling.conftest import SECRET, Room, own_code


def letters(room: Room) -> list[LetterboxLetter]:
    with room.factory.session(room.school.scope) as session:
        found = list(session.scalars(select(LetterboxLetter).order_by(LetterboxLetter.id)))
        session.expunge_all()
        return found


def texts(room: Room) -> int:
    with room.factory.session(room.school.scope) as session:
        return len(session.scalars(select(LetterboxMessage)).all())


def answer(room: Room, letter: LetterboxLetter, text: str, version: int | None = None) -> int:
    path, seen = f"counselling/letters/{letter.id}", letter.version if version is None else version
    return room.post(room.counsellor, path, text=text, version=seen).status_code


def read(room: Room, code: str) -> str:
    return room.post(None, "letterbox/answer", code=code).text


def test_a_child_writes_is_answered_and_writes_again(room: Room) -> None:
    code = own_code(room.send_letter(room.poster_code()))
    assert "There is no answer yet" in read(room, code) or "还没有" in read(room, code)
    (letter,) = letters(room)
    assert SECRET in room.get(room.counsellor, f"counselling/letters/{letter.id}").text
    assert answer(room, letter, "谢谢你告诉我，我们一起想办法") == 302
    page = read(room, code)
    assert SECRET in page
    assert "谢谢你告诉我" in page
    again = room.post(None, "letterbox/again", code=code, text="好的老师", client_key=str(uuid.uuid4()))
    assert again.status_code == 200
    assert "好的老师" in room.get(room.colleague, f"counselling/letters/{letter.id}").text
    assert letters(room)[0].waiting_since is not None


def test_the_page_says_who_helps_at_once_and_asks_for_no_name(room: Room) -> None:
    room.poster_code()
    page = room.get(None, "letterbox").text
    assert 'href="tel:110"' in page
    assert 'href="tel:12355"' in page
    names = re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', page)
    assert set(names) <= {"text", "code", "client_key", "csrf_token", "next"}


def test_no_code_stands_in_an_address_or_in_the_database(room: Room) -> None:
    poster = room.poster_code()
    sent = room.send_letter(poster)
    code = own_code(sent)
    assert sent.status_code == 200
    assert sent.headers["Cache-Control"] == "private, no-store"
    with room.factory.session(room.school.scope) as session:
        for model in (LetterboxCode, LetterboxLetter, LetterboxMessage):
            for row in session.scalars(select(model)):
                held = " ".join(str(value) for value in vars(row).values())
                assert poster not in held
                assert digits_of(code) not in held


def test_sent_twice_a_letter_is_one_with_one_code(room: Room) -> None:
    poster, key = room.poster_code(), str(uuid.uuid4())
    first = own_code(room.send_letter(poster, client_key=key))
    assert own_code(room.send_letter(poster, client_key=key)) == first
    assert (len(letters(room)), texts(room)) == (1, 1)
    # Who goes back and adds something has it arrive too.
    assert own_code(room.send_letter(poster, "还有一句话", client_key=key)) == first
    assert (len(letters(room)), texts(room)) == (1, 2)


def test_codes_typed_on_a_chinese_keyboard_or_with_blanks_are_right(room: Room) -> None:
    poster = room.poster_code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in poster)
    code = own_code(room.send_letter(f" {wide[:3]} {wide[3:]} "))
    assert SECRET in read(room, code.replace(" ", "-"))


def test_a_new_code_ends_the_old_one_but_not_the_letters(room: Room) -> None:
    old = room.poster_code()
    code = own_code(room.send_letter(old))
    new = room.poster_code()
    if old != new:
        assert room.send_letter(old).status_code == 422
    assert SECRET in read(room, code)
    assert room.post(room.counsellor, "counselling/letterbox-code/end").status_code == 302
    assert room.send_letter(new).status_code == 422
    assert SECRET in read(room, code)


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "1" * 40, "' or 1=1 --", "0\0"])
def test_without_the_code_nothing_is_put_in_and_the_text_stays(room: Room, code: str) -> None:
    poster = room.poster_code()
    answer_ = room.send_letter(code if code != poster else "1")
    assert answer_.status_code == 422
    assert SECRET in answer_.text
    assert letters(room) == []


def test_guessing_is_slowed_down_by_address_and_the_text_is_not_lost(room: Room) -> None:
    poster = room.poster_code()
    client = room.browser(None)
    for _ in range(throttle.WRONG_CODES.amount):
        assert client.post(f"{room.school.path}letterbox/answer", data={"code": "1" * 16}).status_code == 422
    late = client.post(f"{room.school.path}letterbox/answer", data={"code": "2" * 16})
    assert late.status_code == 429
    letter = client.post(
        f"{room.school.path}letterbox", data={"code": poster, "text": SECRET, "client_key": str(uuid.uuid4())}
    )
    assert letter.status_code == 429
    assert SECRET in letter.text
    # Somebody at another school's door has nothing to do with it; nor has a child at another address.
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    from_home = client.post(
        f"{room.school.path}letterbox",
        data={"code": poster, "text": SECRET, "client_key": str(uuid.uuid4())},
        environ_overrides=elsewhere,
    )
    assert from_home.status_code == 200


def test_a_child_s_code_takes_so_many_texts_an_hour(room: Room) -> None:
    code = own_code(room.send_letter(room.poster_code()))
    client = room.browser(None)
    path = f"{room.school.path}letterbox/again"
    for number in range(throttle.TEXTS_BY_CODE.amount):
        client.post(path, data={"code": code, "text": f"第{number}句", "client_key": str(uuid.uuid4())})
    late = client.post(path, data={"code": code, "text": "太多了", "client_key": str(uuid.uuid4())})
    assert late.status_code == 429
    assert "太多了" in late.text
    assert texts(room) == throttle.TEXTS_BY_CODE.amount + 1


def test_an_address_sends_so_many_letters_an_hour(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "LETTERS_BY_ADDRESS", type(throttle.LETTERS_BY_ADDRESS)(2))
    poster = room.poster_code()
    assert [room.send_letter(poster).status_code for _ in range(3)] == [200, 200, 429]


def test_what_is_counted_keeps_nobody_s_network_address(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(throttle, "count", lambda _item, *bucket: counted.extend(bucket))
    poster, here = room.poster_code(), {"REMOTE_ADDR": "198.51.100.9"}
    for code in ("1", poster):
        form = {"code": code, "text": SECRET, "client_key": str(uuid.uuid4())}
        room.browser(None).post(f"{room.school.path}letterbox", data=form, environ_overrides=here)
    assert {"wrong", "sent"} <= set(counted)
    assert "198.51.100.9" not in " ".join(counted)


def test_an_answer_is_refused_when_the_child_has_written_meanwhile(room: Room) -> None:
    code = own_code(room.send_letter(room.poster_code()))
    (letter,) = letters(room)
    room.post(None, "letterbox/again", code=code, text="等一下", client_key=str(uuid.uuid4()))
    late = room.post(room.counsellor, f"counselling/letters/{letter.id}", text="回答", version=letter.version)
    assert late.status_code == 422
    assert "等一下" in late.text
    assert "回答" in late.text
    assert answer(room, letters(room)[0], "回答") == 302


def test_each_sight_of_a_letter_is_logged(room: Room) -> None:
    room.send_letter(room.poster_code())
    (letter,) = letters(room)
    room.get(room.counsellor, f"counselling/letters/{letter.id}")
    assert SECRET not in room.get(room.counsellor, "counselling/letters").text
    with room.factory.session(room.school.scope) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "read_letter")).one()
        assert (entry.staff_id, entry.subject_id) == (room.counsellor.id, letter.id)


def test_turned_into_a_case_a_letter_is_its_counsellor_s_alone(room: Room) -> None:
    code = own_code(room.send_letter(room.poster_code()))
    (letter,) = letters(room)
    path = f"counselling/letters/{letter.id}"
    found = room.post(room.counsellor, f"counselling/cases/choose?letter={letter.id}", q="twb").text
    assert f"letter={letter.id}" in found
    made = room.post(
        room.counsellor, f"counselling/cases/new?pupil={room.child}&letter={letter.id}", **room.case_form()
    )
    assert made.status_code == 302
    assert room.get(room.colleague, path).status_code == 404
    assert room.get(room.counsellor, path).status_code == 200
    assert path in room.get(room.counsellor, f"counselling/cases/{letters(room)[0].case_id}").text
    assert SECRET in read(room, code)


def test_a_letter_is_put_to_an_open_case_once(room: Room) -> None:
    case_id = room.open_case()
    room.send_letter(room.poster_code())
    (letter,) = letters(room)
    path = f"counselling/letters/{letter.id}/case"
    form = {"case_id": case_id, "version": letter.version}
    assert room.post(room.colleague, path, **form).status_code == 422
    assert room.post(room.counsellor, path, **form).status_code == 302
    assert room.post(room.counsellor, path, **form).status_code == 422
    assert room.get(room.colleague, path).status_code == 404


def test_a_letter_put_aside_waits_no_more(room: Room) -> None:
    room.send_letter(room.poster_code())
    (letter,) = letters(room)
    path = f"counselling/letters/{letter.id}/aside"
    room.post(room.counsellor, path, version=99)
    assert letters(room)[0].waiting_since is not None
    room.post(room.counsellor, path, version=letter.version)
    assert letters(room)[0].waiting_since is None


@pytest.mark.parametrize("text", ["", "   ", "空\0白", "长" * 3001, "x" * 1_000_000])
def test_a_text_that_cannot_be_is_told_at_its_field(room: Room, text: str) -> None:
    sent = room.send_letter(room.poster_code(), text)
    assert sent.status_code == 422
    assert 'aria-invalid="true"' in sent.text
    assert letters(room) == []


def test_a_hostile_letter_is_shown_as_it_was_written(room: Room) -> None:
    hostile = '<img src=x onerror=alert(1)> {{ 7*7 }} =cmd|"/c calc"!A1'
    room.send_letter(room.poster_code(), hostile)
    page = room.get(room.counsellor, f"counselling/letters/{letters(room)[0].id}").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
    assert "{{ 7*7 }}" in page


def test_the_letterbox_needs_no_account_and_sets_no_cookie_but_the_form_s(room: Room) -> None:
    client = room.browser(None)
    answer_ = client.get(f"{room.school.path}letterbox")
    cookies = answer_.headers.getlist("Set-Cookie")
    assert all(cookie.startswith("lxsaas_s=") for cookie in cookies)


def test_a_school_s_codes_open_nothing_next_door(room: Room) -> None:
    poster = room.poster_code()
    code = own_code(room.send_letter(poster))
    far = room.factory.school()
    client = room.browser(None)
    assert client.post(f"{far.path}letterbox", data={"code": poster, "text": "x"}).status_code == 422
    assert client.post(f"{far.path}letterbox/answer", data={"code": code}).status_code == 422
