"""The columns of the source tables of the dbt models, with their DuckDB types.

Here: names and types, the same as in dbt_project/models/sources.yml (a test compares them). Not here: the rows
(`tables.py`, `plan_tables.py`).
"""

from __future__ import annotations

Columns = tuple[tuple[str, str], ...]
Values = tuple[object, ...]


def _columns(*lines: str) -> Columns:
    """Columns from lines of `name TYPE`."""
    pairs = [line.split(" ", 1) for line in lines]
    return tuple((name, kind) for name, kind in pairs)


def _of_a_scenario(*lines: str) -> Columns:
    return _columns("simulation_year INTEGER", "scenario_id VARCHAR", *lines)


SCHEMAS: dict[str, Columns] = {
    "year_context": _columns(
        "simulation_year INTEGER",
        "first_year INTEGER",
        "is_first_year BOOLEAN",
        "year_start DATE",
        "year_end DATE",
        "days_in_year BIGINT",
        "census_date DATE",
        "census_reject_limit_millionths BIGINT",
    ),
    "study_worlds": _columns("simulation_year INTEGER", "world_id INTEGER", "scenario_id VARCHAR", "seed BIGINT"),
    "scenario_parameters": _of_a_scenario(
        "growth_millionths BIGINT",
        "termination_rate_millionths BIGINT",
        "new_hire_termination_rate_millionths BIGINT",
        "selection VARCHAR",
        "termination_base DECIMAL(9,6)",
        "promotion_base DECIMAL(9,6)",
        "cola_millionths BIGINT",
        "merit_service_months INTEGER",
        "promotion_month INTEGER",
        "promotion_day INTEGER",
        "promotion_raise_cap_millionths BIGINT",
        "pay_cap_cents BIGINT",
        "level_mix VARCHAR",
        "part_time_share_millionths BIGINT",
        "part_time_hours DECIMAL(5,2)",
        "full_time_hours DECIMAL(5,2)",
    ),
    "scenario_levels": _of_a_scenario(
        "level_id INTEGER",
        "level_name VARCHAR",
        "min_pay_cents BIGINT",
        "max_pay_cents BIGINT",
        "census_min_pay_cents BIGINT",
        "census_max_pay_cents BIGINT",
        "merit_rate_millionths BIGINT",
        "promotion_raise_min_millionths BIGINT",
        "promotion_raise_max_millionths BIGINT",
        "hire_percentile_millionths BIGINT",
        "hire_percentile_spread_millionths BIGINT",
        "mix_weight_millionths BIGINT",
    ),
    "scenario_hazards": _of_a_scenario(
        "hazard VARCHAR",
        "dimension VARCHAR",
        "band_min INTEGER",
        "band_max INTEGER",
        "value DECIMAL(9,6)",
    ),
    "scenario_merit_months": _of_a_scenario("month INTEGER", "weight_millionths BIGINT"),
    "scenario_hire_ages": _of_a_scenario("age_min INTEGER", "age_max INTEGER", "weight_millionths BIGINT"),
    "plan_parameters": _of_a_scenario(
        "plan_design_id VARCHAR",
        "adopted DATE",
        "roth_available BOOLEAN",
        "pay_before_entry BOOLEAN",
        "safe_harbor VARCHAR",
        "minimum_age INTEGER",
        "service_months INTEGER",
        "entry_dates VARCHAR",
        "hours_rule BOOLEAN",
        "long_term_part_time BOOLEAN",
        "auto_enabled BOOLEAN",
        "auto_scope VARCHAR",
        "auto_hire_cutoff DATE",
        "auto_window_days INTEGER",
        "auto_default_rate_millionths BIGINT",
        "active_choice_share_millionths BIGINT",
        "voluntary_cap_millionths BIGINT",
        "later_enrollment_millionths BIGINT",
        "change_up_share_millionths BIGINT",
        "change_down_share_millionths BIGINT",
        "change_step_millionths BIGINT",
        "stop_share_millionths BIGINT",
        "escalation_enabled BOOLEAN",
        "escalation_increment_millionths BIGINT",
        "escalation_cap_millionths BIGINT",
        "escalation_month INTEGER",
        "escalation_delay_months INTEGER",
        "escalation_opt_out_millionths BIGINT",
        "match_basis VARCHAR",
        "pay_periods INTEGER",
        "match_cap_cents BIGINT",
        "match_employed_at_year_end BOOLEAN",
        "match_minimum_hours INTEGER",
        "student_loan_matched BOOLEAN",
        "student_loan_share_millionths BIGINT",
        "student_loan_rate_millionths BIGINT",
        "core_employed_at_year_end BOOLEAN",
        "core_minimum_hours INTEGER",
        "normal_retirement_age INTEGER",
        "forfeiture_use VARCHAR",
        "testing_method VARCHAR",
        "top_paid_group BOOLEAN",
        "prior_nhce_adp_millionths BIGINT",
        "prior_nhce_acp_millionths BIGINT",
    ),
    "plan_behavior": _of_a_scenario(
        "behavior VARCHAR",
        "dimension VARCHAR",
        "band_min BIGINT",
        "band_max BIGINT",
        "value DECIMAL(9,6)",
    ),
    "plan_deferral_spread": _of_a_scenario(
        "position INTEGER",
        "factor DECIMAL(9,6)",
        "from_millionths BIGINT",
        "to_millionths BIGINT",
    ),
    "plan_tiers": _of_a_scenario(
        "source VARCHAR",
        "service_min INTEGER",
        "service_max INTEGER",
        "tier INTEGER",
        "from_millionths BIGINT",
        "up_to_millionths BIGINT",
        "rate_millionths BIGINT",
        "excess_rate_millionths BIGINT",
    ),
    "plan_vesting": _of_a_scenario("source VARCHAR", "years INTEGER", "vested_millionths BIGINT"),
    "plan_legal_limits": _of_a_scenario(
        "limit_name VARCHAR",
        "measured_year INTEGER",
        "applies_year INTEGER",
        "value_cents BIGINT",
        "status VARCHAR",
        "citation VARCHAR",
    ),
}
