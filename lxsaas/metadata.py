"""Every table of every feature, for migrations and for the tests that read the catalogue."""

from lxsaas.accounts import models as accounts
from lxsaas.activities import family_models as families
from lxsaas.activities import models as activities
from lxsaas.archive import models as archive
from lxsaas.care import models as care
from lxsaas.core import audit, changes, crypto
from lxsaas.core.db import Base
from lxsaas.counselling import models as counselling
from lxsaas.duties import models as duties
from lxsaas.duty_rules import models as duty_rules
from lxsaas.indicators import models as indicators
from lxsaas.movement import models as movement
from lxsaas.movement import transfer_models as transfers
from lxsaas.organisation import models as organisation
from lxsaas.portfolio import models as portfolio
from lxsaas.pupils import models as pupils
from lxsaas.registers import models as registers
from lxsaas.reports import models as reports
from lxsaas.schools import models as schools
from lxsaas.support import models as support
from lxsaas.watch import models as watch

FEATURES = (
    accounts, activities, archive, audit, care, changes, counselling, crypto, duties, duty_rules,
    families, indicators, movement, organisation, portfolio,
    pupils, registers, reports, schools, support, transfers, watch,
)  # fmt: skip
metadata = Base.metadata
