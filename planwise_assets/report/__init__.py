"""The HTML report: one file that needs nothing else.

Belongs here: its page, charts and tables. Does not: the figures (results/). Nothing is imported here.
"""
