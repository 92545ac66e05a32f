"""The simulation years as Dagster partitions: the only place that says what a year is to Dagster."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import dagster as dg

# Dagster marks backfill policies as beta; the way years run rests on them, and an e2e test proves that they hold.
warnings.filterwarnings("ignore", message=".*`backfill_policy`", category=dg.BetaWarning)

#: Every partitioned asset carries this very policy. With mixed policies an asset backfill splits a year over several runs
#: and makes all years' set-ups first.
ONE_YEAR_A_RUN = dg.BackfillPolicy.multi_run(1)


def simulation_years(first: int, last: int) -> dg.StaticPartitionsDefinition:
    """One partition a simulation year, `first` to `last`, in order, with keys such as "2025".

    The years of a study are a list, whatever the clock says. Dagster's time windows would give the same keys, but walk the
    calendar for every input of every step: a third of what Dagster costs in a year.
    """
    return dg.StaticPartitionsDefinition([str(year) for year in range(first, last + 1)])


def year_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> int:
    """The simulation year of a step. Runs of an asset backfill have no `dagster/partition` tag, but always this key."""
    return int(context.partition_key)


def year_of_run(tags: Mapping[str, str]) -> str | None:
    """The partition key of a run, by its tags: a backfill of assets names a range, of one year. None for a run without."""
    return tags.get("dagster/partition") or tags.get("dagster/asset_partition_range_start")
