"""What a process does beside its work: fails, waits, is watched, keeps a record.

Belongs here: kinds of failure, locks, the circuit breaker, monitoring, metrics. Does not: what Dagster does about a failure
(planwise_assets/year/recovery.py). Nothing is imported here.
"""
