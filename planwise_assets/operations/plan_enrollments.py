"""Operation `plan_enrollments`: eligibility, enrolment and every change of a deferral rate, as dated deferral segments.

Belongs here: the asset. Does not: its SQL (dbt_project/operations/plan_enrollments.sql), batching (batches.py).
"""

from __future__ import annotations

import dagster as dg

from planwise_assets.groups import Step
from planwise_assets.operations.batches import operation_asset
from planwise_assets.project import Project


def plan_enrollments(project: Project, step: Step) -> dg.AssetsDefinition:
    """The asset of this operation."""
    return operation_asset(
        project, step, "Who may take part, who does and at what rate: deferral segments in date order, with their events."
    )
