"""`planwise ui`: Dagster's web server and daemon, ready to launch years.

Belongs here: the command. Does not: what the UI shows (planwise_assets/ui/).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from planwise_assets.commands.shared.options import start
from planwise_assets.settings import PROJECT_ROOT


def ui(port: Annotated[int, typer.Option(help="Port on the loopback interface.")] = 3000) -> None:
    """Starts the Dagster UI and daemon, ready to launch years.

    Try:

        planwise ui --port 3001
    """
    settings, _ = start()
    os.environ.update(PLANWISE_STUDY=str(settings.study_file), PLANWISE_HOME=str(settings.home))
    dagster = str(Path(sys.executable).with_name("dagster"))
    os.chdir(PROJECT_ROOT)
    # In place of this process, so that whatever stops it stops Dagster.
    os.execv(dagster, [dagster, "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)])  # noqa: S606
