"""The figures that people compare, and the statistics of them, from the published tables.

Belongs here: what a figure means, bands over seeds, differences between scenarios, files for other programs. Does not: how
they are shown (commands/, report/, ui/), making the tables (year/publication/). Nothing is imported here.

A further figure is one entry in `measures.py`; what it is shown in follows (docs/how-to/extending.md).
"""
