"""What was seen of a workforce, in cells: people at risk and exits by cause.

Belongs here: the table that the fit, the bands and the backtest read. Does not: making it from files (reading.py, spells.py,
exposure.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from planwise_assets.evidence.penalized import Cells

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """A grouping of the people, such as the job level.

    Attributes:
        codes: The member of each cell, as a place in `labels`.
        labels: Names of the members.
    """

    codes: Whole
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Experience:
    """Cells of age, completed service, calendar year and groups; ages and service are those of 1 January.

    Attributes:
        age: Years.
        service: Completed years.
        year: Calendar year.
        people: Employed on 1 January, or when their watching began.
        duration: Years that those who stayed were watched in the cell; at most 1.
        person_years: Time at risk, leavers until their exit.
        events: Exits of each cause.
        groups: Each grouping by name.
    """

    age: Whole
    service: Whole
    year: Whole
    people: Vector
    duration: Vector
    person_years: Vector
    events: Mapping[str, Vector]
    groups: Mapping[str, Group]

    @cached_property
    def exits(self) -> Vector:
        """Exits by any cause."""
        return np.sum(list(self.events.values()), axis=0) if self.events else np.zeros(len(self.age))

    @property
    def years(self) -> list[int]:
        """The calendar years that there are, in order."""
        return [int(year) for year in np.unique(self.year)]

    @property
    def causes(self) -> list[str]:
        """Causes, the commonest first."""
        return sorted(self.events, key=lambda cause: (-self.events[cause].sum(), cause))

    def where(self, kept: NDArray[np.bool_]) -> Experience:
        """The cells that are kept."""
        return replace(
            self,
            age=self.age[kept],
            service=self.service[kept],
            year=self.year[kept],
            people=self.people[kept],
            duration=self.duration[kept],
            person_years=self.person_years[kept],
            events={cause: values[kept] for cause, values in self.events.items()},
            groups={name: Group(group.codes[kept], group.labels) for name, group in self.groups.items()},
        )

    def in_years(self, years: Sequence[int]) -> Experience:
        """The cells of these calendar years."""
        return self.where(np.isin(self.year, list(years)))

    def with_one_cause(self, causes: Sequence[str], name: str) -> Experience:
        """The same cells with some causes taken together as one."""
        together = np.sum([self.events[cause] for cause in causes], axis=0) + np.zeros(len(self.age))
        others = {cause: values for cause, values in self.events.items() if cause not in causes}
        return replace(self, events={**others, name: together})

    def cells(self, cause: str, other_hazard: Vector, *, is_central: bool) -> Cells:
        """The form that the fitting engine reads.

        Args:
            cause: One of `events`.
            other_hazard: Yearly hazard of the other causes, one value a cell; read for the initial exposure only.
            is_central: Whether the exposure is person-years (central), or the people of 1 January (initial).
        """
        exposure = self.person_years if is_central else self.people
        return Cells(self.events[cause], exposure, self.duration, self.exits, other_hazard)
