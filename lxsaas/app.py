"""create_app(): the only file that knows every feature."""

from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from lxsaas import web
from lxsaas.accounts import staff_views, start
from lxsaas.accounts import tasks as account_tasks
from lxsaas.accounts import views as accounts
from lxsaas.accounts.access import init_access
from lxsaas.activities import child_views as activity_child_views
from lxsaas.activities import corner_views, family_views, home_views, photo_views, reach_views
from lxsaas.activities import views as activities
from lxsaas.activities.hooks import rules_about
from lxsaas.alarms import rule_views as alarm_rules
from lxsaas.alarms import tasks as alarm_tasks
from lxsaas.alarms import views as alarms
from lxsaas.archive import pages as archive_pages
from lxsaas.archive import views as archive
from lxsaas.auditing import views as auditing
from lxsaas.awards import views as awards
from lxsaas.care import child_course
from lxsaas.care import views as care
from lxsaas.config import Settings
from lxsaas.core.assets import init_assets
from lxsaas.core.celery import make_celery
from lxsaas.core.logging import configure_logging
from lxsaas.core.scope import Login
from lxsaas.correspondence import district_views as district_correspondence
from lxsaas.correspondence import views as correspondence
from lxsaas.counselling import letter_views, letterbox_views, risk_views, session_views
from lxsaas.counselling import views as counselling
from lxsaas.district import all_figures, export_views, kept_pages, school_views, target_views, unit_views
from lxsaas.district import views as district
from lxsaas.document_templates import views as document_templates
from lxsaas.duties import setting_views as duty_settings
from lxsaas.duties import views as duties
from lxsaas.evaluation import views as evaluation
from lxsaas.exports import tasks as export_tasks
from lxsaas.exports import views as exports
from lxsaas.extensions import (
    ENGINE_OPTIONS,
    STANDING_BIND,
    STANDING_OPTIONS,
    compress,
    csrf,
    db,
    limiter,
    login_manager,
)
from lxsaas.filings import call_views, fact_views
from lxsaas.filings import district_views as district_filings
from lxsaas.filings import tasks as filing_tasks
from lxsaas.filings import views as filings
from lxsaas.indicators import tasks as indicator_tasks
from lxsaas.indicators import views as indicators
from lxsaas.movement import change_views, transfer_views, year_views
from lxsaas.movement import views as movement
from lxsaas.networks import district_views as district_networks
from lxsaas.networks import report_views
from lxsaas.networks import views as networks
from lxsaas.organisation import activity_views, document_views, group_views
from lxsaas.organisation import queries as organisation_queries
from lxsaas.organisation import views as organisation
from lxsaas.overview import views as overview
from lxsaas.overview import whole_year
from lxsaas.portfolio import child_views, exam_views, score_views
from lxsaas.portfolio import views as portfolio
from lxsaas.pupils import import_views
from lxsaas.pupils import tasks as pupil_tasks
from lxsaas.pupils import views as pupils
from lxsaas.registers import views as registers
from lxsaas.reports import tasks as report_tasks
from lxsaas.reports import unsubscribe_views
from lxsaas.reports import views as reports
from lxsaas.schedule import timetable
from lxsaas.summaries import district_views as district_summaries
from lxsaas.summaries import sent_views
from lxsaas.summaries import views as summaries
from lxsaas.support import helper_views
from lxsaas.support import views as support
from lxsaas.watch import mail_views
from lxsaas.watch import tasks as watch_tasks
from lxsaas.watch import views as watch

BLUEPRINTS = (
    start.blueprint,
    accounts.blueprint,
    exports.blueprint,
    pupils.blueprint,
    registers.blueprint,
    archive.blueprint,
    movement.blueprint,
    portfolio.blueprint,
    care.blueprint,
    support.blueprint,
    counselling.blueprint,
    organisation.blueprint,
    activities.blueprint,
    networks.blueprint,
    awards.blueprint,
    district_networks.blueprint,
    duties.blueprint,
    evaluation.blueprint,
    document_templates.blueprint,
    summaries.blueprint,
    district_summaries.blueprint,
    auditing.blueprint,
    correspondence.blueprint,
    district_correspondence.blueprint,
    duty_settings.district_blueprint,
    indicators.blueprint,
    district.blueprint,
    overview.blueprint,
    alarms.blueprint,
    filings.blueprint,
    district_filings.blueprint,
    reports.blueprint,
    unsubscribe_views.blueprint,
    watch.blueprint,
)
# Imported for what they register: routes on a blueprint above, tasks with Celery.
REGISTERED = (
    account_tasks,
    call_views,
    fact_views,
    sent_views,
    export_tasks,
    activity_child_views,
    corner_views,
    family_views,
    home_views,
    photo_views,
    reach_views,
    archive_pages,
    staff_views,
    import_views,
    child_course,
    child_views,
    exam_views,
    score_views,
    pupil_tasks,
    indicator_tasks,
    alarm_rules,
    alarm_tasks,
    filing_tasks,
    report_tasks,
    mail_views,
    watch_tasks,
    helper_views,
    report_views,
    change_views,
    transfer_views,
    activity_views,
    document_views,
    group_views,
    year_views,
    letter_views,
    letterbox_views,
    risk_views,
    session_views,
    target_views,
    all_figures,
    export_views,
    school_views,
    unit_views,
    whole_year,
)
UPLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes of the largest request: a register's workbook."""


def create_app(settings: Settings | None = None) -> Flask:
    """The application with everything bound to it; needs the servers' URLs, not yet the servers."""
    configure_logging()
    settings = settings or Settings()
    app = Flask(__name__)
    app.config.update(flask_config(settings))
    app.extensions["lxsaas.settings"] = settings
    # A session signs its transactions and opens its school's key with these.
    keys = {"context_key": settings.context_key, "master_key": settings.master_key}
    db.session.session_factory.configure(info=keys)
    for extension in (db, csrf, login_manager, limiter, compress):
        extension.init_app(app)
    init_access(app)
    init_assets(app)
    web.init_web(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if organisation_queries.rules_about not in rules_about:
        rules_about.append(organisation_queries.rules_about)
    kept_pages.init_kept_pages(app)
    make_celery(
        app,
        broker_url=settings.redis_url,
        queue=settings.queue,
        data_dir=settings.data_dir,
        schedule=timetable(settings.tick_seconds),
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def flask_config(settings: Settings) -> dict[str, Any]:
    """Flask's and the extensions' settings."""
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.derive("cookies"),
        "SESSION_COOKIE_NAME": "lxsaas",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A session ends on the server; a cookie that is new with each answer would make every page a new one.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # What phones in villages download: pages and tables; built assets are compressed already.
        "COMPRESS_MIMETYPES": ["text/html", "text/csv", "application/json"],
        # A file that is sent in pieces is a photo or a workbook.
        "COMPRESS_STREAMS": False,
        # Only pages of figures are asked for again, and those are answered before the application.
        "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "MAX_CONTENT_LENGTH": UPLOAD_LIMIT,
        # A text that is far too long is answered at its field, with what was typed, not with an error page.
        "MAX_FORM_MEMORY_SIZE": UPLOAD_LIMIT,
        # A form may lie open on a phone for as long as the session lives.
        "WTF_CSRF_TIME_LIMIT": None,
        "SQLALCHEMY_BINDS": {
            STANDING_BIND: {"url": settings.login_url(Login.DISTRICT)} | STANDING_OPTIONS,
            **{login.value: {"url": settings.login_url(login)} | ENGINE_OPTIONS for login in Login},
        },
        "RATELIMIT_STORAGE_URI": settings.redis_url,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    }
