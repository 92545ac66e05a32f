"""An invented year of settled decisions, as group event_generation leaves them, for tests of what follows.

Belongs here: tables of two scenarios with two seeds, and the SQL of what follows run over them. Does not: any
expectation. The decisions are arithmetic on row numbers, not draws: every shape of a year (promoted and gone
on the same day, hired and gone, three raises on one day, exits on 31 December) occurs among a few hundred.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from tests.unit.macro_text import sql
from tests.unit.plan_decisions import settle_plan

OPERATIONS = ("workforce_events", "compensation_changes", "plan_enrollments")
MODELS = (
    "foundation/int_highly_compensated",
    "state_aggregation/fct_supplemental_pay",
    "state_aggregation/int_closing_workforce",
    "state_aggregation/int_elected_deferrals",
    "state_aggregation/int_employee_contributions",
    "state_aggregation/int_match_periods",
    "state_aggregation/int_employer_match",
    "state_aggregation/int_employer_contributions",
    "state_aggregation/int_vesting_forfeitures",
    "final_output/int_tested_members",
    "final_output/fct_yearly_events",
    "final_output/fct_workforce_snapshot",
    "final_output/fct_compensation_growth",
    "final_output/fct_plan_cost",
    "final_output/fct_nondiscrimination_tests",
)
TESTS = (
    "state_aggregation/operations_publish_every_decision",
    "state_aggregation/pay_segments_tile_the_days_employed",
    "state_aggregation/legal_limits_are_never_exceeded",
    "state_aggregation/plan_money_is_conserved",
    "final_output/snapshot_is_the_opening_plus_the_events",
    "final_output/every_change_has_exactly_one_event",
    "final_output/headcount_is_conserved_by_level",
    "final_output/closing_headcount_is_the_target",
    "final_output/events_follow_the_life_cycle",
    "final_output/events_are_what_the_operations_published",
    "final_output/growth_is_about_the_people_of_the_snapshot",
    "final_output/plan_cost_is_the_sum_of_its_people",
    "final_output/snapshot_shows_each_person",
    "final_output/snapshot_shows_everyones_money",
    "final_output/supplemental_pay_is_the_rest_of_payroll",
    "final_output/tests_are_about_everyone_eligible",
)
ALL_TESTS = frozenset(path.split("/")[1] for path in TESTS)


def settled_year(people: int, worlds: int = 4, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Return a connection with everything that the operations read: `people` in the opening of each world."""
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    connection.execute(f"""
        create table year_context as select
            2025::integer as simulation_year, 2025::integer as first_year, true as is_first_year,
            date '2025-01-01' as year_start, date '2025-12-31' as year_end, 365::bigint as days_in_year;
        create table stg_worlds as select
            2025::integer as simulation_year, w::integer as world_id,
            'scenario_' || (w + 1) // 2 as scenario_id,
            (w % 2)::bigint as seed,
            11::ubigint as year_salt, 13::ubigint as trait_salt,
            date '2025-01-01' as year_start, date '2025-12-31' as year_end, 365::bigint as days_in_year,
            true as is_first_year, 'exact' as selection, 14000000::bigint as pay_cap_cents
        from range(1, {worlds} + 1) as r (w);
        create table stg_job_levels as select 2025::integer as simulation_year, scenario_id,
        level_id::integer as level_id
        from (select distinct scenario_id from stg_worlds) cross join range(1, 6) as r (level_id);
        create table prior_fct_compensation_growth as select
            ''::varchar as scenario_id, 0::bigint as seed, 2024::integer as simulation_year,
            1::integer as level_id,
            '' as method, 0::bigint as headcount, 0::decimal(18, 2) as average_compensation,
            0::decimal(18, 2) as total_compensation
        where false;
        create table int_lookback_leavers as select
            2025::integer as simulation_year, 1::integer as world_id, '' as employee_id, 0::ubigint as identity_key,
            null::date as birth_date, null::date as service_date, null::date as last_day,
            0::decimal(5, 2) as scheduled_hours_per_week, 0::bigint as prior_paid_cents
        where false;
        create table int_opening_workforce as select
            2025::integer as simulation_year, world_id, 'E' || lpad(i::varchar, 7, '0') as employee_id,
            md5_number_lower('employee|' || 'E' || lpad(i::varchar, 7, '0')) as identity_key,
            date '1960-01-01' + (i * 37 % 15000)::integer as birth_date,
            date '2010-01-01' + (i * 53 % 5478)::integer as hire_date, hire_date as service_date,
            (1 + i % 5)::integer as level_id,
            (4000000 + i * 7919 % 11000000)::bigint as annual_compensation_cents,
            40::decimal(5, 2) as scheduled_hours_per_week
        from stg_worlds cross join range({people}) as r (i);
        create table stg_census as select distinct
            employee_id, identity_key, (substr(employee_id, 2)::bigint % 3 * 250001)::bigint as bonus_cents,
            (substr(employee_id, 2)::bigint % 2 * 99999)::bigint as overtime_cents
        from int_opening_workforce;
        create table int_baseline_workforce as select distinct
            scenario_id, identity_key, level_id, bonus_cents, overtime_cents
        from int_opening_workforce join stg_worlds using (world_id) join stg_census using (identity_key);
        create table decisions as select
            *, (substr(employee_id, 2)::bigint + world_id) as i, i % 8 = 0 as leaves,
            i % 6 = 0 and level_id < 5 as promoted,
            case when i % 96 = 0 then 90 when i % 80 = 0 then 364 else i * 31 % 365 end as exit_day,
            date '2025-01-01' + exit_day::integer as exit
        from int_opening_workforce;
        create table int_termination_events as select
            simulation_year, world_id, employee_id, identity_key,
            case
                when i % 16 = 0 then 'retirement' when i % 24 = 0 then 'reduction' else 'experienced'
            end as exit_category,
            exit as termination_date, 0.12::decimal(18, 12) as event_probability
        from decisions where leaves;
        create table int_hiring_events as select
            2025::integer as simulation_year, world_id, 'NH_2025_' || (1 + i % 3) || '_' || lpad(i::varchar,
            6, '0') as employee_id,
            md5_number_lower('employee|' || employee_id) as identity_key, (1 + i % 3)::integer as level_id,
            i as slot,
            date '2025-01-01' + (i * 17 % 365)::integer as hire_date,
            date '1990-01-01' + (i % 5000)::integer as birth_date,
            (4500000 + i * 1013 % 3000000)::bigint as annual_compensation_cents, 20::decimal(5,
            2) as scheduled_hours_per_week
        from stg_worlds cross join range({people} // 6) as r (i);
        create table int_new_hire_termination_events as select
            simulation_year, world_id, employee_id, identity_key,
            hire_date + (slot % (date '2025-12-31' - hire_date + 1))::integer as termination_date,
            0.25::decimal(18, 12) as event_probability
        from int_hiring_events where slot % 4 = 0;
        create table int_promotion_events as select
            simulation_year, world_id, employee_id, identity_key, date '2025-04-01' as promotion_date,
            level_id as level_before, level_id + 1 as level_after,
            (50000 + i % 74000)::bigint as raise_millionths,
            0.1::decimal(18, 12) as event_probability
        from decisions where promoted and (not leaves or exit >= date '2025-04-01');
        create table int_raise_events as
        select
            simulation_year, world_id, employee_id, identity_key, 'cola' as raise_type,
            date '2025-01-01' as effective_date,
            3000::bigint as raise_millionths
        from int_opening_workforce
        union all
        select
            simulation_year, world_id, employee_id, identity_key, 'merit_raise',
            make_date(2025, [2, 3, 4, 7, 1][1 + i % 5], 1) as merit_date, 32000
        from decisions where i % 9 <> 0 and (not leaves or merit_date <= exit);
        create table int_workforce_needs as select
            2025::integer as simulation_year, world_id, scenario_id, seed,
            (select count(*) from int_opening_workforce o where o.world_id = w.world_id)
            + (select count(*) from int_hiring_events h where h.world_id = w.world_id)
            - (select count(*) from int_termination_events t where t.world_id = w.world_id)
            - (select count(*) from int_new_hire_termination_events t where t.world_id = w.world_id)
            as target_headcount
        from stg_worlds w;
    """)
    settle_plan(connection)
    return connection


def run_operations(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the operations' tables from their SQL."""
    for name in OPERATIONS:
        connection.execute(f"create or replace table {name} as {sql(f'operations/{name}.sql')}")


def run_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of what follows the operations from their SQL, and who is highly compensated."""
    for path in MODELS:
        connection.execute(f"create or replace table {path.split('/')[1]} as {sql(f'models/{path}.sql')}")


def failing_tests(connection: duckdb.DuckDBPyConnection, names: Collection[str] = ALL_TESTS) -> set[str]:
    """Return which of these singular dbt tests return a row."""
    paths = [path for path in TESTS if path.split("/")[1] in names]
    return {path.split("/")[1] for path in paths if connection.execute(sql(f"tests/{path}.sql")).fetchone() is not None}
