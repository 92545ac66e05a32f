"""`planwise report`: one HTML file with charts and tables.

Belongs here: arguments and writing the file. Does not: the page (report/).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from planwise_assets.commands.shared.console import fail, note, say, written_or_said
from planwise_assets.commands.shared.cuts import ByOption, chosen_group
from planwise_assets.commands.shared.options import StrictOption, open_study, published
from resources.files import write_whole


def report(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; by default <study>_report.html here.")] = None,
    one_page: Annotated[
        bool, typer.Option("--one-page", help="The first page alone: what somebody who decides needs.")
    ] = False,
    by: ByOption = None,
    strict: StrictOption = False,
) -> None:
    """Writes a report of what is published: one HTML file that needs nothing else.

    Its first page, printed one sheet of paper, is for who decides; the rest is for who checks.

    Try:

        planwise report

        planwise report --one-page

        planwise report --out match_options.html

        planwise report --by division
    """
    if one_page and by is not None:
        fail("--by is of the rest of the report, which --one-page leaves out: leave one of the two out.")
    settings, study = open_study()
    from planwise_assets.commands.plan_tests import asked_of  # noqa: PLC0415 - only this command needs it
    from planwise_assets.report.data import report_data  # noqa: PLC0415 - only this command needs it
    from planwise_assets.report.page import report_page  # noqa: PLC0415 - only this command needs it
    from planwise_assets.sensitivity.swings import sensitivity_of  # noqa: PLC0415 - only this command needs it

    with published(settings, study, strict=strict) as there:
        group = chosen_group(there.connection, by) if by is not None else None
        apart = replace(settings, home=settings.sensitivity(study.study))
        swings = sensitivity_of(there.made, apart.home, apart.warehouse(study.study))
        if isinstance(swings, str):
            note(f"Without the tornado. {swings}")
            swings = None
        law = None if one_page else asked_of(there, study)
        data = report_data(there.connection, there.made, there.differs, swings=swings, group=group, law=law)
        page = report_page(data, date.today(), only_decision=one_page)
        file = out or Path(f"{there.made.study}_report.html")
        with written_or_said():
            write_whole(file, page.encode())
        say(str(file))
