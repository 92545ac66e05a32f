"""Defects that only another calculation of the same thing sees: of people, money, events, growth, cost, tests and hazards.

Every cell of these tables is changed by `mutations.py` too; here is what each of the tests must itself report.
"""

from __future__ import annotations

from tests.integration.defects.seeding import Defects, changed, dropped, every, everywhere

SNAPSHOT, EVENTS, COST = "fct_workforce_snapshot", "fct_yearly_events", "fct_plan_cost"
GROWTH, TESTS, HAZARDS = "fct_compensation_growth", "fct_nondiscrimination_tests", "dim_hazards"


def _more(asset: str, test: str, amounts: str, unit: str, condition: str = "true") -> list[Defects]:
    """A unit more of each of these columns, one at a time."""
    return [every(test, asset, changed(f"{name} = {name} + {unit}", condition)) for name in amounts.split()]


def _all(*parts: Defects) -> Defects:
    """The defects of all parts, test by test."""
    whole: Defects = {}
    for part in parts:
        for test, defects in part.items():
            whole.setdefault(test, []).extend(defects)
    return whole


DEFECTS = _all(
    every(
        "snapshot_shows_each_person",
        SNAPSHOT,
        changed("birth_date = birth_date + 1"),
        changed("age_at_year_end = age_at_year_end + 1"),
        changed("tenure_years_at_year_end = tenure_years_at_year_end + 1"),
        changed("age_band = '65+'", "age_band <> '65+'"),
        changed("tenure_band = '20+'", "tenure_band <> '20+'"),
        changed("is_hce = false", "is_hce"),
        changed("is_hce = true", "not is_hce"),
        changed("limit_reached = not limit_reached", "is_enrolled"),
        changed("simulation_year = simulation_year - 1"),
    ),
    every("snapshot_shows_each_person", "int_lookback_leavers", everywhere("prior_paid_cents = 5000000000")),
    every("snapshot_shows_each_person", "workforce_events", changed("birth_date = birth_date - 366", "event_type = 'hire'")),
    *_more(
        SNAPSHOT,
        "snapshot_shows_everyones_money",
        "paid_compensation plan_compensation employee_contribution catch_up_contribution roth_catch_up_contribution"
        " employer_match true_up employer_core cumulative_match cumulative_core forfeited_match forfeited_core"
        " match_potential match_vested_percent core_vested_percent",
        "0.01",
        "is_enrolled and match_vested_percent < 100 and core_vested_percent < 100",
    ),
    every(
        "supplemental_pay_is_the_rest_of_payroll",
        "fct_supplemental_pay",
        changed("bonus = bonus + 0.01"),
        changed("overtime = overtime - 0.01"),
        dropped(),
        changed("employee_id = 'nobody'"),
    ),
    every("supplemental_pay_is_the_rest_of_payroll", SNAPSHOT, changed("paid_compensation = paid_compensation + 0.01")),
    every("snapshot_shows_everyones_money", "int_employee_contributions", changed("catch_up_cents = catch_up_cents + 1")),
    every("snapshot_shows_everyones_money", "int_employer_contributions", changed("core_cents = core_cents + 1")),
    every("snapshot_shows_everyones_money", "int_vesting_forfeitures", changed("forfeited_core_cents = -1")),
    every(
        "events_are_what_the_operations_published",
        EVENTS,
        dropped("event_type = 'cola'"),
        dropped("event_type = 'forfeiture'"),
        changed("event_id = uuid()"),
        changed("effective_date = effective_date + 1", "event_type = 'promotion'"),
        changed("event_category = 'census'", "event_type = 'eligibility'"),
        changed("event_probability = 0.5", "event_type = 'cola'"),
        changed("event_probability = null", "event_type = 'termination' and event_probability is not null"),
        changed("event_details = '{}'", "event_type = 'hire'"),
        changed("event_details = '{}'", "event_type = 'forfeiture'"),
        changed("plan_design_id = 'another'"),
        changed("simulation_year = simulation_year + 1"),
    ),
    *(
        every("events_are_what_the_operations_published", operation, changed("event_id = uuid()", "event_id is not null"))
        for operation in ("workforce_events", "compensation_changes", "plan_enrollments")
    ),
    *_more(GROWTH, "growth_is_about_the_people_of_the_snapshot", "headcount simulation_year", "1", "level_id = 1"),
    *_more(
        GROWTH,
        "growth_is_about_the_people_of_the_snapshot",
        "total_compensation average_compensation previous_average_compensation",
        "0.01",
        "method = 'continuous' and level_id = 1",
    ),
    every(
        "growth_is_about_the_people_of_the_snapshot",
        GROWTH,
        dropped("headcount = 0"),
        changed("level_id = 99", "level_id = 1"),
        changed("previous_average_compensation = 1", "method = 'new_hires' and previous_average_compensation is null"),
        changed(
            "previous_average_compensation = null", "method = 'new_hires' and previous_average_compensation is not null"
        ),
    ),
    every("growth_is_about_the_people_of_the_snapshot", SNAPSHOT, dropped("employment_status = 'active'")),
    *_more(
        COST,
        "plan_cost_is_the_sum_of_its_people",
        "simulation_year headcount_opening headcount_closing hires terminations promotions eligible participants",
        "1",
    ),
    *_more(
        COST,
        "plan_cost_is_the_sum_of_its_people",
        "payroll employee_contributions catch_up_contributions employer_match true_up employer_core match_potential"
        " match_lost_not_enrolled match_lost_low_deferral match_lost_conditions match_lost_limits forfeitures_arising"
        " forfeitures_used forfeitures_carried net_employer_cost",
        "0.01",
    ),
    every(
        "plan_cost_is_the_sum_of_its_people",
        COST,
        dropped(),
        changed("average_deferral_rate = average_deferral_rate + 0.000001"),
        # what was used is said to be carried on
        changed("forfeitures_used = forfeitures_used - 0.01, forfeitures_carried = forfeitures_carried + 0.01"),
    ),
    every("plan_cost_is_the_sum_of_its_people", SNAPSHOT, changed("paid_compensation = paid_compensation + 0.01")),
    every("plan_cost_is_the_sum_of_its_people", EVENTS, dropped("event_type = 'promotion'")),
    *_more(TESTS, "tests_are_about_everyone_eligible", "hce_count nhce_count simulation_year", "1"),
    *_more(TESTS, "tests_are_about_everyone_eligible", "hce_rate nhce_rate nhce_rate_this_year", "0.0001", "test = 'ADP'"),
    every(
        "tests_are_about_everyone_eligible",
        TESTS,
        dropped("test = '415'"),
        dropped("test = 'ACP'"),
        changed("method = 'prior'", "test = 'ADP'"),
        changed("threshold = null", "threshold is not null"),
        changed("excess_amount = excess_amount + 0.01", "test = '415'"),
        changed("excess_amount = excess_amount + 0.01", "test = 'ADP'"),
    ),
    every("tests_are_about_everyone_eligible", SNAPSHOT, changed("is_hce = not is_hce", "is_enrolled")),
    every(
        "hazards_in_force_are_the_studys",
        HAZARDS,
        *(dropped(f"hazard = '{hazard}'") for hazard in ("termination", "retirement", "promotion")),
        *(changed(f"{of}_multiplier = 9", "hazard = 'promotion'") for of in ("age", "tenure", "level")),
        *(
            changed("base = base / 2", f"hazard = '{hazard}' and base > 0")
            for hazard in ("termination", "retirement", "promotion")
        ),
        changed("age_max = age_max + 1"),
        changed("tenure_max = tenure_max + 1"),
        changed("tenure_min = tenure_min + 1", "hazard = 'retirement'"),
        changed("simulation_year = simulation_year + 1"),
    ),
    every(
        "holds(dim_hazards): yearly probability follows from base and multipliers",
        HAZARDS,
        *(
            changed("yearly_probability = yearly_probability + 1e-12::decimal(18, 12)", f"hazard = '{hazard}'")
            for hazard in ("termination", "retirement", "promotion")
        ),
    ),
)
