"""Who automatic enrolment reaches, and when, over five years of published events.

A window is so many days from the entry date; whoever is still employed on its last day has by then declined,
chosen a rate, or is enrolled on that day. How many decline is a test of its own (tests/statistical).
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.harness import Simulation, simulation
from tests.integration.companies import lake_files
from tests.integration.plan_years import FIRST, LAST, SEED, plan_years

__all__ = ["plan_years"]

END = date(LAST, 12, 31)
AUTOMATIC = "event_category in ('auto', 'active_choice') and event_type in ('enrollment', 'opt_out')"

Answers = dict[str, tuple[str, date]]


def answers(simulated: Simulation, scenario: str) -> Answers:
    """How each person answered automatic enrolment (declined, chosen, enrolled), and when: once in five years."""
    rows = simulated.query(
        f"""
        select employee_id, event_type || ' ' || event_category, effective_date
        from fct_yearly_events where scenario_id = ? and {AUTOMATIC}
        """,
        [scenario],
    )
    answered = {employee: (answer, day) for employee, answer, day in rows}
    assert len(answered) == len(rows), "somebody was asked twice"
    return answered


def entrants(simulated: Simulation, scenario: str) -> dict[str, tuple[date, date]]:
    """Entry date, and exit or the end of time, of everybody who enters in the simulation."""
    return {
        employee: (entry, leaves or date.max)
        for employee, entry, leaves in simulated.query(
            """
            select employee_id, min(eligibility_date), max(termination_date)
            from fct_workforce_snapshot
            where scenario_id = ? and is_eligible and employee_id in (
                select employee_id from fct_yearly_events
                where scenario_id = ? and event_type = 'eligibility' and event_category <> 'census'
            )
            group by employee_id
            """,
            [scenario, scenario],
        )
    }


@pytest.mark.parametrize("scenario", ["shipped", "nobody", "fewer", "above_cap"])
def test_everybody_who_is_there_when_the_window_ends_has_answered_by_then(plan_years: Simulation, scenario: str) -> None:
    """To the day, over year ends too; nobody else was asked."""
    answered, covered = answers(plan_years, scenario), entrants(plan_years, scenario)
    assert answered.keys() <= covered.keys()
    over_the_year_end = 0
    for employee, (entry, leaves) in covered.items():
        ends = entry + timedelta(days=30)
        answer, day = answered.get(employee, ("none", None))
        if answer == "enrollment active_choice":
            assert day == entry
        elif ends <= min(leaves, END):
            assert answer in ("enrollment auto", "opt_out auto"), employee
            assert day == ends
            over_the_year_end += entry.year < ends.year
        else:
            assert answer == "none", "left, or time ran out, before the window was over"
    assert len(answered) > 700
    assert over_the_year_end > 20


def test_hired_in_december_enrolled_next_january(plan_years: Simulation) -> None:
    """As published: not enrolled on 31 December, contributing from the day in January on."""
    rows = plan_years.query(
        """
        select old.is_enrolled, old.employee_contribution, event.effective_date - old.hire_date, month(event.effective_date),
            event.simulation_year - old.simulation_year, new.is_enrolled, new.employee_contribution > 0
        from fct_workforce_snapshot as old
        inner join fct_yearly_events as event using (scenario_id, employee_id)
        inner join fct_workforce_snapshot as new using (scenario_id, employee_id)
        where
            scenario_id = 'shipped' and month(old.hire_date) = 12 and day(old.hire_date) > 1
            and old.simulation_year = year(old.hire_date) and old.eligibility_date = old.hire_date
            and event.event_type = 'enrollment' and event.event_category = 'auto'
            and new.simulation_year = event.simulation_year and new.employment_status = 'active'
            and not exists (
                from fct_yearly_events as stop
                where stop.scenario_id = 'shipped' and stop.employee_id = old.employee_id
                    and stop.event_category = 'stop' and stop.simulation_year = event.simulation_year
            )
        """
    )
    assert len(rows) > 20
    assert set(rows) == {(False, 0, 30, 1, 1, True, True)}


def test_switched_off_it_asks_and_enrols_nobody(plan_years: Simulation) -> None:
    assert answers(plan_years, "off") == {}
    ((windows,),) = plan_years.query(
        "select count(*) from int_auto_enrollment_window inner join stg_worlds using (world_id, simulation_year) "
        "where scenario_id = 'off'"
    )
    assert windows == 0


def test_when_everybody_declines_nobody_is_enrolled(plan_years: Simulation) -> None:
    assert {answer for answer, _ in answers(plan_years, "nobody").values()} == {"opt_out auto"}


@pytest.mark.parametrize(("more", "fewer"), [("shipped", "fewer"), ("everyone", "fewer_of_everyone"), ("nobody", "shipped")])
def test_a_lower_opt_out_rate_enrols_a_superset(plan_years: Simulation, more: str, fewer: str) -> None:
    """Person by person, on the same day, in the same way and at the same rate."""

    def enrolled(scenario: str) -> set[tuple[object, ...]]:
        return set(
            plan_years.query(
                f"""
                select employee_id, event_category, effective_date, deferral_rate_after
                from fct_yearly_events where scenario_id = ? and event_type = 'enrollment' and {AUTOMATIC}
                """,
                [scenario],
            )
        )

    assert enrolled(more) < enrolled(fewer)


@pytest.mark.parametrize("scenario", ["everyone", "restless"])
def test_who_opted_out_is_not_enrolled_automatically_again(plan_years: Simulation, scenario: str) -> None:
    """Declined, stopped, or opted out on the census date; joining of their own accord they may."""
    opted_out, again = plan_years.query(
        f"""
        with opted_out as (
            select employee_id, min(effective_date) as since
            from fct_yearly_events
            where scenario_id = $scenario and event_type = 'opt_out' and event_category in ('auto', 'stop') group by 1
            union all
            select employee_id, date '{FIRST - 1}-12-31' from int_opening_workforce
            inner join stg_worlds using (world_id, simulation_year)
            where scenario_id = $scenario and simulation_year = {FIRST} and has_opted_out
        )

        select count(distinct opted_out.employee_id), count(event.employee_id) filter ({AUTOMATIC})
        from opted_out
        left join fct_yearly_events as event
            on event.scenario_id = $scenario and event.employee_id = opted_out.employee_id and event.effective_date > since
        """,
        {"scenario": scenario},
    )[0]
    assert opted_out > 100
    assert again == 0
    if scenario == "restless":
        assert plan_years.query(
            "select 1 from fct_yearly_events where scenario_id = 'restless' and event_category = 'later'"
        )


def test_windows_survive_a_resumed_run_and_a_repeated_year(plan_years: Simulation, tmp_path: Path) -> None:
    """Each year opened anew from the files, the second one made twice: the same bytes as in one go, year by year."""
    source = plan_years.project.settings.study_file.parent
    shutil.copy(source / "census.parquet", tmp_path / "census.parquet")
    text = (source / "study.yaml").read_text(encoding="utf-8").replace(str(source), str(tmp_path))
    for year in (FIRST, FIRST + 1, FIRST + 1, FIRST + 2):
        resumed = simulation(tmp_path, text).run([year], tested=False)
    assert lake_files(resumed, years=3) == lake_files(plan_years, years=3)
    ((waiting,),) = resumed.query(
        f"select count(*) from workforce_state where simulation_year = {FIRST} and seed = {SEED} "
        "and scenario_id = 'shipped' and window_end is not null"
    )
    assert waiting > 0
