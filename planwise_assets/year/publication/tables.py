"""Which tables go into the warehouse: a table about what a study does not have is not there.

Belongs here: the choice. Does not: filling them (building.py), what they hold (dbt_project/).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from planwise_assets.project import Project
from planwise_assets.results.measures import SUPPLEMENTS
from planwise_assets.study.sections.groups import PERSON_GROUPS


def published_tables(
    connection: duckdb.DuckDBPyConnection, project: Project, markers: Sequence[dict[str, Any]]
) -> list[str]:
    """The published models, bonus and overtime only where somebody is paid any; and what people belong to.

    Args:
        connection: Any.
        project: The study.
        markers: Of the years to publish.

    Returns:
        The tables' names. That of groups is among them where all years know the same groups.
    """
    groups = {(marker["files"].get(PERSON_GROUPS) is not None, marker["fingerprint"].get("groups")) for marker in markers}
    has_groups = len(groups) == 1 and next(iter(groups))[0]
    files = [str(project.lake.file(SUPPLEMENTS, marker["simulation_year"])) for marker in markers]
    rows = connection.execute("select sum(num_rows) from parquet_file_metadata(?)", [files]).fetchone() if files else None
    models = [name for name in project.dbt.published if name != SUPPLEMENTS or (rows and rows[0])]
    return [*models, PERSON_GROUPS] if has_groups else models
