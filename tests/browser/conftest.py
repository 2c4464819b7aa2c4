"""A real browser against the real web server: Chromium without a window, gunicorn on loopback."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from lxsaas.config import Settings
from lxsaas.core.embedded import free_port
from tests.browser.chromium import find_chromium
from tests.factories import PASSWORD, Person

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 1280)
SERIOUS = """async () => (await axe.run({resultTypes: ["violations"]})).violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => one.id + ": " + one.nodes.map((node) => node.target[0]).slice(0, 3).join(" | "))"""
OpenPage = Callable[[int], Page]


@pytest.fixture(scope="package")
def server(settings: Settings, shared_dir: Path) -> Iterator[str]:
    """The address of the pages, served over the tests' own database."""
    port = free_port()
    environment = os.environ | {
        "LXSAAS_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.admin_url.render_as_string(hide_password=False),
        "REDIS_URL": settings.redis_url,
        "LXSAAS_QUEUE": settings.queue,
        "LXSAAS_BASE_URL": f"http://127.0.0.1:{port}",
    }
    argv = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    log = shared_dir / f"gunicorn-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*argv, "lxsaas.app:create_app()"], env=environment, stdout=output, stderr=output
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once the server answers; fails with its log when it ended or takes more than 30 seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the web server did not start:\n{log.read_text()[-2000:]}")


# Not for the whole run: while Playwright's loop is there, no other test may start one of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright.chromium.executable_path)
        if chromium is None:
            pytest.skip("no Chromium: `apt-get install chromium` or `playwright install chromium`")
        # Chromium refuses its sandbox to root; what it opens here is this repository's own pages.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = playwright.chromium.launch(
            executable_path=chromium.program, env={**os.environ, **chromium.environment}, args=arguments
        )
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[OpenPage]:
    """Opens a page of some width in a fresh profile; at the end nothing may have gone wrong in any."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # A refused form answers 422, which Chromium counts among failures; lines are dropped on purpose.
        dropped = ("net::ERR_CONNECTION_RESET", "Failed to fetch")
        meant = any(words in message.text for words in ("status of 422", *dropped))
        if message.type in ("error", "warning") and not meant:
            problems.append(f"{message.type}: {message.text} {message.location.get('url')}")

    def make(width: int) -> Page:
        context = browser.new_context(
            base_url=server, viewport={"width": width, "height": 780}, locale="en-GB",
            timezone_id="Asia/Shanghai", has_touch=width < 500, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", hear)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        return page

    yield make
    for context in contexts:
        context.close()
    # A breach of the content security policy is a console error.
    assert not problems, "\n".join(problems)


def sign_in(page: Page, person: Person) -> None:
    """Through the page, as people do."""
    page.goto(f"{person.place.path}sign-in")
    page.fill("[name=username]", person.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main [type=submit]")
    page.wait_for_url(lambda url: "sign-in" not in url)


@pytest.fixture(scope="package")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm ci --include=dev`")
    return AXE.read_text()


def faults_of(page: Page, axe: str) -> list[str]:
    """What axe calls serious or critical, and whether the page is wider than the window, at each width."""
    # A click returns once the next page begins to come, not when it is there.
    page.wait_for_load_state()
    page.evaluate(axe)
    found = []
    for width in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 780})
        found += [f"at {width}: {one}" for one in page.evaluate(SERIOUS)]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{wide} px wider than {width}"] if wide > 0 else []
    address = re.sub(r"^https?://[^/]+", "", page.url)
    return [f"{address} {fault}" for fault in found]
