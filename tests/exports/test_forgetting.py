"""A child that is forgotten is in no file either: what may name it is deleted, or made anew without it."""

from threading import Thread

import pytest
from sqlalchemy import func, select, text

from lxsaas.accounts.realms import Realm
from lxsaas.core.errors import NotFoundError
from lxsaas.exports import actions, ledger, queries
from lxsaas.exports.kinds import KINDS
from lxsaas.exports.ledger import Claim
from lxsaas.exports.making import realm_of
from lxsaas.exports.models import ExportPiece
from tests.exports.conftest import School
from tests.worker import wait_for

pytestmark = pytest.mark.usefixtures("long_lists", "no_hints")


def pieces(school: School, *job_ids: int) -> int:
    with school.factory.session(school.place.scope) as session:
        held = select(func.count()).select_from(ExportPiece).where(ExportPiece.job_id.in_(job_ids))
        return session.scalar(held) or 0


def here(school: School) -> Realm:
    with school.app.app_context():
        return realm_of("school", school.place.id)


def claimed(school: School, realm: Realm, job_id: int) -> Claim:
    with school.factory.session(school.place.scope) as session:
        claim = ledger.claim_export(session, realm, job_id)
    assert claim
    return claim


def test_when_a_child_is_erased_every_file_that_may_name_it_goes_and_says_why(school: School) -> None:
    made = [school.ask(who, sort="erased")[0] for who in ("principal", "teacher")]
    for job_id in made:
        assert school.make(job_id)
    waits, password = school.ask("principal", sort="waits")
    assert pieces(school, *made) == 2
    address = f"{school.place.path}pupils/{school.pupils[0]}/erasure"
    assert school.clients["principal"].post(address, data={"agreed": "yes"}).status_code == 302
    assert pieces(school, *made) == 0
    for who, job_id in zip(("principal", "teacher"), made, strict=True):
        job = school.job(job_id)
        assert (job.state, job.wish_sealed, job.look_at) == ("expired", None, None)
        status, page = school.get(who, f"{job_id}/file")
        assert status == 410
        assert "The data of a child had to be erased" in page.decode()
    assert school.make(waits), "what is made afterwards is made without it"
    assert school.get("principal", f"{waits}/file")[0] == 200
    assert password


def test_what_is_being_made_meanwhile_is_made_anew(school: School) -> None:
    job_id, _ = school.ask("principal", sort="meanwhile")
    realm = here(school)
    claim = claimed(school, realm, job_id)
    with school.factory.session(school.place.scope) as worker:
        job = ledger.hold_export(worker, claim)
        assert job
        ledger.keep_pieces(worker, realm, job, [b"with the child"])
        with school.factory.session(school.place.scope) as session:
            actions.forget_files_with_children(session, school.place.id, by=school.principal.id)
        with pytest.raises(NotFoundError):
            ledger.finish_export(worker, claim, job, KINDS["pupils"], byte_count=14, rows=1, reach=None)
        worker.rollback()
    assert school.job(job_id).state == "queued"
    assert school.make(job_id)


def test_a_file_removed_at_the_moment_when_it_is_done_leaves_nothing(school: School) -> None:
    job_id, _ = school.ask("principal", sort="at that moment")
    realm = here(school)
    pid: list[int] = []
    claim = claimed(school, realm, job_id)

    def remove() -> None:
        with school.factory.session(school.place.scope) as session:
            pid.append(session.execute(text("select pg_backend_pid()")).scalar_one())
            actions.expire_export(
                session, session.scalars(queries.job(realm, job_id)).one(), by=school.principal.id
            )

    with school.factory.session(school.place.scope) as worker:
        job = ledger.hold_export(worker, claim)
        assert job
        ledger.keep_pieces(worker, realm, job, [b"children"])
        ledger.finish_export(worker, claim, job, KINDS["pupils"], byte_count=8, rows=1, reach=None)
        removing = Thread(target=remove)
        removing.start()
        blocked = text("select cardinality(pg_blocking_pids(:pid)) > 0")
        wait_for(lambda: pid and worker.scalar(blocked, {"pid": pid[0]}))
    removing.join()
    assert school.job(job_id).state == "expired"
    assert pieces(school, job_id) == 0
