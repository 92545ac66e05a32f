"""Step 6 of a year: where the time and the memory went, and what follows from it.

Belongs here: figures from the steps' own records, suggestions (`suggestions.py`), their tables. Does not: measuring
(resources/process/). Nothing is imported here.
"""
