"""Settings from the environment, each with its meaning."""

import hashlib
import hmac
import json
import os
import secrets
from datetime import time
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url

from lxsaas.core import services
from lxsaas.core.errors import ConfigurationError
from lxsaas.core.scope import Login


class Settings(BaseSettings):
    """Everything that differs from one installation to the next.

    Nothing needs to be set for development: servers are embedded under `data_dir`, and secrets are made
    at first use and kept there. Once `DATABASE_URL` names a server, `LXSAAS_SECRET_KEY` and
    `LXSAAS_MASTER_KEY` should be set too, because every machine must hold the same ones.
    """

    model_config = SettingsConfigDict(env_file=None, extra="ignore", populate_by_name=True)

    data_dir: Path = Field(default=Path("var"), validation_alias="LXSAAS_DATA_DIR")
    """Embedded servers, generated secrets, caught mail."""

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """An administrator (who may create roles) or lx_owner, on PostgreSQL 15 or newer; empty: embedded."""

    owner_url: str | None = Field(default=None, validation_alias="DATABASE_URL_OWNER")
    school_url: str | None = Field(default=None, validation_alias="DATABASE_URL_SCHOOL")
    district_url: str | None = Field(default=None, validation_alias="DATABASE_URL_DISTRICT")
    aggregator_url: str | None = Field(default=None, validation_alias="DATABASE_URL_AGGREGATOR")
    """One URL for each login; where one is missing it follows from `DATABASE_URL` and the secret key."""

    redis_url_setting: str | None = Field(default=None, validation_alias="REDIS_URL")
    """Valkey or Redis with an append-only file; empty: embedded."""

    smtp_url: str = Field(default="smtp://127.0.0.1:1025", validation_alias="SMTP_URL")
    """smtp://[user:password@]host:port, smtps:// for TLS from the start, ?starttls=1 to require STARTTLS."""

    mail_from: str = Field(default="lxsaas <noreply@lxsaas.invalid>", validation_alias="LXSAAS_MAIL_FROM")
    mail_rate: int = Field(default=0, ge=0, validation_alias="LXSAAS_MAIL_RATE")
    """Report emails a minute that the server takes, of all senders together; 0: no limit."""

    mail_lines: int = Field(default=4, ge=1, le=5, validation_alias="LXSAAS_MAIL_LINES")
    """Lines to the mail server at once; each needs connections to the database: a process has ten."""

    mail_batch: int = Field(default=50, ge=1, le=500, validation_alias="LXSAAS_MAIL_BATCH")
    """Report emails that a line takes at once; those that a killed worker did not try wait ten minutes."""

    bounce_address: str | None = Field(default=None, validation_alias="LXSAAS_BOUNCE_ADDRESS")
    """Envelope sender of report emails, as bounces@example.org: each goes out as bounces+KEY@example.org,
    and what comes back is handed to `lxsaas reports bounce`. Empty: the address of `mail_from`."""

    base_url: str = Field(default="http://127.0.0.1:8000", validation_alias="LXSAAS_BASE_URL")
    """Where people reach the pages; used in links of emails and invitations."""

    secret_key_setting: str | None = Field(default=None, validation_alias="LXSAAS_SECRET_KEY")
    """Signs cookies and database contexts; the logins' passwords derive from it."""

    master_key_setting: str | None = Field(default=None, validation_alias="LXSAAS_MASTER_KEY")
    """64 hex digits: wraps each school's data key. Lost: every sealed field is lost."""

    queue: str = Field(default="lxsaas", validation_alias="LXSAAS_QUEUE")
    """Name of the broker's queue; another one keeps two installations on one broker apart."""

    tick_seconds: float = Field(default=15.0, validation_alias="LXSAAS_TICK_SECONDS")
    """How often beat looks for runs due, units left behind and mail to send."""

    operator_token: str | None = Field(default=None, validation_alias="LXSAAS_OPERATOR_TOKEN")
    """Opens /operator (password of HTTP Basic) and /metrics (Bearer); empty: neither is there."""

    operator_email: str | None = Field(default=None, validation_alias="LXSAAS_OPERATOR_EMAIL")
    """Who is told, once, of a night that is late; empty: nobody."""

    night_deadline: time = Field(default=time(6), validation_alias="LXSAAS_NIGHT_DEADLINE")
    """By when, on each district's clock, the night's figures should be complete: '06:00'."""

    trusted_proxies: int = Field(default=0, validation_alias="LXSAAS_TRUSTED_PROXIES")
    """How many proxies in front set X-Forwarded-*; 0 ignores these headers."""

    @classmethod
    def of(cls, **environment: object) -> "Settings":
        """Settings from the environment with these variables in place of its own."""
        return cls(**environment)  # type: ignore[arg-type]

    @cached_property
    def redis_url(self) -> str:
        if self.redis_url_setting:
            return self.redis_url_setting
        url = services.status(self.data_dir).redis_url
        if url is None:
            raise ConfigurationError("no_broker")
        return url

    @cached_property
    def admin_url(self) -> URL:
        """The URL from which the four logins follow."""
        if self.database_url:
            return make_url(self.database_url).set(drivername="postgresql+psycopg")
        url = services.status(self.data_dir).database_url
        if url is None:
            raise ConfigurationError("no_database")
        return make_url(url)

    def login_url(self, login: Login) -> URL:
        """The URL with which `login` connects."""
        explicit = {
            Login.OWNER: self.owner_url,
            Login.SCHOOL: self.school_url,
            Login.DISTRICT: self.district_url,
            Login.AGGREGATOR: self.aggregator_url,
        }[login]
        if explicit:
            return make_url(explicit).set(drivername="postgresql+psycopg")
        if self.admin_url.username == login.value:
            return self.admin_url
        return self.admin_url.set(username=login.value, password=self.derive(f"login:{login.value}"))

    @property
    def mail_sender(self) -> str:
        """The bare address of `mail_from`, for the envelope."""
        return parseaddr(self.mail_from)[1]

    @property
    def secret_key(self) -> str:
        return self.secret_key_setting or self._generated["secret_key"]

    @property
    def master_key(self) -> bytes:
        return bytes.fromhex(self.master_key_setting or self._generated["master_key"])

    @property
    def context_key(self) -> bytes:
        """Signs database contexts; `lxsaas db upgrade` gives the database the same key."""
        return bytes.fromhex(self.derive("context"))

    def derive(self, purpose: str) -> str:
        """A secret for one purpose, from the secret key: 64 hex digits."""
        return hmac.new(self.secret_key.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    @cached_property
    def _generated(self) -> dict[str, str]:
        path = self.data_dir / "secrets.json"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            fresh = {"secret_key": secrets.token_hex(32), "master_key": secrets.token_hex(32)}
            draft = path.with_suffix(f".{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(json.dumps(fresh))
            # Two processes may start at once: the first link wins, both then read the same file.
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded
