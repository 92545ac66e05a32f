"""What the orchestration stands on. Knows nothing of Dagster assets or of the study.

* `engines/`: two engines that make a group's models, and the session that both work in;
* `duckdb/`: sessions, optimizations, profiles; `dbt/`: the compiled project, its lineage, its plugin;
* `process/`: failures, locks, the circuit breaker, monitoring, what a step notes of itself;
* `lake.py`: where files are; `files.py`: how one gets there whole;
* `dagster_storage.py`, `dagster_logs.py`: named in every home's dagster.yaml, so they stay where they are.

Nothing is imported here.
"""
