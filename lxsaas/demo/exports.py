"""Files that somebody has asked for already: figures of the district, the first school's log of a year."""

from datetime import date

from flask import current_app
from sqlalchemy import select

from lxsaas.accounts.queries import account_named
from lxsaas.accounts.realms import RealmKind
from lxsaas.config import Settings
from lxsaas.core.clock import add_months
from lxsaas.core.scope import looking_up
from lxsaas.exports.actions import request_export
from lxsaas.exports.asked import Asked
from lxsaas.exports.kinds import KINDS
from lxsaas.exports.making import make, realm_of
from lxsaas.extensions import session_for
from lxsaas.schools.models import School

MONTHS = 3


def add_exports(district_id: int, today: date) -> None:
    """Asks as the pages do, and makes the files as a worker does."""
    with session_for(looking_up()) as session:
        first = select(School.id).where(School.district_id == district_id).order_by(School.id).limit(1)
        school_id = session.scalars(first).one()
    months = [["first", f"{add_months(today, -MONTHS):%Y-%m}"], ["last", f"{add_months(today, -1):%Y-%m}"]]
    add_export("district", district_id, "officer", "district.figures", Asked(form=months))
    add_export("school", school_id, "principal", "audit_pack", Asked(form=[["year", str(today.year)]]))


def add_export(place: RealmKind, owner_id: int, username: str, code: str, asked: Asked) -> None:
    """One file of somebody, made at once."""
    realm = realm_of(place, owner_id)
    with session_for(realm.scope) as session:
        by = session.scalars(account_named(realm, username)).one().id
        job, _ = request_export(session, realm, KINDS[code], asked, form="xlsx", language="zh_Hans_CN", by=by)
        job_id: int = job.id
        session.commit()
    settings: Settings = current_app.extensions["lxsaas.settings"]
    make(place, owner_id, job_id, settings.data_dir)
