"""The minutes of a leading group's meeting, laid out to be printed and signed (P1)."""

from functools import cache

from lxsaas.core.messages import N_
from lxsaas.documents.paper import Paper, field, word


@cache
def minutes_template() -> bytes:
    """Fields: school, held_on, place, present, absent, agenda, minutes, decisions, open, printed_on.

    `decisions` and `open` are lists of {words, owner, due, state}; `agenda` and `minutes` lists of lines.
    """
    paper = Paper()
    paper.title(field("school"), size=16)
    paper.title(word(N_("Minutes of the leading group for left-behind children")))
    paper.facts(
        [
            (word(N_("Held on")), field("held_on")),
            (word(N_("Place")), field("place")),
            (word(N_("Present")), field("present")),
            (word(N_("Absent")), field("absent")),
        ]
    )
    for heading, lines in ((N_("Agenda"), "agenda"), (N_("What was said"), "minutes")):
        with paper.when(lines):
            paper.heading(word(heading))
            with paper.each("line", lines):
                paper.line(field("line"), size=12, indent=True)
    for heading, rows in (
        (N_("Still open from earlier meetings"), "open"),
        (N_("Decisions"), "decisions"),
    ):
        with paper.when(rows):
            paper.heading(word(heading))
            paper.table(
                [word(one) for one in (N_("What"), N_("Who"), N_("Due on"), N_("State"))],
                [field(f"row.{one}") for one in ("words", "owner", "due", "state")],
                widths_cm=(7.8, 2.6, 3.6, 2.4), of=rows,
            )  # fmt: skip
    paper.signatures([word(N_("Chair (signature): ")), word(N_("Minutes kept by (signature): "))])
    paper.line(field("printed_on"), size=12, right=True)
    return paper.template()
