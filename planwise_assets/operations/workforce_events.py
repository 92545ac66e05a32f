"""Operation `workforce_events`: hires, exits and promotions as canonical events with deterministic ids.

Belongs here: the asset. Does not: its SQL (dbt_project/operations/workforce_events.sql), batching (batches.py).
"""

from __future__ import annotations

import dagster as dg

from planwise_assets.groups import Step
from planwise_assets.operations.batches import operation_asset
from planwise_assets.project import Project


def workforce_events(project: Project, step: Step) -> dg.AssetsDefinition:
    """The asset of this operation."""
    return operation_asset(
        project, step, "Every hire, exit and promotion of the year: one event each, with what it changed and why."
    )
