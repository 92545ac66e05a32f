"""`planwise setup`: the study's Dagster home, ready for `dagster` commands.

Belongs here: the command. Does not: what a home holds (runs/instance.py).
"""

from __future__ import annotations

from planwise_assets.commands.shared.console import say
from planwise_assets.commands.shared.options import start


def setup() -> None:
    """Makes the study's Dagster home, with its limits.

    Try:

        eval "$(planwise setup)"
    """
    settings, study = start()
    say(f"export DAGSTER_HOME={settings.dagster_home(study.study)}")
