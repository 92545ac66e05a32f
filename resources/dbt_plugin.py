"""The one thing that dbt cannot do from SQL: make the lake's folders before models are written into them.

Belongs here: a dbt-duckdb plugin (named in dbt_project/profiles.yml). Does not: anything about models or years.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Makes `<lake>/<model>/simulation_year=<year>/` for every model when dbt opens its connection."""

    def configure_connection(self, conn: Any) -> None:
        """Called by dbt-duckdb once for the session's DuckDB connection."""
        project = Path(os.environ.get("DBT_PROJECT_DIR", "."))
        lake = Path(os.environ.get("PLANWISE_WRITE_LAKE", "target/lake"))
        year = os.environ.get("PLANWISE_YEAR", "2025")
        for model in (project / "models").rglob("*.sql"):
            (lake / model.stem / f"simulation_year={year}").mkdir(parents=True, exist_ok=True)
