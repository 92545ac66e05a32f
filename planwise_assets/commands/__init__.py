"""The `planwise` commands, one file a command; `cli.py` registers them, `main.py` is the program.

Belongs here: arguments, questions, what is printed. Does not: figures (results/), what a run does (runs/, year/), reading a
census (intake/). What several commands share is in `shared/`. Nothing is imported here.
"""
