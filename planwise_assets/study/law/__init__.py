"""What the law says of a plan: qualification, safe harbors, the dollar limits of each year.

Belongs here: rules with the section that they come from, and dated limits. Does not: settings (../plan/), tests of a year's
people and the excess that a failed one would refund (dbt_project, models fct_nondiscrimination_tests and
fct_excess_contributions). The limits of each year with their sources are `legal_limits.csv`. Nothing is imported here.
"""
