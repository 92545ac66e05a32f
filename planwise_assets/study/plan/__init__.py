"""The section `plan`: eligibility, enrolment, contributions, vesting, testing.

Belongs here: the plan's settings with their units, defaults and sources, and its tiers as numbers. Does not: the law's
conditions on a design (../law/). Nothing is imported here.
"""
