"""The dbt project, compiled once and read from its manifest.

Belongs here: the cache of compiled projects, column lineage, the plugin with which dbt gets a step's limits. Does not:
running models (../engines/). Nothing is imported here.
"""
