"""The assumptions that a study's cost depends on most, each with what it is worth.

Belongs here: choosing three, by plain arithmetic on the published figures. Does not: simulating other values; what that says
is better, and a reader is told that this is arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import duckdb

from planwise_assets.results.certainty import known
from planwise_assets.results.ensembles import Bands
from planwise_assets.results.provenance import Published
from planwise_assets.results.wording import statements

SHOWN = 3


@dataclass(frozen=True)
class Assumption:
    """One assumption.

    Attributes:
        says: What is assumed, a sentence.
        worth: What it is worth, a sentence.
        dollars: The same as a number, over all years, by which assumptions are ranked.
    """

    says: str
    worth: str
    dollars: float


def assumptions(connection: duckdb.DuckDBPyConnection, made: Published, bands: Bands) -> list[Assumption]:
    """The three that weigh most in the first scenario, the heaviest first.

    Args:
        connection: A connection to the warehouse.
        made: What it was made from.
        bands: Of every measure.
    """
    first, years = made.scenarios[0], sorted(made.years)
    costs = [bands[first, year]["net_cost"].mean for year in years]
    said = statements(made.settings[first])
    found = [
        _saving(connection, first, years),
        _joining(bands, first, years),
        *_growing(said, costs, years),
        _leaving(bands, said, first, years),
    ]
    return sorted((one for one in found if one), key=lambda one: -one.dollars)[:SHOWN]


def _saving(connection: duckdb.DuckDBPyConnection, first: str, years: Sequence[int]) -> Assumption | None:
    """Match that people leave because they save too little: what could still come if they changed."""
    row = (
        connection.cursor()
        .execute(
            """
        select cast(sum(match_lost_not_enrolled + match_lost_low_deferral) as double) / count(distinct seed)
        from fct_plan_cost where scenario_id = ?
        """,
            [first],
        )
        .fetchone()
    )
    lost = float(row[0] or 0) if row else 0.0
    if not lost:
        return None
    return Assumption(
        "Nobody saves more or less because the match changes: what people defer follows age, pay and the defaults.",
        f"People leave {known(lost, None, 'dollars')} of match unused {_span(years)}; it would cost up to that much "
        "more if they all saved enough to get it.",
        lost,
    )


def _joining(bands: Bands, first: str, years: Sequence[int]) -> Assumption | None:
    """Five points of participation, at the average cost of a participant."""
    pairs = [(bands[first, year].get("net_cost"), bands[first, year].get("participation")) for year in years]
    point = sum(cost.mean / (share.mean * 100) for cost, share in pairs if cost and share and share.mean)
    last = pairs[-1][1]
    if not point or last is None:
        return None
    return Assumption(
        f"Of those who may take part {known(last.mean, None, 'share')} do in {years[-1]}; "
        "how many join by themselves and how many opt out is assumed.",
        f"Five points more or less in every year are about {known(5 * point, None, 'dollars')} {_span(years)}.",
        5 * point,
    )


def _growing(said: dict[str, str], costs: Sequence[float], years: Sequence[int]) -> Iterator[Assumption]:
    """One point a year more, in heads or in pay, from the first year on: it compounds, to the first order by the years."""
    point = sum(cost * 0.01 * (place + 0.5) for place, cost in enumerate(costs))
    worth = f"One point a year more is about {known(point, None, 'dollars')} {_span(years)}."
    if "Growth of the headcount" in said:
        yield Assumption(f"The headcount grows by {said['Growth of the headcount']} a year.", worth, point)
    if "Cost-of-living raise" in said:
        yield Assumption(
            f"Pay rises by a cost-of-living raise of {said['Cost-of-living raise']} a year, by merit and by promotions.",
            worth,
            point,
        )


def _leaving(bands: Bands, said: dict[str, str], first: str, years: Sequence[int]) -> Assumption | None:
    """Forfeitures come from those who leave before they are vested."""
    used = [bands[first, year]["forfeitures"].mean for year in years if "forfeitures" in bands[first, year]]
    if not used or not fmean(used):
        return None
    exits = said.get("Exits, of the opening headcount", "")
    rate = "at the rate of the hazards" if "hazard" in exits else f"{exits} of the people"
    return Assumption(
        f"Each year {rate} leave; what is not vested pays {known(sum(used), None, 'dollars')} of the contributions.",
        f"A quarter fewer exits would cost about {known(sum(used) / 4, None, 'dollars')} more {_span(years)}.",
        sum(used) / 4,
    )


def _span(years: Sequence[int]) -> str:
    return f"in {years[0]}" if len(years) == 1 else f"over {years[0]}–{years[-1]}"
