"""Every table of every feature, for migrations and for the tests that read the catalogue."""

from lxsaas.accounts import models as accounts
from lxsaas.activities import family_models as families
from lxsaas.activities import models as activities
from lxsaas.alarms import models as alarms
from lxsaas.archive import models as archive
from lxsaas.awards import models as awards
from lxsaas.care import models as care
from lxsaas.core import audit, changes, crypto
from lxsaas.core.db import Base
from lxsaas.correspondence import models as correspondence
from lxsaas.counselling import models as counselling
from lxsaas.district import models as district
from lxsaas.document_templates import models as document_templates
from lxsaas.duties import models as duties
from lxsaas.duty_rules import models as duty_rules
from lxsaas.evaluation import models as evaluation
from lxsaas.exports import models as exports
from lxsaas.filings import models as filings
from lxsaas.indicators import models as indicators
from lxsaas.movement import models as movement
from lxsaas.movement import transfer_models as transfers
from lxsaas.networks import models as networks
from lxsaas.networks import report_models as harm_reports
from lxsaas.organisation import models as organisation
from lxsaas.portfolio import models as portfolio
from lxsaas.pupils import models as pupils
from lxsaas.registers import models as registers
from lxsaas.reports import models as reports
from lxsaas.schools import models as schools
from lxsaas.summaries import models as summaries
from lxsaas.support import models as support
from lxsaas.watch import models as watch

FEATURES = (
    accounts,
    activities,
    alarms,
    archive,
    audit,
    awards,
    care,
    changes,
    correspondence,
    counselling,
    crypto,
    district,
    document_templates,
    duties,
    duty_rules,
    evaluation,
    exports,
    families,
    filings,
    harm_reports,
    indicators,
    movement,
    networks,
    organisation,
    portfolio,
    pupils,
    registers,
    reports,
    schools,
    summaries,
    support,
    transfers,
    watch,
)
metadata = Base.metadata
