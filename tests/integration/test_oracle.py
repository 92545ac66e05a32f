"""A second simulator agrees on everything: 300 people, five years, four plans; every event, then every cent.

Where the expectations come from: `tests/oracle/year.py` decides everything that happens, from the census and the settings
alone, and opens each year with its own last one, so that no error can hide in a state taken over from the product. What the
events make of pay and of the plan's money is `plan_ledger.py`'s, fed with the oracle's events and not the product's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from planwise_assets.study.parameters.tables import parameter_tables
from tests.harness import Simulation
from tests.integration.four_plans import SCENARIOS, SEED, YEARS, census_people, four_plans, opening, rules
from tests.integration.test_plan_ledger import as_published, whole
from tests.oracle import pay_oracle, plan_ledger
from tests.oracle.basics import Settings, State
from tests.oracle.year import Event, as_the_ledgers_read, events_of_a_year, forfeitures, worker_of

__all__ = ["four_plans"]

#: Published with twelve digits, of a scale that the product finds by another method than the oracle.
_PROBABILITY = 5e-12


def settings(simulated: Simulation, scenario: str, year: int) -> Settings:
    """A scenario's settings in a year, as the models get them too: plain rows."""
    tables: dict[str, list[dict[str, Any]]] = {
        name: [row for row in rows if row.get("scenario_id", scenario) == scenario]
        for name, rows in parameter_tables(simulated.project.study, year).items()
    }
    return Settings(year, YEARS[0], SEED, tables)


@pytest.fixture(scope="module")
def again(four_plans: Simulation) -> dict[str, dict[int, list[Event]]]:
    """Everything that happens, by scenario and year, but forfeitures."""
    happened = {}
    for scenario in SCENARIOS:
        workers = [worker_of(row) for row in census_people()]
        state = State({worker.who: worker for worker in workers}, Counter(worker.level for worker in workers))
        happened[scenario] = {year: list(events_of_a_year(state, settings(four_plans, scenario, year))) for year in YEARS}
    return happened


def published_events(simulated: Simulation, scenario: str, year: int) -> dict[tuple[str, str, str], Event]:
    """The year's record by person, type and category."""
    rows = simulated.query(
        """
        select
            employee_id, event_sequence, event_type, event_category, effective_date,
            cast(compensation_before * 100 as bigint), cast(compensation_after * 100 as bigint), level_before, level_after,
            cast(deferral_rate_before * 1000000 as bigint), cast(deferral_rate_after * 1000000 as bigint),
            cast(event_probability as double), event_details
        from fct_yearly_events
        where scenario_id = ? and simulation_year = ? and event_type <> 'forfeiture'
        """,
        [scenario, year],
    )
    return {(row[0], row[2], row[3]): Event(*row) for row in rows}


def agree(expected: Event | None, found: Event | None) -> bool:
    """Equal, but for the last digit of a probability."""
    if expected is None or found is None:
        return False
    likely = [event.probability for event in (expected, found)]
    if None not in likely and abs(likely[0] - likely[1]) < _PROBABILITY:  # type: ignore[operator]
        found = found._replace(probability=expected.probability)
    return expected == found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_event_is_the_oracles(four_plans: Simulation, again: dict[str, dict[int, list[Event]]], scenario: str) -> None:
    compared: Counter[str] = Counter()
    for year, events in again[scenario].items():
        expected = {(e.employee_id, e.type, e.category): e for e in events}
        assert len(expected) == len(events)
        found = published_events(four_plans, scenario, year)
        pairs = {key: (expected.get(key), found.get(key)) for key in expected.keys() | found}
        differ = {key: pair for key, pair in pairs.items() if not agree(*pair)}
        assert not differ, f"{year}: {len(differ)} of {len(found)} differ, the first: {min(differ.items())}"
        compared.update(e.type for e in events)
    assert compared.total() > 4_000
    assert set(compared) >= {"hire", "termination", "promotion", "merit_raise", "eligibility", "enrollment", "opt_out"}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_cent_of_the_oracles_own_events_is_published(
    four_plans: Simulation, again: dict[str, dict[int, list[Event]]], scenario: str
) -> None:
    pay: dict[int, list[pay_oracle.Event]] = {}
    plan: dict[int, list[plan_ledger.Event]] = {}
    for year, events in again[scenario].items():
        pay[year], plan[year] = as_the_ledgers_read(events)
    left: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for year, people in plan_ledger.ledger(*opening(), pay, plan, rules()[scenario]):
        expected = {who: as_published(row) for who, row in people.items()}
        columns = list(next(iter(expected.values())))
        rows = four_plans.query(
            f"""
            select employee_id, {", ".join(columns)} from fct_workforce_snapshot
            where scenario_id = ? and simulation_year = ?
            """,
            [scenario, year],
        )
        found = {who: {c: whole(c, v) for c, v in zip(columns, values, strict=True)} for who, *values in rows}
        assert found == expected
        for who, row in people.items():
            left[year] += forfeitures(who, row)
    found_left = four_plans.query(
        """
        select simulation_year, employee_id, event_category, event_details from fct_yearly_events
        where scenario_id = ? and event_type = 'forfeiture' order by all
        """,
        [scenario],
    )
    assert [(year, *row) for year in YEARS for row in sorted(left[year])] == found_left
