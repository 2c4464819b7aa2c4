"""Every table of every feature, for migrations and for the tests that read the catalogue."""

from lxsaas.accounts import models as accounts
from lxsaas.care import models as care
from lxsaas.core import audit, changes, crypto
from lxsaas.core.db import Base
from lxsaas.indicators import models as indicators
from lxsaas.pupils import models as pupils
from lxsaas.reports import models as reports
from lxsaas.schools import models as schools

FEATURES = (accounts, audit, care, changes, crypto, indicators, pupils, reports, schools)
metadata = Base.metadata
