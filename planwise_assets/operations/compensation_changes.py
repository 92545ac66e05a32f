"""Operation `compensation_changes`: every pay change in date order, compounded, as dated pay segments.

Belongs here: the asset. Does not: its SQL (dbt_project/operations/compensation_changes.sql), batching (batches.py).
"""

from __future__ import annotations

import dagster as dg

from planwise_assets.groups import Step
from planwise_assets.operations.batches import operation_asset
from planwise_assets.project import Project


def compensation_changes(project: Project, step: Step) -> dg.AssetsDefinition:
    """The asset of this operation."""
    return operation_asset(
        project, step, "What everyone was paid and when it changed: pay segments in date order, exact to the cent."
    )
