"""What the law says of a plan: qualification, safe harbors, coverage, top-heavy, the general test, each year's limits.

Belongs here: rules with the section that they come from, and dated limits. Does not: settings (../plan/), tests of a year's
people (dbt_project, model fct_nondiscrimination_tests; results/law/), whose the excess of a failed one is
(results/excess.py). The limits of each year with their sources are `legal_limits.csv`. Nothing is imported here.
"""
