"""The orchestration: what Dagster sees. Imports nothing, because every worker process starts here."""
