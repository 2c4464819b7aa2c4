"""The templates that a school uploaded for its documents."""

from datetime import datetime

from sqlalchemy import Index, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from lxsaas.core.db import Base, SchoolOwned, school_key


class DocumentTemplate(SchoolOwned, Base):
    """A school's own .docx for one of its documents; never changed, only replaced or put aside."""

    __tablename__ = "document_template"
    __table_args__ = (
        school_key("uploaded_by", "staff"),
        Index(
            "ix_document_template_valid", "school_id", "document",
            unique=True, postgresql_where=text("ended_at is null"),
        ),
    )  # fmt: skip

    document: Mapped[str]
    """Code of the `DocumentKind`."""
    content: Mapped[bytes]
    unused: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """Codes of the fields that it leaves out."""
    uploaded_by: Mapped[int]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
