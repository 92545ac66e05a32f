"""`planwise simulate`: years in order, and the results at the end.

Belongs here: arguments, and what is printed at the end. Does not: launching the years (shared/years.py).
"""

from __future__ import annotations

from typing import Annotated

import typer

from planwise_assets.commands.results import show_results
from planwise_assets.commands.shared.console import say
from planwise_assets.commands.shared.options import (
    JsonOption,
    YearsOption,
    chosen_years,
    published,
    start,
)
from planwise_assets.commands.shared.years import simulate_years


def simulate(
    years: YearsOption = None,
    run_all: Annotated[
        bool, typer.Option("--all", help="Every year, also those that are as the study, the census and the code say.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for another run of the study to end; without it such a run is an error.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Simulates years in order and prints the results.

    Without `--years` and `--all`: the years that are not there, or not as the study, the census and the code say now.

    Try:

        planwise simulate

        planwise simulate --years 2025-2027

        PLANWISE_STUDY=studies/tiny.yaml planwise simulate --json
    """
    settings, study = start()
    chosen = chosen_years(years, study.years.start, study.years.end)
    simulate_years(settings, study, chosen, again=bool(years) or run_all, quiet=as_json, wait=wait)
    if not as_json:
        say("")
    with published(settings, study) as found:
        show_results(found, settings, as_json=as_json)
