"""The study file: its settings, their defaults, and what the year set-up makes of them.

Where to look:

* what a setting means, its default and its source: `workforce.py`, `hazards.py`, `levels.py`,
  `compensation.py`, `hiring.py` (one module a section), `schema.py` (the rest of the file);
* what a number, a by-year value or a band may be: `values.py`, `bands.py`;
* how the file is read, and how scenarios inherit: `document.py`, `merge.py`, `load.py`;
* rules between sections: `checks.py`; where each value came from: `explain.py`;
* what the models get: `tables.py`, `uprating.py`; what the year gate compares: `fingerprint.py`.

A new section is one module and one field of `schema.Scenario`. Nothing here imports Dagster or dbt. This file
imports nothing: import from the modules.
"""
