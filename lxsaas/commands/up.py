"""`lxsaas up`: everything on one machine, until Ctrl-C: servers, web, worker, beat and a mail catcher."""

import os
import sys

import click

from lxsaas.commands.database import upgrade_database
from lxsaas.config import Settings
from lxsaas.core import processes, services
from lxsaas.core.embedded import free_port, is_free


@click.command()
@click.option("--demo", is_flag=True, help="Create the demonstration district in an empty database.")
@click.option("--port", default=8000, show_default=True, help="Of the pages; another one where it is taken.")
@click.option("--schools", default=12, show_default=True, help="Schools of the demonstration district.")
def up(demo: bool, port: int, schools: int) -> None:
    """Start what is needed and keep it running; Ctrl-C stops everything that this command started."""
    settings = Settings()
    started = start_servers(settings)
    try:
        sys.exit(run_all(demo=demo, port=port, schools=schools))
    finally:
        if started:
            services.stop(settings.data_dir)


def start_servers(settings: Settings) -> bool:
    """Starts the embedded servers where none are named and none run; whether it did."""
    if settings.database_url and settings.redis_url_setting:
        return False
    running = services.status(settings.data_dir).running
    if not running:
        click.echo("Starting PostgreSQL and Valkey …")
        services.start(settings.data_dir)
    return not running


def run_all(*, demo: bool, port: int, schools: int) -> int:
    """Makes the database ready, then runs web, worker, beat and, without an SMTP_URL, the catcher."""
    web_port = free_or(port)
    environment = {"LXSAAS_BASE_URL": os.environ.get("LXSAAS_BASE_URL", f"http://127.0.0.1:{web_port}")}
    catcher_port = None
    if "SMTP_URL" not in os.environ:
        smtp_port, catcher_port = free_or(1025), free_or(8025)
        environment["SMTP_URL"] = f"smtp://127.0.0.1:{smtp_port}"
    os.environ.update(environment)
    settings = Settings()
    upgrade_database(settings)
    accounts = load_demonstration(schools) if demo else ""
    commands = [
        processes.Command("web", web_argv(web_port), environment),
        processes.Command("worker", celery_argv("worker", "--concurrency", "2"), environment),
        processes.Command("beat", celery_argv("beat"), environment),
    ]
    if catcher_port:
        commands.append(processes.Command("mail", catcher_argv(settings, smtp_port, catcher_port)))
    mail = f"\n  Mail       http://127.0.0.1:{catcher_port}/" if catcher_port else ""
    address = environment["LXSAAS_BASE_URL"]
    return processes.run(
        commands,
        on_started=lambda: click.echo(f"\n  Pages      {address}/{mail}\n{accounts}\nCtrl-C stops.\n"),
    )


def free_or(port: int) -> int:
    """`port` where nothing listens on it, else some free one."""
    return port if is_free(port) else free_port()


def load_demonstration(schools: int) -> str:
    """Loads the demonstration district unless there is one; the accounts as text."""
    from lxsaas.demo.load import accounts_text, load_once

    make_app = click.get_current_context().find_root().obj
    with make_app().app_context():
        load_once(schools=schools, progress=click.echo)
        return accounts_text()


def web_argv(port: int) -> list[str]:
    bind = ["--bind", f"127.0.0.1:{port}"]
    config = ["--config", "python:lxsaas.core.gunicorn"]
    return [sys.executable, "-m", "gunicorn", *config, *bind, "lxsaas.app:create_app()"]


def celery_argv(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", "celery_worker", *arguments]


def catcher_argv(settings: Settings, smtp_port: int, web_port: int) -> list[str]:
    ports = ["--smtp-port", str(smtp_port), "--web-port", str(web_port)]
    kept = ["--directory", str(settings.data_dir / "mail")]
    return [sys.executable, "-m", "lxsaas.core.mail_catcher", *ports, *kept]
