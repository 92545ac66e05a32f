"""What a materialization reports of the file that it made.

Belongs here: rows, bytes, seconds and the figures of one file, as Dagster's metadata. Does not: the figures
(planwise_assets/results/facts.py), running anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from resources.engines.session import ModelResult


def materialization(result: ModelResult, facts: Mapping[str, Any] | None = None) -> dg.MaterializeResult[Any]:
    """What Dagster shows of one file: rows, size, time, and the facts in it."""
    return dg.MaterializeResult(
        asset_key=result.name,
        metadata={
            "dagster/row_count": result.rows,
            "bytes": result.bytes,
            "seconds": round(result.seconds, 4),
            **({"made": "last year's file: its SQL and all that it reads are last year's"} if result.is_last_years else {}),
            **(facts or {}),
        },
    )
