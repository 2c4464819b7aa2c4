"""The certificate of the parents' school, laid out to be printed and stamped (P25)."""

from functools import cache

from lxsaas.core.messages import N_
from lxsaas.documents.paper import Paper, field, word


@cache
def certificate_template() -> bytes:
    """Fields: title, body, school, given_on, rows (a list of {day, topic, minutes})."""
    paper = Paper(landscape=True)
    paper.gap()
    paper.title(field("title"), size=30)
    paper.line(field("body"), size=18, indent=True)
    paper.gap(10)
    paper.table(
        [word(one) for one in (N_("Day"), N_("Topic"), N_("Minutes"))],
        [field(f"row.{one}") for one in ("day", "topic", "minutes")],
        widths_cm=(5, 12, 3),
    )
    paper.line(field("school"), size=16, right=True)
    paper.line(field("given_on"), size=16, right=True)
    return paper.template()
