"""Step 3 of a year: the dbt models as Dagster assets, one multi-asset a group.

Belongs here: specs, translation, the choice of an engine. Does not: how an engine works (resources/engines/), a model's SQL
(dbt_project/models/). Nothing is imported here.
"""
