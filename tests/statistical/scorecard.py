"""The scorecard: what the shipped defaults give on the sample census, beside what is known of real plans.

    python -m tests.statistical.scorecard     simulates, prints the table, and fails if a row does

Populations and margins were frozen with the table of defaults, before anything ran. A row that fails stays in the table as
FAILS: what is mended is a defect or a badly founded default, never a margin. The census's 5,000 people are given, so the
error of a measure is that of the seeds: 12 worlds, where another company is compared with them 4, seed by seed.

Belongs here: the companies, how each row is measured, the table. Does not: what the hazards are (shipped.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.harness import SAMPLE_CENSUS, Simulation, simulation

FIRST, LAST = 2025, 2029
#: Worlds of five years as shipped, and of the two shorter ones that are compared with them seed by seed.
SEEDS, COMPARED_SEEDS = 12, 4

BySeed = Mapping[int, float]


@dataclass(frozen=True)
class Companies:
    """The sample census with nothing but the shipped defaults, and with one change to the automatic enrolment.

    Attributes:
        shipped: Five years, as shipped (`scope: new_hires`).
        voluntary: The first two years without automatic enrolment.
        everyone: The first year with `scope: all_eligible`.
    """

    shipped: Simulation
    voluntary: Simulation
    everyone: Simulation


@dataclass(frozen=True)
class Row:
    """One expectation and what came of it.

    Attributes:
        name: What is measured.
        population: On whom.
        low: The least that is expected.
        high: The most.
        unit: `%`, `points` (both of which are 100 times the measure) or `` (a ratio).
        measured: Every measure that has to lie between; one, or one a world, year or level.
        people: How many people were measured, all worlds together.
        error: The standard error of one measure, from the spread between the seeds.
    """

    name: str
    population: str
    low: float
    high: float
    unit: str
    measured: Sequence[float]
    people: int
    error: float

    @property
    def passes(self) -> bool:
        """Whether every measure is between the bounds."""
        return all(self.low <= value <= self.high for value in self.measured)

    @property
    def margin(self) -> float:
        """Half of what lies between the bounds."""
        return (self.high - self.low) / 2

    def cells(self) -> list[str]:
        """The row of the printed table."""
        scale, digits = (100, 2) if self.unit else (1, 3)
        lowest, highest, error = (
            f"{scale * value:.{digits}f}" for value in (min(self.measured), max(self.measured), self.error)
        )
        return [
            self.name,
            self.population,
            f"{scale * self.low:.4g} to {scale * self.high:.4g}",
            lowest if len(self.measured) == 1 else f"{lowest} to {highest}",
            error,
            f"{self.people:,}",
            self.unit,
            "ok" if self.passes else "FAILS",
        ]


def simulate(folder: Path) -> Companies:
    """Runs the three companies; lakes and studies go into `folder`."""

    def run(name: str, years: int, seeds: int, auto_enrollment: dict[str, Any]) -> Simulation:
        study = {
            "study": name,
            "census": str(SAMPLE_CENSUS),
            "years": {"start": FIRST, "end": FIRST + years - 1},
            "seeds": {"count": seeds, "first": 1},
            "scenarios": {"baseline": {"plan": {"auto_enrollment": auto_enrollment}} if auto_enrollment else {}},
        }
        return simulation(folder / name, study).run()

    return Companies(
        run("shipped", LAST - FIRST + 1, SEEDS, {}),
        run("voluntary", 2, COMPARED_SEEDS, {"enabled": False}),
        run("everyone", 1, COMPARED_SEEDS, {"scope": "all_eligible"}),
    )


def participation_after(company: Simulation, months: int, last_entry: str) -> tuple[BySeed, int]:
    """Who contributes so long after entry, of the simulation's hires who are employed then; and how many those are."""
    rows = company.query(
        f"""
        with entered as (
            select seed, world_id, identity_key, eligibility_date + to_months({months}) as day
            from int_plan_eligibility as entry inner join stg_worlds using (world_id, simulation_year)
            where entry.is_new and starts_with(entry.employee_id, 'NH_') and eligibility_date <= cast(? as date)
        )

        select seed, avg(cast(rate_millionths > 0 as integer)), count(*)
        from entered inner join plan_enrollments as segment using (world_id, identity_key)
        where day between segment_start and segment_end
        group by seed
        """,
        [last_entry],
    )
    return {seed: share for seed, share, _ in rows}, sum(people for _, _, people in rows)


def _pooled(by_seed: BySeed, people: int) -> tuple[list[float], int, float]:
    values = list(by_seed.values())
    return [mean(values)], people, stdev(values) / len(values) ** 0.5


def _in_every_world(rows: Sequence[tuple[int, Any, float]], people: int) -> tuple[list[float], int, float]:
    """Of (seed, case, measure): each measure counts, and its error is the largest spread of a case between the seeds."""
    cases = {case: [value for _, other, value in rows if other == case] for _, case, _ in rows}
    return [value for _, _, value in rows], people, max(stdev(values) for values in cases.values())


Measured = tuple[list[float], int, float]


def _stock(companies: Companies) -> Measured:
    sql = "select seed, participation_rate, eligible from fct_plan_cost where simulation_year = ?"
    everyone, nobody = (
        {seed: (float(rate), eligible) for seed, rate, eligible in company.query(sql, [FIRST])}
        for company in (companies.everyone, companies.voluntary)
    )
    gained = {seed: everyone[seed][0] - nobody[seed][0] for seed in nobody}
    return _pooled(gained, sum(eligible for _, eligible in nobody.values()))


def _flow(companies: Companies) -> Measured:
    automatic, _ = participation_after(companies.shipped, 12, f"{FIRST}-12-31")
    voluntary, people = participation_after(companies.voluntary, 12, f"{FIRST}-12-31")
    return _pooled({seed: automatic[seed] - voluntary[seed] for seed in voluntary}, people)


