"""Import of a register of 1,240 pupils against only parsing it."""

import argparse
import itertools
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.harness import compare, fresh_app
from lxsaas.core.scope import acting_for_school
from lxsaas.extensions import session_for
from lxsaas.pupils.register import read_register
from lxsaas.pupils.register_actions import apply_register
from tests.factories import Factory

TODAY = date(2026, 11, 23)
CODE = "3699010002"
WORKBOOK = Path(__file__).parents[1] / "tests" / "data" / "registry-longxi-nine-year.xls"


def main(argv: Sequence[str] | None = None) -> None:
    """Each round imports into a school of its own, from bytes to commit: archive, families, spells, seals."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.register_import", description=__doc__)
    parser.add_argument("--workbook", type=Path, default=WORKBOOK)
    options = parser.parse_args(argv)
    content = options.workbook.read_bytes()
    with fresh_app() as app:
        factory = Factory(app)
        district = factory.district()
        schools = itertools.chain.from_iterable([factory.school(district)] for _ in itertools.count())

        def parse() -> object:
            return read_register(content, school_register_code=CODE, today=TODAY)

        def import_whole() -> None:
            school = next(schools)
            parsed = read_register(content, school_register_code=CODE, today=TODAY)
            with session_for(acting_for_school(school.id, district_id=district.id)) as session:
                apply_register(session, school_id=school.id, parsed=parsed, today=TODAY, by=None)
                session.commit()

        rows = read_register(content, school_register_code=CODE, today=TODAY).row_count
        compare("register_import", f"{rows} pupils", "parsing the same workbook", import_whole, parse)


if __name__ == "__main__":
    main()
