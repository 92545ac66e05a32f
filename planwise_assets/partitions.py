"""The simulation years as Dagster partitions: the only place that says what a year is to Dagster."""

from __future__ import annotations

import warnings

import dagster as dg

# Dagster marks backfill policies as beta; the way years run rests on them, and an e2e test proves that they hold.
warnings.filterwarnings("ignore", message=".*`backfill_policy`", category=dg.BetaWarning)

#: Every partitioned asset carries this very policy. With mixed policies an asset backfill splits a year over several runs
#: and makes all years' set-ups first.
ONE_YEAR_A_RUN = dg.BackfillPolicy.multi_run(1)

# With `end` alone Dagster stops at today; an offset larger than any horizon gives exactly the study's years, whatever the
# clock says. One too small would cut years off without a word.
_BEYOND_ANY_HORIZON = 1000


def simulation_years(first: int, last: int) -> dg.TimeWindowPartitionsDefinition:
    """One partition a simulation year, `first` to `last`, with keys such as "2025"."""
    return dg.TimeWindowPartitionsDefinition(
        start=str(first), end=str(last + 1), end_offset=_BEYOND_ANY_HORIZON, fmt="%Y", cron_schedule="0 0 1 1 *"
    )


def year_of(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> int:
    """The simulation year of a step. Runs of an asset backfill have no `dagster/partition` tag, but always this key."""
    return int(context.partition_key)
