"""The study file: its settings, their defaults, and what the models get of them.

Where to look:

* what a setting means, its default and its source: `sections/`, a module a section; the plan's: `plan/`; the rest of the
  file: `schema.py`;
* what a number, a by-year value or a band may be: `values.py`, `bands.py`;
* how the file is read, how scenarios inherit, where each value came from, the reference page: `file/`;
* rules between sections: `rules.py`; those of law, and the legal limits: `law/`;
* what the models get, and what the year gate compares: `parameters/`.

A new section is one module and one field of `schema.Scenario`. Nothing here imports Dagster, dbt or DuckDB, and this file
imports nothing.
"""
