"""Earlier years of the same size: what a step usually takes.

Belongs here: keeping and reading one line a finished year. Does not: judging (suggestions.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ValidationError

from resources.files import write_whole

#: Two years are of the same size when their opening people x worlds differ by less than this: a workforce grows a little.
_SAME_SIZE = 0.1
_FEWEST_RUNS = 3
_KEPT_LINES = 1000


class PastYear(BaseModel):
    """What one year took: wall seconds by step. `people` is opening rows x worlds."""

    run_id: str
    year: int
    people: int
    engine: str
    executor: str
    seconds: dict[str, float]

    def is_like(self, other: PastYear) -> bool:
        """Whether the two can be compared."""
        same_way = (self.engine, self.executor) == (other.engine, other.executor)
        return same_way and abs(self.people - other.people) <= _SAME_SIZE * other.people


def read_history(file: Path) -> list[PastYear]:
    """The years on record, oldest first; lines that cannot be read are left out."""
    if not file.is_file():
        return []
    years = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            years.append(PastYear.model_validate_json(line))
        except ValidationError:
            continue
    return years


def remember(file: Path, this: PastYear) -> None:
    """Adds a year; the same year of the same run takes its own place."""
    others = [past for past in read_history(file) if (past.run_id, past.year) != (this.run_id, this.year)]
    lines = [past.model_dump_json() for past in [*others, this][-_KEPT_LINES:]]
    write_whole(file, ("\n".join(lines) + "\n").encode())


def usual_seconds(history: Iterable[PastYear], this: PastYear) -> Mapping[str, float]:
    """The median wall time of each step over comparable earlier years, where there are at least three."""
    before = [past for past in history if (past.run_id, past.year) != (this.run_id, this.year) and past.is_like(this)]
    return {
        step: median(found)
        for step in this.seconds
        if len(found := [past.seconds[step] for past in before if step in past.seconds]) >= _FEWEST_RUNS
    }
