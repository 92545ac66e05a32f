"""Two engines, one answer: compiled SQL straight on DuckDB, or dbt itself.

Belongs here: making models and running data tests in one session. Does not: which of the two is used
(planwise_assets/year/models/engine_choice.py). Nothing is imported here.
"""
