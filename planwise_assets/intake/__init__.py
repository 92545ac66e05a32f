"""A stranger's census made ready for a study.

Belongs here: reading a file as it is, what its columns mean, what its values are. Does not: questions to a person
(commands/init.py), what a valid row is (dbt_project, model stg_census_rejects). Nothing is imported here.
"""
