"""The one base of all errors that trying again cannot mend.

Belongs here: nothing else, so that every room may use it without importing a library. Does not: the kinds of a step's
failure (process/failures.py).
"""


class FinalError(Exception):
    """Trying again gives the same: Dagster is told not to retry (planwise_assets/year/recovery.py)."""
