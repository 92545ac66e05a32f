"""After a year: the warehouse, the published tables of all years in one file.

Belongs here: building it beside the old one, and its asset. Does not: what is asked of it (results/).
Nothing is imported here.
"""
