"""Every cell of a fit: what was seen, the rate, its interval, and what the prior did.

Belongs here: the table beside the YAML. Does not: fitting.

The credible interval holds 95 % of the posterior of the log hazard. `credibility` is the share of the prior's variance
that the data took away, `1 - posterior variance / prior variance`: 0 where the published table is all that is known, near
1 where the client's own exits decide (for one rate it is Buhlmann's Z). Cells in which nobody was seen are not in the table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from planwise_assets.evidence.experience import Experience, Group
from planwise_assets.evidence.hazards import Hazards
from planwise_assets.evidence.surface import Surface

COLUMNS = (
    *("cause", "age", "service", "people", "person_years", "exits", "raw_rate", "rate", "low", "high", "probability"),
    *("prior_rate", "credibility"),
)


def cell_table(hazards: Hazards, seen: Experience) -> str:
    """The cells as CSV: by cause, age and completed service, as of the last year seen."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for cause, surface in hazards.surfaces.items():
        writer.writerows(_rows(cause, surface, seen))
    return text.getvalue()


def _rows(cause: str, surface: Surface, seen: Experience) -> Iterator[list[str]]:
    keys, first, place = np.unique(seen.age * 1000 + seen.service, return_index=True, return_inverse=True)
    now = _at(seen, first)
    # Members of a group differ; the cell's rate is that of its people, whose mean effect is added to the surface's own.
    value, error = replace(surface, groups=surface.groups).log_hazard(now)
    everybody = np.exp(surface.log_hazard(replace(seen, year=np.full_like(seen.year, seen.years[-1])))[0])
    people = np.bincount(place, seen.people, len(keys))
    if surface.groups:
        value = np.log(np.bincount(place, everybody * seen.people, len(keys)) / people)
    time, exits = np.bincount(place, seen.person_years), np.bincount(place, seen.events[cause])
    prior = surface.prior
    known = prior.log_hazard(now.age, now.service) if prior is not None else None
    credibility = 1 - error**2 / surface.prior_variance(now) if prior is not None else None
    for at in range(len(keys)):
        rate, half = np.exp(value[at]), np.exp(1.96 * error[at])
        yield [
            *(cause, str(now.age[at]), str(now.service[at]), f"{people[at]:.0f}", f"{time[at]:.2f}", f"{exits[at]:.0f}"),
            *(f"{exits[at] / max(time[at], 1e-9):.6f}", f"{rate:.6f}", f"{rate / half:.6f}", f"{rate * half:.6f}"),
            f"{-np.expm1(-rate):.6f}",
            "" if known is None else f"{np.exp(known[at]):.6f}",
            "" if credibility is None else f"{min(max(credibility[at], 0.0), 1.0):.3f}",
        ]


def _at(seen: Experience, first: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Experience:
    """One cell of each age and service, in the last year."""
    last = np.full(len(first), seen.years[-1], dtype=np.int64)
    groups = {name: Group(group.codes[first], group.labels) for name, group in seen.groups.items()}
    return Experience(
        seen.age[first], seen.service[first], last, seen.people[first], seen.duration[first], seen.person_years[first],
        {cause: values[first] for cause, values in seen.events.items()}, groups,
    )  # fmt: skip
