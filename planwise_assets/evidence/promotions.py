"""Promotions from year-ends, as a hazard by age, completed service and level.

Belongs here: who could rise and who did. Does not: fitting (hazards.py), the bands (study_section.py).

Who is employed at two year-ends and is below the top level could rise; who is at a higher level at the second has risen.
PlanWise promotes once a year, for everybody on one day, so a rise is certain to be seen at the next year-end of who stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planwise_assets.evidence.experience import Experience, Group
from planwise_assets.evidence.year_ends import YearEnds

PROMOTION = "promotion"


@dataclass(frozen=True)
class Rising:
    """People below the top level, and the top level itself."""

    seen: Experience
    top: int


def promotion_experience(ends: YearEnds, level: str) -> Rising | None:
    """Cells of people who could rise, with those who did.

    Args:
        ends: The year-ends.
        level: Name of the group that the level becomes.

    Returns:
        The cells; None where the files have no numbered levels or there is but one.
    """
    pairs = ends.pairs
    before = np.array([int(found) if str(found).isdigit() else -1 for found in pairs["level_before"]], np.int64)
    after = np.array([int(found) if str(found).isdigit() else -1 for found in pairs["level_after"]], np.int64)
    known = (before >= 0) & (after >= 0)
    if not known.any() or len(np.unique(before[known])) < 2:
        return None
    top = int(max(before[known].max(), after[known].max()))
    at_risk = known & (before < top)
    columns = [np.asarray(pairs[name], np.int64)[at_risk] for name in ("year", "age", "service")]
    rises = (after > before)[at_risk].astype(float)
    keys, place = np.unique(np.stack([*columns, before[at_risk]]), axis=1, return_inverse=True)
    place = place.reshape(-1)
    people = np.bincount(place).astype(float)
    risen = np.bincount(place, rises).astype(np.float64)
    labels, codes = np.unique(keys[3], return_inverse=True)
    seen = Experience(
        age=keys[1],
        service=keys[2],
        year=keys[0],
        people=people,
        duration=np.ones(len(people)),
        # A hazard of the whole year: those who rise are at risk until they do, on one day for all.
        person_years=people,
        events={PROMOTION: risen},
        groups={level: Group(codes.astype(np.int64), tuple(map(str, labels)))},
    )
    return Rising(seen, top)