def _stays_in(companies: Companies) -> Measured:
    cohort = f"{LAST - 3}-06-30"  # those for whom 42 months are over by the end
    early, _ = participation_after(companies.shipped, 12, cohort)
    late, people = participation_after(companies.shipped, 42, cohort)
    return _pooled({seed: late[seed] - early[seed] for seed in early}, people)


def _escalation(companies: Companies) -> Measured:
    rows = companies.shipped.query(
        f"""
        with placed as (
            select
                scenario_id, seed, employee_id,
                year(effective_date) + if(effective_date + to_months(6) <= make_date(year(effective_date) + 1, 1, 1), 1, 2)
                    as first_date
            from fct_yearly_events where event_type = 'enrollment' and event_category = 'auto'
        )

        select placed.seed, avg(cast(not escalation_opted_out as integer)), count(*)
        from placed
        inner join stg_worlds as world
            on placed.scenario_id = world.scenario_id and placed.seed = world.seed
            and world.simulation_year = placed.first_date + 2
        inner join plan_enrollments as segment
            on segment.world_id = world.world_id and segment.employee_id = placed.employee_id
            and make_date(placed.first_date + 2, 1, 1) between segment.segment_start and segment.segment_end
        where first_date + 2 <= {LAST} and rate_millionths > 0
        group by placed.seed
        """
    )
    return _pooled({seed: share for seed, share, _ in rows}, sum(people for _, _, people in rows))


def _tenure(companies: Companies) -> Measured:
    rows = companies.shipped.query(
        """
        select
            seed, tenure_years_on_january_1 >= 1 as later, count(*),
            count(*) filter (exit_category = 'experienced')
        from int_active_workforce as person
        inner join stg_worlds using (world_id, simulation_year)
        left join int_termination_events as leaver using (world_id, simulation_year, identity_key)
        where tenure_years_on_january_1 = 0 or tenure_years_on_january_1 between 5 and 9
        group by all
        """
    )
    hazard = {(seed, later): -np.log1p(-exits / people) for seed, later, people, exits in rows}
    ratios = {seed: float(hazard[seed, False] / hazard[seed, True]) for seed, later in hazard if later}
    return _pooled(ratios, sum(people for _, _, people, _ in rows))


def _levels(companies: Companies) -> Measured:
    census = dict(
        companies.shipped.query("select level_id, count(*) / sum(count(*)) over () from int_baseline_workforce group by 1")
    )
    rows = companies.shipped.query(
        """
        select seed, level_id, count(*), sum(count(*)) over (partition by seed)
        from fct_workforce_snapshot where employment_status = 'active' and simulation_year = ? group by 1, 2
        """,
        [LAST],
    )
    shares = [(seed, level, people / int(total) - census[level]) for seed, level, people, total in rows]
    return _in_every_world(shares, sum(people for _, _, people, _ in rows))


def _old_people(companies: Companies) -> Measured:
    rows = companies.shipped.query(
        """
        select seed, simulation_year, avg(cast(age_at_year_end >= 65 as integer)), count(*)
        from fct_workforce_snapshot where employment_status = 'active' group by 1, 2
        """
    )
    return _in_every_world([row[:3] for row in rows], sum(people for *_, people in rows))


def _deferral(companies: Companies) -> Measured:
    sql = "select seed, average_deferral_rate, participants from fct_plan_cost where simulation_year = ?"
    rows = companies.shipped.query(sql, [LAST])
    return _pooled({seed: float(rate) for seed, rate, _ in rows}, sum(people for _, _, people in rows))


def _growth(companies: Companies) -> Measured:
    rows = companies.shipped.query(
        """
        select seed, simulation_year, growth, headcount
        from fct_compensation_growth where level_id is null and method = 'continuous'
        """
    )
    return _in_every_world([(seed, year, float(growth)) for seed, year, growth, _ in rows], sum(row[3] for row in rows))


#: name, population, low, high, unit, how it is measured; margins as they were frozen
_ROWS: Sequence[tuple[str, str, float, float, str, Callable[[Companies], Measured]]] = (
    ("automatic - voluntary, stock", "all eligible, end of year 1, same census", 0.25, 0.33, "points", _stock),
    ("automatic - voluntary, flow", "hires still employed 12 months after entry", 0.43, 0.55, "points", _flow),
    ("in after 42 months - after 12", "hires still employed, opted out or not", -0.02, 0.02, "points", _stays_in),
    ("still in the escalation after 3 dates", "placed in it, employed, contributing", 0.637, 0.697, "%", _escalation),
    ("exits, first year : years 6-10", "by completed years, not retirements", 2.3, 6, "", _tenure),
    ("level mix - the census's", "each level and world, year 5", -0.02, 0.02, "points", _levels),
    ("65 or older", "each year and world", 0, 0.08, "%", _old_people),
    ("average deferral of participants", "year 5, automatic enrolment", 0.067, 0.087, "%", _deferral),
    ("pay growth, continuing employees", "each year and world", 0.037, 0.043, "%", _growth),
)
NAMES = tuple(row[0] for row in _ROWS)


def measure(companies: Companies) -> list[Row]:
    """Every row of the scorecard."""
    return [Row(*row, *how(companies)) for *row, how in _ROWS]  # type: ignore[call-arg]


def table(rows: Sequence[Row]) -> str:
    """The scorecard as text."""
    heads = ["", "measured on", "expected", "simulated", "std. error", "people", "", ""]
    lines = [heads, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    to_the_right = range(2, 6)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in to_the_right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def main() -> int:
    """The command line."""
    with TemporaryDirectory() as folder:
        rows = measure(simulate(Path(folder)))
    print(table(rows))
    return 0 if all(row.passes for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
