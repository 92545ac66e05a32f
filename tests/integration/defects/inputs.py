"""Defects of what a year begins with: groups staging_inputs, staging_tables, foundation and hazards."""

from __future__ import annotations

from tests.integration.defects.seeding import LAST_YEAR, NEXT_YEAR, Defects, changed, doubled, dropped, of

_AGE_BAND = ["age_max = age_min", "age_min = -1", "age_max = 1000"]


def _ages() -> dict[str, list[str]]:
    return {"ages are a band": [changed(change) for change in _AGE_BAND]}


def _tenures() -> dict[str, list[str]]:
    return {
        "tenures are a band": [changed(change.replace("age_", "tenure_")) for change in _AGE_BAND],
    }


def _words() -> list[str]:
    names = (
        *("entry_dates", "computation_periods", "auto_scope", "match_basis", "pay_calendar", "forfeiture_use"),
        *("testing_method", "safe_harbor"),
    )
    return [changed(f"{name} = 'other'") for name in names]


_SHARES = (
    "auto_default_rate",
    "active_choice_share",
    "voluntary_cap",
    "later_enrollment",
    "change_up_share",
    "change_down_share",
    "change_step",
    "stop_share",
    "escalation_increment",
    "escalation_cap",
    "escalation_opt_out",
    "student_loan_share",
    "student_loan_rate",
    "prior_nhce_adp",
    "prior_nhce_acp",
)
_COUNTS = (
    "auto_window_days = -1",
    "escalation_month = 13",
    "escalation_delay_months = -1",
    "pay_periods = 0",
    "match_minimum_hours = -1",
    "core_minimum_hours = -1",
    "match_cap_cents = -1",
    "pay_calendar = 'months'",
    "pay_calendar = 'half_months'",
    "partial_termination_millionths = 0",
)
_LIMITS = (
    "elective_deferral",
    "catch_up",
    "annual_additions",
    "compensation",
    "hce_compensation",
    "social_security_wage_base",
)
_PLAN_DATES = [
    changed("eligibility_date = hire_date - 1", "eligibility_date is not null"),
    changed("enrollment_date = eligibility_date - 1", "enrollment_date is not null"),
]
_HOURS = [changed("scheduled_hours_per_week = 0"), changed("scheduled_hours_per_week = 168.01")]
_RATE = [changed("deferral_rate_millionths = 1000001"), changed("deferral_rate_millionths = -1")]
_IN = "deferral_rate_millionths > 0"
_HAZARDS = ("termination", "retirement", "promotion")

