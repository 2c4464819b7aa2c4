"""The operator's commands end in one clear line, and doctor finds what is wrong."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from lxsaas.config import Settings
from lxsaas.core.scope import Login
from lxsaas.extensions import plain_engine
from tests.command import lxsaas
from tests.factories import Factory
from tests.pupils.workbooks import pupils, xlsx
from tests.smtp_server import ScriptedSmtpServer, smtp_server

__all__ = ["smtp_server"]


def test_status_names_a_url_for_each_login(settings: Settings) -> None:
    found = json.loads(lxsaas(settings, "services", "status", "--json").stdout)
    assert set(found["database"]) == {login.value for login in Login}
    assert found["redis"].startswith("redis://")


def test_doctor_is_content_with_a_sound_installation(
    settings: Settings, smtp_server: ScriptedSmtpServer
) -> None:
    done = lxsaas(settings, "doctor", SMTP_URL=smtp_server.url)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(": ok") == 7


def test_doctor_finds_a_wall_that_was_opened(settings: Settings, smtp_server: ScriptedSmtpServer) -> None:
    owner = plain_engine(settings.login_url(Login.OWNER))
    with owner.begin() as connection:
        connection.execute(text("alter table care_note no force row level security"))
    try:
        done = lxsaas(settings, "doctor", SMTP_URL=smtp_server.url)
    finally:
        with owner.begin() as connection:
            connection.execute(text("alter table care_note force row level security"))
    assert done.returncode == 1
    assert "care_note: row_security_not_forced" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("district", "create", "--slug", "NOT GOOD", "--name", "x"),
        ("district", "create", "--slug", "good", "--name", "x", "--timezone", "Mars/Olympus"),
        ("school", "create", "--district", "nowhere", "--slug", "a", "--name", "b", "--register-code", "1"),
        ("user", "invite", "--school", "nowhere", "--username", "a"),
        ("register", "import", "--school", "nowhere", __file__),
        ("indicators", "run", "--district", "nowhere"),
        ("indicators", "show", "--school", "nowhere", "--json"),
        ("reports", "send-due", "--now", "tomorrow"),
    ],
)  # fmt: skip
def test_an_error_is_one_clear_line(settings: Settings, arguments: tuple[str, ...]) -> None:
    done = lxsaas(settings, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("lxsaas: ")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["services", "db", "district", "school", "user", "register", "indicators",
                                     "reports", "demo", "doctor", "up"])  # fmt: skip
def test_each_command_has_help(settings: Settings, command: str) -> None:
    done = lxsaas(settings, command, "--help")
    assert done.returncode == 0
    assert "Usage:" in done.stdout


def test_a_register_is_previewed_then_applied_by_command(
    settings: Settings, factory: Factory, tmp_path: Path
) -> None:
    district = factory.district()
    slug = f"c{district.slug}"
    made = lxsaas(
        settings, "school", "create", "--district", district.slug, "--slug", slug, "--name", "命令小学",
        "--register-code", f"{district.id + 10**9:010d}", "--township", "命令乡",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    rows = pupils(6, code=f"{district.id + 10**9:010d}")
    rows[4]["性别"] = "不明"
    file = tmp_path / "register.xlsx"
    file.write_bytes(xlsx(rows))
    command = ("register", "import", "--school", slug, str(file), "--json")
    preview = json.loads(lxsaas(settings, *command).stdout)
    assert {key: preview[key] for key in ("rows", "accepted", "rejected", "new", "left_behind")} == {
        "rows": 6, "accepted": 5, "rejected": 1, "new": 5, "left_behind": 2,
    }  # fmt: skip
    assert [(error["row"], error["column"]) for error in preview["errors"]] == [(5, "性别")]
    assert lxsaas(settings, *command, "--apply").returncode == 1
    assert json.loads(lxsaas(settings, *command).stdout)["new"] == 5
    assert lxsaas(settings, *command, "--apply", "--accept-valid").returncode == 0
    again = json.loads(lxsaas(settings, *command).stdout)
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 5)
