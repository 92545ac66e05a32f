"""One simulation year, in eight steps.

| step | what | where |
| --- | --- | --- |
| 1 setup | the gate, then the year's inputs | `setup/` |
| 2 optimization | at the start of every step's session | `session.py`, resources/duckdb/optimizations.py |
| 3 models | eight groups of dbt models | `models/`, dbt_project/models/ |
| 4 operations | three, side by side | `operations.py`, dbt_project/operations/ |
| 5 state | what the next year opens with, and the marker | `state/` |
| 6 analysis | where the time and the memory went | `analysis/` |
| 7 validation | checks; and whether a year still is what it was | `validation/` |
| 8 cleanup | what steps leave behind | `cleanup.py` |

Then `publication/`: the warehouse. The same year without Dagster, for trials and tests: `alone.py`. What happens when a step
fails: `recovery.py`, `breaker.py`. The order of the steps, and what runs beside what: planwise_assets/steps.py. What a step
may use: allocation.py says it, the step's tags carry it, `session.py` reads them. Nothing is imported here.
"""
