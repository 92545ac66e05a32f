"""Defects to put into a simulated year: at least one for every dbt test and every rule, by what they are about."""
