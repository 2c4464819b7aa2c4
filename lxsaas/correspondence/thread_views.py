"""The pages that both sides have: the list, its export, a thread, what one writes in it, its end."""

from flask import Blueprint
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from lxsaas.accounts.access import requires
from lxsaas.core.permissions import Permission
from lxsaas.correspondence import actions, pages


def mount(blueprint: Blueprint) -> None:
    """Gives a side these pages."""
    blueprint.context_processor(pages.words)
    blueprint.add_url_rule("", view_func=thread_list, methods=["GET", "POST"])
    blueprint.add_url_rule("/threads.<any(xlsx, csv):form>", view_func=thread_export, methods=["POST"])
    blueprint.add_url_rule("/<int:thread_id>", view_func=thread_detail)
    blueprint.add_url_rule("/<int:thread_id>", view_func=write, methods=["POST"])
    blueprint.add_url_rule("/<int:thread_id>/closure", view_func=close, methods=["POST"])
    blueprint.add_url_rule("/<int:thread_id>/reopening", view_func=reopen, methods=["POST"])


@requires(Permission.READ_CORRESPONDENCE)
def thread_list() -> str:
    """What the district asked of schools, and the difficulties that they raised: at a school its own."""
    return pages.list_page()


@requires(Permission.READ_CORRESPONDENCE)
def thread_export(form: str) -> BaseResponse:
    """The list as it is chosen."""
    return pages.list_export(form)


@requires(Permission.READ_CORRESPONDENCE)
def thread_detail(thread_id: int) -> str | tuple[str, int]:
    """One thread from its beginning."""
    return pages.thread_page(thread_id)


@requires(Permission.WRITE_CORRESPONDENCE)
def write(thread_id: int) -> BaseResponse | str | tuple[str, int]:
    """Answers, or asks further."""
    return pages.answer_page(thread_id)


@requires(Permission.WRITE_CORRESPONDENCE)
def close(thread_id: int) -> BaseResponse:
    """Ends a thread: the district any, a school the difficulty that is solved."""
    return pages.changed(thread_id, actions.close_thread, gettext("Closed."))


@requires(Permission.WRITE_CORRESPONDENCE)
def reopen(thread_id: int) -> BaseResponse:
    """Takes it up again."""
    return pages.changed(thread_id, actions.reopen_thread, gettext("Open again."))
