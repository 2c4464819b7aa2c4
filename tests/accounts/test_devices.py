"""Where one is signed in stands in words that a teacher knows, not in the browser's own."""

import pytest
from flask import Flask

from lxsaas.accounts.devices import device_name

CHROME = "(KHTML, like Gecko) Chrome/126.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"(Linux; Android 10; HMA-AL00) {CHROME} Safari/537.36 MicroMessenger/8.0.49", "Android · WeChat"),
        ("(iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "iPhone · Safari"),
        (f"(Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/126.0.0.0", "Windows · Edge"),
        (f"(X11; Linux x86_64) {CHROME} Safari/537.36", "Linux · Chrome"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_call_it(app: Flask, user_agent: str, name: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert device_name(user_agent) == name
