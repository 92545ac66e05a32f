"""How a run goes: its executor, the processes of its steps, Dagster's instance, and what keeps a run from working.

Belongs here: what is around all steps. Does not: what is around one step (year/session.py), when runs start (automation/).
Nothing is imported here.
"""
