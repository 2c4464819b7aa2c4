"""The forms of this feature's registers: their fields bear the names of the rows' fields."""

from flask_babel import lazy_gettext

from lxsaas.archive.forms import PhoneField
from lxsaas.networks import labels
from lxsaas.networks.models import NetworkContact
from lxsaas.registers.fields import RowField
from lxsaas.registers.forms import RegisterForm, choice, day, line, long_text


class ContactForm(RegisterForm):
    network = choice(lazy_gettext("Network"), labels.NETWORKS)
    name = line(lazy_gettext("Name"), description=lazy_gettext("A person, or an office"))
    organisation = line(lazy_gettext("Where from"), optional=True)
    duty = line(lazy_gettext("For what"), optional=True)
    phone = PhoneField(lazy_gettext("Telephone"))
    checked_on = day(lazy_gettext("Answered on"), optional=True)


class ReferralForm(RegisterForm):
    network = choice(lazy_gettext("Network"), labels.NETWORKS)
    network_contact_id = RowField(lazy_gettext("Contact"), of=NetworkContact, called="name")
    need = choice(lazy_gettext("What is needed"), labels.NEEDS)
    words = long_text(lazy_gettext("Why, and what is asked"))
    referred_on = day(lazy_gettext("Referred on"))
    due_on = day(lazy_gettext("Ask again by"))
    settled_on = day(lazy_gettext("Settled on"), optional=True)
    outcome = choice(lazy_gettext("What came of it"), labels.OUTCOMES, optional=True)
    outcome_words = long_text(lazy_gettext("The outcome in words"), optional=True)


class ReferralStepForm(RegisterForm):
    done_on = day(lazy_gettext("Day"))
    words = long_text(lazy_gettext("What came of it"))
