"""What the models get of a study, year by year, as rows; and what the year gate compares.

Belongs here: settings turned into the tables of dbt_project/models/sources.yml. Does not: settings, writing the tables
(year/setup/inputs.py). Nothing is imported here.
"""
