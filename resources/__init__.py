"""What the orchestration stands on: lake, DuckDB, dbt, locks. Knows nothing of Dagster assets or of the study."""
