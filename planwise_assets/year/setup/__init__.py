"""Step 1 of a year: whether it may start, and what it is made from.

Belongs here: the gate (whether a year may start, which years are stale), the year's inputs, the check of the first year's
census. Does not: reading a census file (intake/), the parameters' rows and what of them the gate compares
(study/parameters/). Nothing is imported here.
"""
