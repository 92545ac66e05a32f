"""The one error of this room.

Belongs here: the class. Does not: messages.
"""


class EvidenceError(ValueError):
    """A history or a table that cannot be used; the message tells a person what to do."""