STAGING: Defects = {
    "census_reject_limit": [("year_context", changed("census_reject_limit_millionths = 0"))],
    "census_nobody_defers": [("stg_census", "update this set deferral_rate_millionths = 0")],
    **of("stg_census", "identity_key", {
        "has an id": [changed("employee_id = null")],
        "born before hire and service": [
            changed("birth_date = hire_date"), changed("service_date = birth_date - 1"), changed("hire_date = null"),
        ],
        "pay is from 1 to 50 million": [
            changed("annual_compensation_cents = 99"), changed("annual_compensation_cents = 5000000001"),
        ],
        "supplemental pay is from 0 to 30 million": [
            changed("bonus_cents = -1"), changed("overtime_cents = -1"), changed("bonus_cents = 3000000001"),
            changed("overtime_cents = 3000000001"),
        ],
        "hours are in a week": _HOURS,
        "a rate is a share of pay": _RATE,
        "plan dates are in order": _PLAN_DATES,
        "nobody is in without a date": [changed("enrollment_date = null", _IN)],
    }),
    **of("stg_census_rejects", "census_row, column_name, reason", {}),
    **of("stg_worlds", "world_id", {
        "year is whole": [
            changed("days_in_year = days_in_year + 1"), changed("year_start = year_start + 1"),
            changed("year_end = year_end - 1"),
        ],
        "rates are shares": [
            changed("termination_rate_millionths = 1000001"), changed("new_hire_termination_rate_millionths = 1000000"),
        ],
        "growth is at least minus 1": [changed("growth_millionths = -1000001")],
        "selection is known": [changed("selection = 'other'")],
        "level mix is known": [changed("level_mix = 'other'")],
        "part time is a share": [changed("part_time_share_millionths = 1000001")],
        "hours are in a week": [
            changed("part_time_hours = 0"),
            changed("part_time_hours = full_time_hours + 1"),
            changed("full_time_hours = 169"),
        ],
        "promotions are in the year": [changed(f"promotion_date = {LAST_YEAR}"), changed(f"promotion_date = {NEXT_YEAR}")],
        "cola is not negative": [changed("cola_millionths = -1")],
    }),
    **of("stg_job_levels", "scenario_id, level_id", {
        "pay bands have room": [changed("min_pay_cents = max_pay_cents"), changed("min_pay_cents = -1")],
        "census bands have room": [
            changed("census_min_pay_cents = census_max_pay_cents"), changed("census_min_pay_cents = -1"),
        ],
        "raises are a range": [
            changed("merit_rate_millionths = -1"),
            changed("promotion_raise_min_millionths = -1"),
            changed("promotion_raise_max_millionths = promotion_raise_min_millionths - 1"),
        ],
    }),
    **of("stg_legal_limits", "scenario_id", {
        "every limit is there": [
            *(changed(f"{limit}_cents = 0") for limit in _LIMITS), *(changed(f"{limit}_cents = null") for limit in _LIMITS),
        ],
        "catch-up at 60 to 63 began in 2025": [changed("catch_up_60_63_cents = null")],
        "Roth catch-up began in 2026": [changed("roth_catch_up_wages_cents = null")],
    }),
    **of("stg_plan_design", "scenario_id", {
        "entry is within the statutory maximum": [changed("minimum_age = 22"), changed("service_months = 13")],
        "words are known": _words(),
        "shares are from 0 to 1": [
            changed(f"{share}_millionths = {value}") for share in _SHARES for value in (-1, 1_000_001)
        ],
        "counts are possible": [changed(change) for change in _COUNTS],
    }),
    **of("stg_plan_bands", "scenario_id, subject, dimension, band_min, tier_from", {
        "words are known": [changed("subject = 'other'"), changed("dimension = 'other'")],
        "a band has room": [changed("band_max = band_min"), changed("band_min = -1")],
        "a tier has room": [
            changed("tier_up_to = tier_from", "subject = 'match'"), changed("tier_up_to = 0.01", "tier_from > 0.01"),
            changed("tier_up_to = 1", "subject = 'core'"),
        ],
        "values are possible": [
            changed("value = -0.01"),
            changed("value = 1.01", "subject = 'core'"), changed("value = 1.01", "subject like '%vesting'"),
        ],
        "all is vested in the end": [changed("value = 0.999999", "subject like '%vesting' and band_max = 999")],
    }),
    **of("stg_enrollment_behavior", "scenario_id, subject, dimension, band_min", {
        "words are known": [changed("subject = 'match'"), changed("dimension = 'service'")],
        "a band has room": [changed("band_max = band_min"), changed("band_min = -1")],
        "it has no tiers": [changed("tier_from = 0.01"), changed("tier_up_to = 0.01")],
        "values are possible": [changed("value = -0.01"), changed("value = 1.01", "dimension = 'age'")],
    }),
    **of("stg_hazards", "scenario_id, hazard, dimension, tenure_min, band_min", {
        "is a band": [changed("band_max = band_min"), changed("band_min = -1")],
        "service is a band": [changed("tenure_max = tenure_min"), changed("tenure_min = -1")],
        "only termination by age differs by service": [
            changed("tenure_max = 5", "hazard = 'retirement'"), changed("tenure_min = 1", "dimension = 'tenure'"),
        ],
        "is not negative": [changed("value = -0.01", f"hazard = '{hazard}'") for hazard in _HAZARDS],
        "base is a probability": [
            changed("base = 1.01", "hazard = 'termination'"), changed("base = null", "hazard = 'termination'"),
            changed("base = 1.01", "hazard = 'promotion'"), changed("base = -0.01", "hazard = 'promotion'"),
        ],
        "hazard is known": [changed("hazard = 'other'", "hazard = 'promotion'")],
        "axis is known": [
            *(changed("dimension = 'other'", f"hazard = '{hazard}'") for hazard in _HAZARDS),
            changed("dimension = 'level'", "hazard = 'retirement'"),
        ],
    }),
    **of("stg_raise_timing", "scenario_id, month", {
        "the stretch is inside the whole": [
            changed("to_millionths = from_millionths"),
            changed("from_millionths = -1"),
            changed("to_millionths = 1000001"),
        ],
    }),
}  # fmt: skip

