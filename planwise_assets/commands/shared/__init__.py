"""What the commands share: how they speak, what they open, how the process begins and ends, the way into Dagster.

Belongs here: what two commands need. Does not: a command. Nothing is imported here.
"""
