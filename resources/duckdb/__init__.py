"""DuckDB inside a step's limits: sessions, the six optimizations, profiles.

Belongs here: settings of a connection and what they do. Does not: SQL of the simulation. Nothing is imported here.
"""
