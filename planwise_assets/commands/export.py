"""`planwise export`: the published tables as a workbook, as CSV or as Parquet.

Belongs here: arguments, and which tables. Does not: writing them (results/export.py, results/workbook.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from planwise_assets.commands.shared.console import fail, rows_written, say, written_or_said
from planwise_assets.commands.shared.cuts import ByOption, chosen_group
from planwise_assets.commands.shared.options import StrictOption, one_of, open_study, published
from planwise_assets.results.groups import cut_query
from planwise_assets.study.sections.groups import PERSON_GROUPS

_TABLES = f"""
    select table_name from duckdb_tables()
    where regexp_matches(table_name, '^(fct|dim)_') or table_name = '{PERSON_GROUPS}'
    order by all
"""
_DEFAULT_OF_A_WORKBOOK = ("fct_plan_cost", "fct_compensation_growth", "fct_nondiscrimination_tests")


def export(
    file_format: Annotated[
        Literal["xlsx", "csv", "parquet"], typer.Option("--format", "-f", help="Workbook, CSV or Parquet.")
    ] = "xlsx",
    table: Annotated[list[str] | None, typer.Option(help="This table; may be repeated.", metavar="NAME")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The workbook, or the folder of the files; by default <study>_export[.xlsx] here."),
    ] = None,
    by: ByOption = None,
    strict: StrictOption = False,
) -> None:
    """Writes published tables for other programs.

    A workbook has the figures by scenario and year, the yearly tables unless told otherwise, a sheet that says where
    they come from, and one that says what each column means. CSV and Parquet have every table. In CSV a text that a
    spreadsheet would take for a formula (it begins with = + - @) gets an apostrophe before it. What does not fit a sheet
    or a cell is refused, never cut. `--by` adds a table of the figures by a group of the study.

    Try:

        planwise export

        planwise export --format csv --out figures

        planwise export --table fct_plan_cost --table fct_workforce_snapshot
    """
    settings, study = open_study()
    from planwise_assets.commands.plan_tests import asked_of  # noqa: PLC0415 - only a workbook needs it
    from planwise_assets.results import export as files  # noqa: PLC0415 - only this command needs them
    from planwise_assets.results import workbook  # noqa: PLC0415
    from planwise_assets.results.sheet import TooLargeError  # noqa: PLC0415

    with published(settings, study, strict=strict) as there, written_or_said():
        connection = there.connection
        known = [row[0] for row in connection.execute(_TABLES).fetchall()]
        chosen = [one_of("published table", name, known) for name in table or ()]
        if by is not None:
            group = chosen_group(connection, by)
            connection.execute(f"create or replace temp table by_{group} as {cut_query(group)}")
            chosen = [*(chosen or (_DEFAULT_OF_A_WORKBOOK if file_format == "xlsx" else known)), f"by_{group}"]
        if file_format == "xlsx":
            target = out or Path(f"{study.study}_export.xlsx")
            try:
                tables = chosen or list(_DEFAULT_OF_A_WORKBOOK)
                with rows_written(workbook.rows_of(connection, tables)) as written:
                    law = asked_of(there, study)
                    workbook.write_workbook(connection, there.made, there.differs, tables, target, law=law, written=written)
            except TooLargeError as error:
                fail(str(error))
            say(str(target))
            return
        target = out or Path(f"{study.study}_export")
        for file in files.write_files(connection, chosen or known, target, file_format):
            say(str(file))
