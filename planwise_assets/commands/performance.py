"""`planwise performance`: what year_performance wrote, in the terminal.

Belongs here: the command. Does not: figures and tables (planwise_assets/year/analysis/), Dagster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from planwise_assets.commands.shared.console import Exit, fail, print_json, print_table, say
from planwise_assets.commands.shared.options import JsonOption, chosen_years, open_study
from resources.process.metrics import PerformanceFolder


def performance(
    year: Annotated[int | None, typer.Option(help="The year; all of the study's by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Prints where the time and the memory of the last runs went.

    Try:

        planwise performance --year 2026

        planwise performance --json
    """
    settings, study = open_study()
    chosen = chosen_years(str(year) if year is not None else None, study.years.start, study.years.end)
    if not show_performance(PerformanceFolder(settings.performance(study.study)), chosen, as_json=as_json):
        fail(f"No performance on record for {chosen[0]}-{chosen[-1]}: planwise simulate", Exit.FAILED)


def show_performance(folder: PerformanceFolder, years: Sequence[int], *, as_json: bool) -> bool:
    """Prints the performance of the years that have one.

    Args:
        folder: The records of the study.
        years: Years to show, in this order.
        as_json: Print JSON; nothing at all where no year has a record.

    Returns:
        Whether there was any.
    """
    from planwise_assets.year.analysis.rendering import text_tables, totals_line  # noqa: PLC0415 - only this command needs it
    from planwise_assets.year.analysis.summary import read_performance  # noqa: PLC0415 - so does this

    found = [performance for year in years if (performance := read_performance(folder, year))]
    if as_json and found:
        print_json([performance.model_dump(mode="json") for performance in found])
        return True
    for performance in found:
        for title, heads, rows, left in text_tables(performance):
            print_table(f"{performance.year}: {title}", heads, rows, left=left, wrap=True)
        say(totals_line(performance))
    return bool(found)
