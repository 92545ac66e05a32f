"""What one of the law's tests says of a scenario and its years, as people and programs read it.

Belongs here: the shape of an answer, years with the same answer as one line. Does not: the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class LawOutcome:
    """One test of one scenario and year over the seeds.

    Attributes:
        scenario: The scenario.
        year: The year.
        test: Which, and of what.
        law: Its section.
        says: How it went.
        because: Why, with figures, and what was assumed; one sentence or a few.
        failed: Futures in which it fails.
        seeds: Futures.
        figures: What a program wants of it.
    """

    scenario: str
    year: int
    test: str
    law: str
    says: str
    because: str
    failed: int = 0
    seeds: int = 1
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The outcome as a program reads it."""
        return {
            "scenario_id": self.scenario,
            "simulation_year": self.year,
            "test": self.test,
            "law": self.law,
            "outcome": self.says,
            "because": self.because,
            "failed": self.failed,
            "seeds": self.seeds,
            **self.figures,
        }


def failing(failed: int, seeds: int) -> str:
    """How a test went over the futures: `passed`, `failed`, or in how many it fails."""
    if not failed:
        return "passed"
    return "failed" if failed == seeds else f"fails in {failed} of {seeds}"


LAW_HEADS = ("scenario", "years", "test", "law", "outcome", "why")


def law_rows(found: Iterable[LawOutcome]) -> Iterator[list[str]]:
    """The outcomes as people read them, under LAW_HEADS: years in a row with the same answer are one line."""
    for (scenario, test), outcomes in groupby(found, key=lambda one: (one.scenario, one.test)):
        for _, same in groupby(outcomes, key=lambda one: (one.says, one.because)):
            listed = list(same)
            yield [scenario, _years(listed), test, listed[0].law, listed[0].says, listed[0].because]


def _years(outcomes: Sequence[LawOutcome]) -> str:
    first, last = outcomes[0].year, outcomes[-1].year
    return str(first) if first == last else f"{first}-{last}"
