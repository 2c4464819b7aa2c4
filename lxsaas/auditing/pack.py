"""The yearly audit pack: who saw and did what, in one workbook (Regulation on Minors Online, art. 37)."""

from datetime import datetime
from typing import Any

from flask_babel import format_datetime, gettext
from sqlalchemy.orm import Session

from lxsaas.auditing import queries
from lxsaas.auditing.labels import words
from lxsaas.core import audit_chain
from lxsaas.core.export import Format, Table
from lxsaas.exports.content import Sheet, Sheets


def pack(session: Session, *, school_id: int, slug: str, school: str, year: int, timezone: str) -> Sheets:
    """Five sheets: by month, by person, sights by child, what was taken out, and whether the log is whole."""
    title = gettext("Audit of %(year)s, %(school)s", year=year, school=school)

    def sheet(name: str, headings: list[str], rows: list[list[Any]], formats: str) -> Sheet:
        kinds: list[Format] = ["count" if one == "c" else "text" for one in formats]
        return Sheet(name, Table(title, [name], headings, kinds, rows), len(rows))

    given = (school_id, year, timezone)
    months = session.execute(queries.by_month(*given)).all()
    people = session.execute(queries.by_person(*given)).all()
    sights = session.execute(queries.sights_by_child(*given)).all()
    taken = session.execute(queries.exports(*given)).all()
    who, when, what, often = gettext("Who"), gettext("When"), gettext("What"), gettext("How often")
    return Sheets(
        [
            sheet(
                gettext("By month"),
                [gettext("Month"), what, often],
                [[month, words(action, subject), count] for month, action, subject, count in months],
                "ttc",
            ),
            sheet(
                gettext("By person"),
                [who, gettext("Entries"), gettext("Sights"), gettext("Taken out"), gettext("Last")],
                [[_name(name), all_, seen, out, _at(last)] for name, all_, seen, out, last in people],
                "tccct",
            ),
            sheet(
                gettext("Sights by child"),
                [gettext("Child"), who, often, gettext("Last")],
                [[child, _name(name), count, _at(last)] for child, name, count, last in sights],
                "ttct",
            ),
            sheet(
                gettext("Taken out"),
                [when, who, what],
                [[_at(entry.at), _name(name), words(entry.action, entry.subject)] for entry, name in taken],
                "ttt",
            ),
            sheet(gettext("The log"), [what, gettext("Value")], _chain(session, school_id, slug), "tt"),
        ]
    )


def _chain(session: Session, school_id: int, slug: str) -> list[list[Any]]:
    head = audit_chain.head_of(session, "school", school_id, slug)
    found = audit_chain.verify(session, "school", school_id)
    whole = gettext("whole") if found is None else gettext("broken at entry %(number)s", number=found.number)
    return [
        [gettext("Chain"), whole],
        [gettext("Entries"), str(head.number if head else 0)],
        [gettext("Hash of the last entry"), head.hash if head else ""],
    ]


def _name(name: str | None) -> str:
    return name or str(gettext("The operator"))


def _at(moment: datetime) -> str:
    return str(format_datetime(moment, "yyyy-MM-dd HH:mm"))
