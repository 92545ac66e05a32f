"""The first service of a server: makes everything ready that the others expect, and ends.

Belongs here: Dagster's home, its database's tables, the study's pool, the compiled dbt project. Does not: what goes on then.
Doing it again is harmless: it runs before every start.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from planwise_assets.runs.instance import open_instance
from planwise_assets.settings import PROJECT_ROOT, Settings, pool_of
from planwise_assets.study.file.load import load_study

#: Dagster's configuration on a server with PostgreSQL, and on one without, whose record is SQLite on the volume.
_WITH_POSTGRESQL = PROJECT_ROOT / "docker" / "dagster.yaml"
_WITHOUT = PROJECT_ROOT / "dagster.yaml"


def main() -> None:
    """Prepares `DAGSTER_HOME` and `PLANWISE_HOME`."""
    settings = Settings.from_environment()
    study = load_study(settings.study_file)
    home = Path(os.environ["DAGSTER_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    # The image's configuration, not that of an older one.
    shutil.copy(_WITH_POSTGRESQL if os.environ.get("PLANWISE_DB_HOST") else _WITHOUT, home / "dagster.yaml")
    subprocess.run([str(Path(sys.executable).with_name("dagster")), "instance", "migrate"], check=True)
    with open_instance(home) as instance:
        # With the default limit alone the first two runs of a new instance overlapped.
        instance.event_log_storage.set_concurrency_slots(pool_of(study.study), 1)
    compiled = os.environ.get("PLANWISE_COMPILED")
    if compiled:
        shutil.copytree(compiled, settings.home / "dbt", dirs_exist_ok=True)
    print(f"Study {study.study} is ready in {settings.home}.")


if __name__ == "__main__":
    main()
