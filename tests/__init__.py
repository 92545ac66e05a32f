"""Tests by what they need: unit (nothing), integration (DuckDB, dbt, Dagster), statistical (many seeds), e2e (servers)."""
