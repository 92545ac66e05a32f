"""What a change of the plan does to the workforce: nothing. And what a higher match does to a person's match: never less.

Worlds that differ in the plan alone have the same people, exits, promotions and pay, to the last column. Only what the plan
itself writes on a workforce event may differ: its design's name, and where the plan changes who defers, the deferral rate in
force and the place of the event among that person's events of the year.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Simulation
from tests.integration.companies import world_rows
from tests.integration.plan_years import SCENARIOS, SEED, plan_years

__all__ = ["plan_years"]

OTHERS = [scenario for scenario in SCENARIOS if scenario != "shipped"]
#: Named after the world.
NAMES = {"scenario_id", "event_id", "plan_design_id"}
OF_THE_PLAN = {"deferral_rate_before", "deferral_rate_after", "event_sequence"}


def workforce_events(simulated: Simulation, scenario: str, without: set[str]) -> list[Any]:
    """Every hire, exit, promotion, merit raise and COLA, all columns but these."""
    return simulated.query(
        f"""
        select columns(lambda name: not list_contains({sorted(without)}, name)) from fct_yearly_events
        where
            scenario_id = ?
            and event_type in ('hire', 'termination', 'promotion', 'merit_raise', 'cola')
        order by all
        """,
        [scenario],
    )


@pytest.mark.parametrize("scenario", OTHERS)
def test_workforce_events_are_identical(plan_years: Simulation, scenario: str) -> None:
    """With another match all columns are; with another enrolment all that are about the workforce."""
    without = NAMES if scenario == "richer" else NAMES | OF_THE_PLAN
    expected = workforce_events(plan_years, "shipped", without)
    assert len(expected) > 6_000
    assert workforce_events(plan_years, scenario, without) == expected


@pytest.mark.parametrize("operation", ["workforce_events", "compensation_changes"])
def test_the_operations_on_people_and_pay_publish_the_same_rows(plan_years: Simulation, operation: str) -> None:
    published = f"({operation} inner join stg_worlds using (world_id, simulation_year))"
    expected = world_rows(plan_years, published, "shipped", SEED)
    assert len(expected) > 1_000
    assert all(world_rows(plan_years, published, scenario, SEED) == expected for scenario in OTHERS)


def test_every_plan_has_a_name_of_its_own(plan_years: Simulation) -> None:
    designs = plan_years.query("select distinct scenario_id, plan_design_id from fct_yearly_events")
    assert len(designs) == len(SCENARIOS)
    assert len({design for _, design in designs}) == len(SCENARIOS)


def test_a_higher_match_lowers_nobodys(plan_years: Simulation) -> None:
    """At the same deferral, which a match does not change; most who defer get more."""
    rows = plan_years.query(
        """
        select
            (usual.deferral_rate, usual.employee_contribution, usual.is_enrolled, usual.paid_compensation)
            = (richer.deferral_rate, richer.employee_contribution, richer.is_enrolled, richer.paid_compensation),
            richer.employer_match - usual.employer_match,
            usual.employee_contribution > 0
        from fct_workforce_snapshot as usual
        inner join fct_workforce_snapshot as richer using (simulation_year, employee_id)
        where usual.scenario_id = 'shipped' and richer.scenario_id = 'richer'
        """
    )
    assert len(rows) > 3_000
    assert all(same for same, _, _ in rows)
    assert min(more for _, more, _ in rows) == 0
    defer = [more for _, more, defers in rows if defers]
    assert len(defer) > 2_000
    assert all(more > 0 for more in defer)
