"""Settings that meet targets: a question of a client's who is sure of a figure, and not of the assumption behind it.

Belongs here: the question (question.py), the search (solver.py; root.py of one setting; neither knows of studies), the
candidates as worlds of one study in a folder of their own (trials.py), the found study (found.py). Does not: arguments and
tables (commands/calibrate.py, commands/solve.py), which assumptions matter (sensitivity/), rates from a history (evidence/).
"""
