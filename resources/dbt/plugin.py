"""What dbt cannot do from SQL: make the lake's folders before models are written, and end with the step that began it.

Belongs here: a dbt-duckdb plugin (named in dbt_project/profiles.yml). Does not: anything about models or years.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

_WATCH_SECONDS = 0.2
_ABANDONED_EXIT_CODE = 75  # EX_TEMPFAIL, as a step whose run is gone


class Plugin(BasePlugin):
    """Makes `<lake>/<model>/simulation_year=<year>/` for every model when dbt opens its connection."""

    def configure_connection(self, conn: Any) -> None:
        """Called by dbt-duckdb once for the session's DuckDB connection."""
        step = os.environ.get("PLANWISE_STEP_PROCESS")
        if step is not None:
            threading.Thread(target=_end_with, args=(int(step),), daemon=True).start()
        project = Path(os.environ.get("DBT_PROJECT_DIR", "."))
        lake = Path(os.environ.get("PLANWISE_WRITE_LAKE", "target/lake"))
        year = os.environ.get("PLANWISE_YEAR", "2025")
        for model in (project / "models").rglob("*.sql"):
            (lake / model.stem / f"simulation_year={year}").mkdir(parents=True, exist_ok=True)


def _end_with(step: int) -> None:
    """Ends dbt when its step is gone: one that was killed cannot do it, and its next try writes the same files."""
    while os.getppid() == step:
        time.sleep(_WATCH_SECONDS)
    os._exit(_ABANDONED_EXIT_CODE)
