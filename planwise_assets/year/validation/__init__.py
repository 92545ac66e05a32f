"""Step 7 of a year: its checks, and whether a complete year still is what it was.

Belongs here: which checks there are, what they report, comparing files with markers. Does not: a check's SQL
(dbt_project/tests/ and the models' `.yml`). Nothing is imported here.
"""
