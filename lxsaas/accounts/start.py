"""The start page: finds a school's or a district's address, and tells nothing else."""

from flask import Blueprint, render_template, request

from lxsaas.accounts.access import public
from lxsaas.core.scope import looking_up
from lxsaas.extensions import limiter, session_for
from lxsaas.schools import queries

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
@public
@limiter.limit("120 per minute")
def page() -> str:
    """Searches by name or pinyin; as one types where scripts run, else by the button."""
    words = request.args.get("q", "").strip()[:40]
    found: dict[str, object] = {"words": words, "schools": [], "districts": [], "more": False}
    if words:
        with session_for(looking_up()) as session:
            schools = session.scalars(queries.schools_named(words)).all()
            found["schools"] = schools[: queries.LISTED]
            found["more"] = len(schools) > queries.LISTED
            found["districts"] = session.scalars(queries.districts_named(words)).all()
    template = "start/_found.html" if request.headers.get("HX-Request") else "start/page.html"
    return render_template(template, **found)
