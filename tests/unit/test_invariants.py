"""The dbt tests of the invariants: silent on a sound year, each loud about the defect it is there for."""

from __future__ import annotations

import pytest

from tests.unit.workforce_world import ALL_TESTS, failing_tests, run_models, run_operations, settled_year

#: A defect in what the operations publish, and a test that must report it once the models are made from it.
OPERATION_DEFECTS = {
    "no workforce events": ("delete from workforce_events", "operations_publish_every_decision"),
    "no compensation changes": ("delete from compensation_changes", "operations_publish_every_decision"),
    "no plan enrolments": ("delete from plan_enrollments", "operations_publish_every_decision"),
    "enrolments lost": (
        "delete from plan_enrollments where opened_by = 'enrollment'",
        "operations_publish_every_decision",
    ),
    "a deferral rate that no event set": (
        "update plan_enrollments set rate_millionths = rate_millionths + 10000 where opened_by = 'opening'",
        "every_change_has_exactly_one_event",
    ),
    "enrolled before eligible": (
        "update plan_enrollments set segment_start = eligibility_date - 1 where opened_by = 'enrollment'",
        "events_follow_the_life_cycle",
    ),
    "a raise lost": (
        "delete from compensation_changes where opened_by = 'cola' and employee_id = 'E0000001'",
        "every_change_has_exactly_one_event",
    ),
    "leavers paid for the full year": (
        """
        update compensation_changes
        set segment_end = date '2025-12-31', days = (date '2025-12-31' - segment_start + 1)::integer
        from workforce_events as events
        where event_type = 'termination' and segment_end = effective_date
            and compensation_changes.world_id = events.world_id
            and compensation_changes.employee_id = events.employee_id
        """,
        "pay_segments_tile_the_days_employed",
    ),
    "a cent too much": (
        "update compensation_changes set paid_cents = paid_cents + 1 where employee_id = 'E0000001'",
        "pay_segments_tile_the_days_employed",
    ),
    "raises after the exit": (
        """
        insert into compensation_changes by name
        select
            * replace (
                9 as segment_number, 'merit_raise' as opened_by, segment_end + 1 as segment_start, 0 as days,
                rate_cents as rate_before_cents, 0 as paid_cents
            )
        from compensation_changes
        where segment_end < date '2025-12-30'
        qualify segment_number = max(segment_number) over (partition by world_id, employee_id)
            and segment_end = max(segment_end) over (partition by world_id, employee_id)
        """,
        "events_follow_the_life_cycle",
    ),
    "exits lost": (
        "delete from workforce_events where event_type = 'termination' and world_id = 1",
        "closing_headcount_is_the_target",
    ),
    "events of another year": (
        "update workforce_events set effective_date = '2026-01-05' where event_type = 'termination'",
        "events_follow_the_life_cycle",
    ),
}

#: A defect in the money of the plan, before the published tables are made.
MONEY_DEFECTS = {
    "deferrals above the limit": (
        """
        update int_employee_contributions set employee_contribution_cents = 3_475_001
        where employee_contribution_cents = (select max(employee_contribution_cents) from int_employee_contributions)
        """,
        "legal_limits_are_never_exceeded",
    ),
    "pay without a limit": (
        "update int_employee_contributions set plan_compensation_cents = counted_pay_cents",
        "legal_limits_are_never_exceeded",
    ),
    "employer money above pay": (
        "update int_employer_contributions set match_cents = match_cents + 10_000_000",
        "legal_limits_are_never_exceeded",
    ),
    "forfeitures of this year's money only": (
        """
        update int_vesting_forfeitures as vesting set cumulative_match_cents = employer.match_cents
        from int_employer_contributions as employer
        where employer.world_id = vesting.world_id and employer.employee_id = vesting.employee_id
        """,
        "plan_money_is_conserved",
    ),
    "deferrals of other segments": (
        "update int_employee_contributions set deferral_elected_cents = deferral_elected_cents + 100",
        "plan_money_is_conserved",
    ),
}

