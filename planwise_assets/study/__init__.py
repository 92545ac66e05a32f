"""The study file: its settings, their defaults, and what the year set-up makes of them.

Where to look:

* what a setting means, its default and its source: `workforce.py`, `hazards.py`, `levels.py`,
  `compensation.py`, `hiring.py`, `plan.py` with `plan_enrollment.py` and `plan_employer.py`, `limits.py` (a section is
  one module, the plan three), `schema.py` (the rest of the file);
* what a number, a by-year value or a band may be: `values.py`, `bands.py`;
* how the file is read, and how scenarios inherit: `document.py`, `merge.py`, `load.py`;
* rules between sections: `checks.py`; of law: `plan_rules.py`, `plan_safe_harbor.py`; the legal limits:
  `legal_limits.py` with `legal_limits.csv` and `price_indexes.csv`; where each value came from: `explain.py`;
* what the models get: `tables.py`, `plan_tables.py`, `plan_tiers.py`, `uprating.py`,
  `weights.py`; what the year gate compares: `fingerprint.py`.

A new section is one module and one field of `schema.Scenario`. Nothing here imports Dagster or dbt. This file
imports nothing: import from the modules.
"""
