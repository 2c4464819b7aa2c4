"""Whether anything that a district is shown has changed."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base


class DistrictVersion(Base):
    """Counts up with each commit that changes what a district's pages show, or one of its people's accounts.

    Kept by triggers (`core.rls.shown_to_district`).
    """

    __tablename__ = "district_version"
    __table_args__ = {"info": {"kept_by_triggers": True}}

    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"), primary_key=True, autoincrement=False)
    version: Mapped[int]
