"""Step 5 of a year: the closing workforce, and the marker that declares the year complete.

Belongs here: what closes a year. Does not: judging markers (setup/gate.py), the SQL (dbt_project/).
Nothing is imported here.
"""