#: A defect in a published table, and the test that must report it.
PUBLISHED_DEFECTS = {
    "promotions lost, by person": (
        "delete from fct_yearly_events where event_type = 'promotion'",
        "snapshot_is_the_opening_plus_the_events",
    ),
    "promotions lost, by level": (
        "delete from fct_yearly_events where event_type = 'promotion'",
        "headcount_is_conserved_by_level",
    ),
    "gaps in the chain of pay": (
        "update fct_yearly_events set compensation_before = 1 where event_type = 'cola'",
        "every_change_has_exactly_one_event",
    ),
    "pay changed without an event": (
        "update fct_workforce_snapshot set annual_compensation = annual_compensation + 1",
        "every_change_has_exactly_one_event",
    ),
    "other hire dates": (
        "update fct_workforce_snapshot set hire_date = hire_date + 1",
        "snapshot_is_the_opening_plus_the_events",
    ),
    "only the active in the snapshot": (
        "delete from fct_workforce_snapshot where employment_status = 'terminated'",
        "plan_cost_is_the_sum_of_its_people",
    ),
    "one hire too many": (
        """
        insert into fct_workforce_snapshot by name
        select * replace ('NH_2025_1_999999' as employee_id)
        from fct_workforce_snapshot
        where detailed_status = 'new_hire_active'
        order by scenario_id, seed, employee_id
        limit 1
        """,
        "closing_headcount_is_the_target",
    ),
    "another payroll": (
        "update fct_workforce_snapshot set paid_compensation = paid_compensation + 1",
        "snapshot_shows_everyones_money",
    ),
    "a bonus that nobody was paid": (
        "update fct_supplemental_pay set bonus = bonus + 1",
        "supplemental_pay_is_the_rest_of_payroll",
    ),
    "growth of other people": (
        "update fct_compensation_growth set headcount = headcount + 1 where level_id is null",
        "growth_is_about_the_people_of_the_snapshot",
    ),
    "another enrolment date": (
        "update fct_workforce_snapshot set enrollment_date = enrollment_date + 1",
        "snapshot_is_the_opening_plus_the_events",
    ),
    "a deferral rate changed without an event": (
        "update fct_workforce_snapshot set deferral_rate = deferral_rate + 0.01",
        "every_change_has_exactly_one_event",
    ),
    "a cent of match that nobody has": (
        "update fct_plan_cost set employer_match = employer_match + 0.01",
        "plan_cost_is_the_sum_of_its_people",
    ),
    "forfeitures lost": (
        "delete from fct_yearly_events where event_type = 'forfeiture'",
        "events_are_what_the_operations_published",
    ),
    "leavers left out of the tests": (
        "update fct_nondiscrimination_tests set nhce_count = nhce_count - 1",
        "tests_are_about_everyone_eligible",
    ),
    "a year older": (
        "update fct_workforce_snapshot set age_at_year_end = age_at_year_end + 1",
        "snapshot_shows_each_person",
    ),
    "exits before the last raise": (
        "update fct_yearly_events set event_sequence = 1000 - event_sequence where event_type <> 'hire'",
        "events_follow_the_life_cycle",
    ),
}


def test_a_sound_year_fails_nothing() -> None:
    connection = settled_year(500)
    run_operations(connection)
    run_models(connection)
    assert connection.execute("select count(*) from fct_yearly_events").fetchone() != (0,)
    assert failing_tests(connection) == set()


@pytest.mark.parametrize("defect", OPERATION_DEFECTS)
def test_a_defect_of_an_operation_is_reported(defect: str) -> None:
    statement, reported_by = OPERATION_DEFECTS[defect]
    connection = settled_year(200)
    run_operations(connection)
    connection.execute(statement)
    run_models(connection)
    assert failing_tests(connection, {reported_by})


@pytest.mark.parametrize("defect", MONEY_DEFECTS)
def test_a_defect_of_the_plans_money_is_reported(defect: str) -> None:
    statement, reported_by = MONEY_DEFECTS[defect]
    connection = settled_year(200)
    run_operations(connection)
    run_models(connection)
    connection.execute(statement)
    assert failing_tests(connection, {reported_by})


@pytest.mark.parametrize("defect", PUBLISHED_DEFECTS)
def test_a_defect_of_a_published_table_is_reported(defect: str) -> None:
    statement, reported_by = PUBLISHED_DEFECTS[defect]
    connection = settled_year(200)
    run_operations(connection)
    run_models(connection)
    connection.execute(statement)
    assert failing_tests(connection, {reported_by})


def test_every_invariant_has_a_defect_that_it_reports() -> None:
    assert {test for _, test in (OPERATION_DEFECTS | MONEY_DEFECTS | PUBLISHED_DEFECTS).values()} == ALL_TESTS
