"""The jobs that people launch.

Belongs here: which assets a job makes. Does not: schedules, how steps run (executor.py).
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from planwise_assets.partitions import simulation_years
from planwise_assets.project import Project

SIMULATE_YEAR = "simulate_year"


def simulate_year_job(project: Project) -> Any:
    """One whole simulation year: set-up, models, operations, closing state, publication."""
    return dg.define_asset_job(
        SIMULATE_YEAR,
        selection=dg.AssetSelection.all(),
        partitions_def=simulation_years(project.first_year, project.last_year),
        description="Simulates one year of every world of the study, and publishes it. Years go in order.",
        tags={"planwise/study": project.study.study},
    )
