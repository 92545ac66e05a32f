"""The sections of a scenario but the plan: one module a section.

Belongs here: each setting with its unit, default and source. Does not: rules between sections (../rules.py), the plan
(../plan/). Nothing is imported here.
"""