FOUNDATION: Defects = {
    "census_pay_outside_bands": [("int_baseline_workforce", changed("level_source = 'nearest_band'"))],
    "opening_is_complete": [("int_opening_workforce", dropped()), ("int_opening_workforce", doubled())],
    "opening_levels_exist": [("int_active_workforce", changed("level_id = 99"))],
    **of("int_baseline_workforce", "scenario_id, identity_key", {
        "level is known": [changed("level_id = null")],
        "level source is known": [changed("level_source = 'other'")],
    }),
    **of("int_opening_workforce", "world_id, identity_key", {
        "born before hire": [changed("birth_date = hire_date")],
        "level is known": [changed("level_id = null")],
        "pay is positive": [changed("annual_compensation_cents = 0")],
        "hours are in a week": _HOURS,
        "a rate is a share of pay": _RATE,
        "plan dates are in order": _PLAN_DATES,
        "nobody is in without a date": [
            changed("enrollment_date = null", _IN),
            changed("eligibility_date = null", _IN),
        ],
        "a date has its reason": [
            changed("eligibility_reason = null", _IN),
            changed("enrollment_source = null", _IN),
            changed("eligibility_reason = 'census'", "eligibility_date is null"),
        ],
        "only participants escalate": [
            changed("escalates = true", "deferral_rate_millionths = 0"), changed("escalation_opted_out = true", "escalates"),
        ],
        "plan facts are known": [
            changed("prior_paid_cents = -1"),
            *(changed(f"{fact} = null") for fact in ("prior_pay_imputed", "plan_excluded", "owner_5pct", "was_owner_5pct")),
        ],
        "what was earned is known": [
            *(changed(f"hours_prior_year_{year} = -1") for year in (1, 2)),
            *(changed(f"cumulative_{source}_cents = -1") for source in ("match", "core")),
            changed("has_opted_out = null"),
        ],
    }),
    **of("int_lookback_leavers", "world_id, identity_key", {
        "left last year": [changed("last_day = last_day + 366"), changed("last_day = last_day - 366")],
        "pay is known": [changed("prior_paid_cents = null"), changed("prior_paid_cents = -1")],
    }),
    **of("int_highly_compensated", "world_id, identity_key", {
        "reason is known": [changed("hce_reason = 'other'")],
    }),
    **of("int_active_workforce", "world_id, identity_key", {
        "age is one of working life": [changed("age_on_january_1 = 13"), changed("age_on_january_1 = 151")],
        "service is not negative": [changed("tenure_years_on_january_1 = -1")],
    }),
}  # fmt: skip

HAZARDS: Defects = {
    **of("int_hazard_termination", "scenario_id, level_id, age_min, tenure_min", {
        **_ages(), **_tenures(),
        "multipliers are not negative": [changed(f"{axis}_multiplier = -0.01") for axis in ("age", "tenure", "level")],
        "rates are not negative": [changed("termination_rate = -0.01"), changed("retirement_rate = -0.01")],
        "exit probability is a probability": [changed("exit_probability = 1.01"), changed("exit_probability = null")],
    }),
    **of("int_hazard_promotion", "scenario_id, level_id, age_min, tenure_min", {
        **_ages(), **_tenures(),
        "multipliers are not negative": [changed(f"{axis}_multiplier = -0.01") for axis in ("age", "tenure", "level")],
        "rate is not negative": [changed("promotion_rate = -0.01")],
        "promotion probability is a probability": [changed("promotion_probability = 1.01")],
    }),
    **of("int_hazard_enrollment", "scenario_id, age_min, pay_min_cents", {
        **_ages(),
        "pay is a band": [changed("pay_max_cents = pay_min_cents"), changed("pay_min_cents = -1")],
        "probabilities are from 0 to 1": [
            changed("opt_out_probability = 1.01"), changed("voluntary_probability = -0.01"),
        ],
        "a rate is a share of pay": [changed("mean_deferral_millionths = 1000001")],
    }),
    **of("int_hire_profile", "scenario_id, age_min", {
        **_ages(),
        "the stretch is inside the whole": [
            changed("to_millionths = from_millionths"), changed("from_millionths = -1"), changed("to_millionths = 1000001"),
        ],
    }),
    **of("dim_hazards", "scenario_id, seed, hazard, level_id, age_min, tenure_min", {
        **_ages(), **_tenures(),
        "yearly probability is a probability": [changed("yearly_probability = 1.01")],
        "retirement has no multipliers": [
            changed(f"{axis}_multiplier = 2", "hazard = 'retirement'") for axis in ("age", "tenure", "level")
        ],
    }),
}  # fmt: skip

DEFECTS: Defects = {**STAGING, **FOUNDATION, **HAZARDS}
