"""External asset `opening_workforce`: what ties a year to the one before it without a declared edge between them.

Belongs here: the spec and its observations. Does not: the opening workforce's rows (model int_opening_workforce).

A dependency on another year is a cycle to Dagster, and a self-dependency makes asset backfills run years out of order.
Instead, the closing state of year N is reported as an *observation* of this asset for N+1, with its content hash as data
version: a changed year makes those after it stale in the UI, an identical re-run does not. Never materialize it: a
materialization of an external asset makes nothing stale, and both together are stale for ever.
"""

from __future__ import annotations

import dagster as dg

from planwise_assets.partitions import simulation_years
from planwise_assets.project import Project
from planwise_assets.year.session import OWNER

OPENING_WORKFORCE = "opening_workforce"


def opening_workforce_spec(project: Project) -> dg.AssetSpec:
    """The external asset, one partition a year."""
    return dg.AssetSpec(
        OPENING_WORKFORCE,
        group_name="setup",
        description="The workforce on 1 January: the census in the first year, then the closing state of the year before.",
        partitions_def=simulation_years(project.first_year, project.last_year),
        kinds={"parquet"},
        owners=[OWNER],
    )


def opening_observation(year: int, content: str) -> dg.AssetObservation:
    """Says what a year opens with, by content hash."""
    return dg.AssetObservation(OPENING_WORKFORCE, partition=str(year), tags={"dagster/data_version": content})
