"""A table as a download, in either form that spreadsheets open."""

from flask import Response

from lxsaas.core.export import Table, to_csv, to_xlsx

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def download(table: Table, form: str, name: str) -> Response:
    """'xlsx' or 'csv'; the file is called lxsaas-<name>."""
    return Response(
        to_xlsx(table) if form == "xlsx" else to_csv(table),
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="lxsaas-{name}.{form}"'},
    )
