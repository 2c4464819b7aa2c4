"""Photos and documents of a record: kept once, bare of the camera's notes, shown to who sees the child."""

import io
import uuid

import pytest
from PIL import Image
from pypdf import PdfWriter

from lxsaas.care.models import CareFile, CareKind, CareRecord
from lxsaas.core.audit import AuditEntry
from lxsaas.registers.models import Attachment, AttachmentContent
from tests.care.desk import TODAY, Desk, photo

VISIT = int(CareKind.HOME_VISIT)


def send(desk: Desk, files: list[object], **values: object) -> int:
    form = {"pupils": [desk.child], "kind": VISIT, "occurred_on": TODAY.isoformat(), "files": files}
    return desk.post("care-records", **(form | values)).status_code


def test_a_visit_with_two_photos_sent_twice_is_one_visit_with_two_photos(desk: Desk) -> None:
    key = str(uuid.uuid4())
    for _ in range(2):
        assert send(desk, [photo("red"), photo("blue")], client_key=key, note="院子里") == 302
    assert [len(desk.rows(model)) for model in (CareRecord, Attachment, CareFile)] == [1, 2, 2]
    # Whoever took one more before sending again has it too.
    assert send(desk, [photo("red"), photo("green")], client_key=key) == 302
    assert [len(desk.rows(model)) for model in (CareRecord, Attachment)] == [1, 3]


def test_a_photo_of_several_children_is_kept_once_and_gone_with_the_last_of_them(desk: Desk) -> None:
    assert send(desk, [photo()], pupils=[desk.child, desk.other]) == 302
    first, second = sorted(record.id for record in desk.rows(CareRecord))
    (attachment,) = desk.rows(Attachment)
    for record_id in (first, second):
        assert desk.get(f"care-records/{record_id}/files/{attachment.id}").status_code == 200
    assert desk.post(f"care-records/{first}/files/{attachment.id}/removal").status_code == 302
    assert desk.get(f"care-records/{first}/files/{attachment.id}").status_code == 404
    assert desk.get(f"care-records/{second}/files/{attachment.id}").status_code == 200
    assert desk.post(f"care-records/{second}/files/{attachment.id}/removal").status_code == 302
    assert desk.rows(AttachmentContent) == []


def test_place_and_camera_are_gone_and_nothing_readable_is_stored(desk: Desk) -> None:
    notes = Image.Exif()
    notes[0x010F] = "PhoneMaker"
    notes[0x9286] = "27.5N 106.2E"
    send(desk, [photo(exif=notes, comment=b"at home")])
    (record,), (attachment,) = desk.rows(CareRecord), desk.rows(Attachment)
    answer = desk.get(f"care-records/{record.id}/files/{attachment.id}")
    assert answer.content_type == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.data))
    assert (picture.size, dict(picture.getexif()), picture.info.get("comment")) == ((60, 40), {}, None)
    for content in desk.rows(AttachmentContent):
        assert not content.content_sealed.startswith(b"\xff\xd8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    seen = [entry.detail for entry in desk.rows(AuditEntry) if entry.action == "view_file"]
    assert seen == [{"pupil_id": desk.child, "attachment_id": attachment.id}]


def test_a_large_photo_is_kept_small_with_a_smaller_copy_for_lists(desk: Desk) -> None:
    send(desk, [photo(size=(3000, 2000))])
    (record,), (attachment,) = desk.rows(CareRecord), desk.rows(Attachment)
    address = f"care-records/{record.id}/files/{attachment.id}"
    assert Image.open(io.BytesIO(desk.get(address).data)).size == (1600, 1067)
    assert max(Image.open(io.BytesIO(desk.get(f"{address}?small=1").data)).size) == 320
    assert f"{address}?small=1" in desk.get(f"pupils/{desk.child}/care-records").text


def test_out_of_reach_a_photo_does_not_exist(desk: Desk) -> None:
    send(desk, [photo()])
    (record,), (attachment,) = desk.rows(CareRecord), desk.rows(Attachment)
    address = f"care-records/{record.id}/files/{attachment.id}"
    stranger = desk.factory.staff(desk.school)
    desk.factory.school_class(desk.school, stranger, grade=4)
    client = stranger.sign_in(desk.app.test_client())
    assert desk.get(address, client).status_code == 404
    assert desk.post(f"{address}/removal", client).status_code == 404
    # Nor by the address of all registers' files, nor by another record.
    assert desk.get(f"attachments/{attachment.id}").status_code == 404
    other = desk.record()
    assert desk.get(f"care-records/{other}/files/{attachment.id}").status_code == 404
    # A helper of the child reads no colleague's note, and sees no photo either.
    helper = desk.factory.staff(desk.school, "teacher")
    desk.assign(helper)
    client = helper.sign_in(desk.app.test_client())
    assert desk.get(address, client).status_code == 404
    assert "files/" not in desk.get(f"care-records/{record.id}", client).text
    assert "files/" not in desk.get(f"pupils/{desk.child}/care-records", client).text
    assert desk.post(f"{address}/removal", client).status_code == 404
    assert desk.get(address, desk.sign_in("principal")).status_code == 200


def test_a_photo_from_counselling_is_the_counsellor_s_alone(desk: Desk) -> None:
    send(desk, [photo()], kind=int(CareKind.COUNSELLING))
    (record,), (attachment,) = desk.rows(CareRecord), desk.rows(Attachment)
    address = f"care-records/{record.id}/files/{attachment.id}"
    assert desk.get(address).status_code == 200
    assert desk.get(address, desk.sign_in("principal")).status_code == 404


def pdf() -> io.BytesIO:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_metadata({"/Author": "汤文博的爷爷"})
    buffer = io.BytesIO()
    writer.write(buffer)
    buffer.seek(0)
    return buffer


def test_a_document_is_downloaded_without_its_author(desk: Desk) -> None:
    send(desk, [(pdf(), "letter.pdf")])
    (record,), (attachment,) = desk.rows(CareRecord), desk.rows(Attachment)
    answer = desk.get(f"care-records/{record.id}/files/{attachment.id}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Author" not in answer.data
    assert desk.get(f"care-records/{record.id}/files/{attachment.id}?small=1").status_code == 404


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([(io.BytesIO(b"<svg onload='alert(1)'/>"), "photo.jpg")], "Only photos"),
        ([(io.BytesIO(b"GIF89a" + b"\0" * 40), "photo.gif")], "Only photos"),
        ([(io.BytesIO(b"\xff\xd8\xff\xe0 cut off"), "photo.jpg")], "cannot be read"),
        ([(io.BytesIO(b"%PDF-1.7 nothing"), "letter.pdf")], "cannot be read"),
        ([(io.BytesIO(b"\xff\xd8" + b"\0" * (10 * 1024 * 1024)), "photo.jpg")], "10 MB at most"),
        (
            [photo(colour) for colour in ("red", "blue", "green", "black", "white", "gray", "pink")],
            "No more than 6",
        ),
    ],
    ids=["an svg", "a gif", "half a photo", "no pdf", "too large", "too many"],
)
def test_what_may_not_be_kept_is_refused_at_the_field_and_nothing_is_saved(
    desk: Desk, files: list[object], said: str
) -> None:
    form = {"pupils": [desk.child], "kind": VISIT, "occurred_on": TODAY.isoformat(), "note": "院子里"}
    answer = desk.post("care-records", **form, files=files)
    assert answer.status_code == 422
    assert said in answer.text.split('id="files-error"')[1][:400]
    assert "院子里" in answer.text
    assert [desk.rows(model) for model in (CareRecord, Attachment, AttachmentContent)] == [[], [], []]
