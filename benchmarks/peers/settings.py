"""Django with one schema a school: as django-tenants' own tutorial sets it up."""

import os
from urllib.parse import unquote, urlsplit

_url = urlsplit(os.environ.get("DATABASE_URL", "postgresql://nobody@127.0.0.1/none"))
DATABASES = {
    "default": {
        "ENGINE": "django_tenants.postgresql_backend",
        "NAME": _url.path.lstrip("/"),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname,
        "PORT": _url.port,
        "CONN_MAX_AGE": None,
    }
}
SECRET_KEY = "only for benchmarks"
DATABASE_ROUTERS = ("django_tenants.routers.TenantSyncRouter",)
SHARED_APPS = ["django_tenants", "django.contrib.contenttypes", "benchmarks.peers.directory"]
TENANT_APPS = ["django.contrib.contenttypes", "benchmarks.peers.one_schema"]
INSTALLED_APPS = [*SHARED_APPS, "benchmarks.peers.one_schema"]
TENANT_MODEL = "directory.School"
TENANT_DOMAIN_MODEL = "directory.Domain"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
