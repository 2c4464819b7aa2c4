"""What stands behind a figure, for a spreadsheet."""

from flask_babel import format_date, gettext

from lxsaas.core.export import Table
from lxsaas.indicators.explaining import Explained


def table(found: Explained) -> Table:
    """One row for each child or item that is due."""
    notes = [
        gettext("As of %(day)s", day=format_date(found.as_of)),
        gettext(found.indicator.meaning),
        f"{found.numerator} / {'–' if found.denominator is None else found.denominator}",
    ]
    headings = [gettext("Name"), gettext("Class"), gettext("Day"), gettext("Counted")]
    rows = [
        [
            one.name,
            one.detail,
            format_date(one.day) if one.day else None,
            gettext("yes") if one.is_counted else gettext("no"),
        ]
        for one in found.due
    ]
    return Table(gettext(found.indicator.name), notes, headings, ["text"] * 4, rows)
