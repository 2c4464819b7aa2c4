"""A real worker makes a file; killed in the middle of another, it leaves nothing that is not made good."""

from flask import Flask
from sqlalchemy import func, insert, update

from lxsaas.config import Settings
from lxsaas.exports import making, tasks, workspace
from lxsaas.exports.models import ExportJob, ExportPiece
from tests.exports.conftest import School
from tests.worker import kill, wait_for, worker


def test_a_worker_makes_a_file_and_a_killed_one_costs_nothing(
    app: Flask, school: School, settings: Settings, long_lists: None
) -> None:
    first, _ = school.ask("principal", sort="made")
    second, _ = school.ask("principal", sort="hangs")
    with school.factory.session(school.place.scope) as session:
        # The second's piece waits for this row, which the test holds.
        held = {"school_id": school.place.id, "job_id": second, "number": 0, "content_sealed": b""}
        session.execute(insert(ExportPiece).values(held))
        with worker(settings) as process, app.app_context():
            for job_id in (first, second):
                tasks.make.delay("school", school.place.id, job_id)
            wait_for(lambda: school.job(first).state == "done")
            # How many rows there are is told under the lock that says that somebody is at work.
            wait_for(lambda: school.job(second).rows_total)
            assert look(school, second) is False, "somebody is at work"
            kill(process)
        session.rollback()
    assert school.get("principal", f"{first}/file")[0] == 200
    wait_for(lambda: look(school, second))
    assert (school.job(second).state, school.job(second).error) == ("queued", "abandoned")
    assert workspace.sweep(settings.data_dir), "what the killed worker had begun to write"
    assert not left(settings)
    assert school.make(second)
    assert school.get("principal", f"{second}/file")[0] == 200


def left(settings: Settings) -> bool:
    """Whether somebody has, or had, a directory in which to write."""
    return any((settings.data_dir / workspace.FOLDER).iterdir())


def look(school: School, job_id: int) -> bool:
    """Whether the clock, looking when the grace of the claim is over, puts the job up for a worker."""
    with school.factory.session(school.place.scope) as session:
        session.execute(update(ExportJob).where(ExportJob.id == job_id).values(look_at=func.now()))
    with school.app.app_context():
        return ("school", school.place.id, job_id) in making.look_after_all()
