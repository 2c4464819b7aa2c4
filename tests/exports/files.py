"""From a wish to what stands in the file: asked for by page, made as a worker does, fetched, opened."""

import io
import re

import msoffcrypto
from flask import Flask
from flask.testing import FlaskClient

from tests.exports.conftest import make
from tests.factories import Place


def made_workbook(app: Flask, client: FlaskClient, place: Place, address: str, **fields: object) -> bytes:
    """The workbook behind a button, opened with the password that the page told."""
    page = client.post(f"{place.path}{address}", data=fields).text
    job_id, password = (
        re.search(r"exports/(\d+)/removal", page),
        re.search(r"<code>([A-Z0-9-]+)</code>", page),
    )
    assert job_id
    assert password
    assert make(app, place, int(job_id[1]))
    return opened(client.get(f"{place.path}exports/{job_id[1]}/file").data, password[1])


def opened(content: bytes, password: str) -> bytes:
    """An encrypted workbook without its password."""
    sealed, plain = msoffcrypto.OfficeFile(io.BytesIO(content)), io.BytesIO()
    sealed.load_key(password=password, verify_password=True)
    sealed.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def job_on(page: str) -> int:
    """Which export the page that answers a request leads to."""
    return int(re.findall(r"exports/(\d+)", page)[-1])
