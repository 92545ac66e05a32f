"""`planwise performance`: what year_performance wrote, in the terminal.

Belongs here: the body of the command. Does not: its arguments (cli.py), Dagster.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console

from planwise_assets.performance.rendering import print_performance
from planwise_assets.performance.summary import read_performance
from resources.metrics import PerformanceFolder


def show_performance(console: Console, folder: PerformanceFolder, years: Sequence[int], *, as_json: bool) -> bool:
    """Prints the performance of the years that have one.

    Returns:
        Whether there was any.
    """
    found = [performance for year in years if (performance := read_performance(folder, year))]
    if as_json and found:
        text = json.dumps([performance.model_dump(mode="json") for performance in found], indent=2)
        console.out(text, highlight=False)
    elif found:
        for performance in found:
            print_performance(console, performance)
    return bool(found)
