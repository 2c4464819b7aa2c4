"""A school's templates: every document is made from its own or the product's, by the same check."""

import io

from docx import Document

from lxsaas.core.scope import Scope
from lxsaas.document_templates.actions import keep_template
from lxsaas.document_templates.kinds import KINDS
from lxsaas.documents.checking import paragraphs_of
from tests.documents.test_templates import docx
from tests.factories import Factory, Person

LETTERHEAD = "示例县教育局监制"


def bring_template(factory: Factory, school_id: int, scope: Scope, code: str, by: Person) -> None:
    """Gives a school a template with a letterhead of its own and every field of the document."""
    fields = KINDS[code].fields.values()
    content = docx(LETTERHEAD, *(f"{{{{ {one.word} }}}}" for one in fields), header="{{ 学校 }}")
    with factory.session(scope) as session:
        keep_template(session, KINDS[code], school_id=school_id, content=content, by=by.id)


def words_of(content: bytes) -> list[str]:
    """Every paragraph, those of tables too."""
    return [*paragraphs_of(Document(io.BytesIO(content)).element.body).values()]
