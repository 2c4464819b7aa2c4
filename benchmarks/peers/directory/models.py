"""A school and its domain, as django-tenants wants them."""

from django_tenants.models import DomainMixin, TenantMixin


class School(TenantMixin):
    """The tenant; its schema is filled by hand."""

    auto_create_schema = False


class Domain(DomainMixin):
    """Unused here, required there."""
