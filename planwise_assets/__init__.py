"""PlanWise as Dagster sees it: from the study file to what people read.

Where to look, from the top down; a room imports only from the rooms below it (import-linter holds this, pyproject.toml):

* `commands/`: the command line, one file a command;
* `definitions.py`: everything that Dagster loads; `preload.py`: what worker processes have ready;
* `automation/`: jobs, schedules, sensors, alerts, and which years are stale;
* `calibration/`: settings that meet targets; `screening/`: which settings matter at all;
* `runs/`: how a run goes: executor, fork server, instance;
* `year/`: the eight steps of a simulation year;
* `ui/`: what assets show in Dagster; `report/`: the HTML report;
* `sensitivity/`: which assumptions a figure depends on;
* `results/`: the figures, and the statistics of them;
* `intake/`: a stranger's census;
* `project.py`, `allocation.py`, `steps.py`, `partitions.py`, `settings.py`: one study in one environment, and its budget;
* `study/`: the study file.

Nothing is imported here: workers start with what they need.
"""
