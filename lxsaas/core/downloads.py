"""A table as a download, in either form that spreadsheets open."""

from collections.abc import Sequence

from flask import Response

from lxsaas.core.export import Table, to_csv, to_workbook, to_xlsx

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def download(table: Table, form: str, name: str) -> Response:
    """'xlsx' or 'csv'; the file is called lxsaas-<name>."""
    return _file(to_xlsx(table) if form == "xlsx" else to_csv(table), form, name)


def download_book(tables: Sequence[tuple[str, Table]], name: str) -> Response:
    """A workbook of several sheets, called lxsaas-<name>."""
    return _file(to_workbook(tables), "xlsx", name)


def _file(content: bytes, form: str, name: str) -> Response:
    return Response(
        content,
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="lxsaas-{name}.{form}"'},
    )
