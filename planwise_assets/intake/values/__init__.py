"""How a stranger writes days, money, rates and words, a column at a time, and the same in the form that the models read.

Belongs here: recognising one way of writing in a whole column; a value that is not written so stays as it is, for the
models to refuse by its place. Does not: which column is which (names.py), judging a row (the staging models). A column that
can be read in two ways is never guessed at: `column.py` says how that is asked.
"""
