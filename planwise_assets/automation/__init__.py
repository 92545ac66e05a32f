"""What happens without a person: jobs, schedules, sensors, alerts, and which years have to be simulated again.

Belongs here: when something is run, and who is told. Does not: how a run goes (runs/), what makes a year stale
(year/setup/gate.py). Nothing is imported here.
"""
