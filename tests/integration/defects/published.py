"""Defects of the published tables: the record, the snapshot, pay growth, the plan's cost and its tests."""

from __future__ import annotations

from tests.integration.defects.seeding import FIRST_DAY, LAST_DAY, NEXT_YEAR, Defects, changed, doubled, dropped, of

A_CENT_MORE = "annual_compensation = annual_compensation + 0.01"
ALL = "level_id is null and method = 'all'"
WITH = "employee_id in (select employee_id from this where"
LEAVES = f"{WITH} event_type = 'termination' and month(effective_date) < 12)"
FORFEITS = f"{WITH} event_type = 'forfeiture')"
HAS_COLA = f"{WITH} event_type = 'cola')"
ADP = "test = 'ADP' and hce_rate is not null"

COST: Defects = {
    **of("fct_plan_cost", "scenario_id, seed", {
        "headcount_is_conserved": [changed("headcount_closing = headcount_closing + 1"), changed("hires = hires - 1")],
        "participants_are_eligible": [
            changed("participants = eligible + 1"), changed("eligible = headcount_closing + 1"),
        ],
        "potential_is_match_and_losses": [changed("match_potential = match_potential + 0.01")],
        "forfeitures_are_used_or_carried": [
            changed(f"forfeitures_{what} = -0.01") for what in ("arising", "used", "carried")
        ],
        "forfeitures_never_pay_more_than_the_contributions": [
            changed("net_employer_cost = -0.01"), changed("net_employer_cost = employer_match + employer_core + 0.01"),
        ],
        "contributions_are_within_payroll": [
            changed("employee_contributions = payroll + 0.01"),
            changed("catch_up_contributions = employee_contributions + 0.01"),
        ],
        "participation_is_a_share_of_the_eligible": [
            changed("participation_rate = participation_rate - 0.000001"), changed("participation_rate = null"),
        ],
        "cost_is_per_cent_of_payroll": [
            changed("cost_percent_of_payroll = cost_percent_of_payroll + 0.000001"),
            changed("cost_percent_of_payroll = null"),
        ],
    }),
    **of("fct_nondiscrimination_tests", "scenario_id, seed, test", {
        "known_test": [changed("test = 'other'")],
        "known_method": [changed("method = 'individual'", "test = 'ADP'"), changed("method = 'current'", "test = '415'")],
        "passed_by_its_threshold": [
            changed("passed = not passed", ADP), changed("hce_rate = threshold + 0.0001", f"{ADP} and passed"),
        ],
        "threshold_is_the_statutes": [changed("threshold = threshold + 0.000001, passed = true, hce_rate = null", ADP)],
        "additions_are_within_their_limit": [changed("passed = false", "test = '415'")],
        "passed_has_no_excess": [
            changed("excess_amount = 0.01", "test <> '415' and passed"), changed("excess_amount = -0.01"),
        ],
    }),
}  # fmt: skip

RECORD: Defects = {
    "key(fct_compensation_growth: scenario_id, seed, coalesce(level_id, 0), method)": [
        ("fct_compensation_growth", doubled("level_id is null")),
        ("fct_compensation_growth", doubled("level_id = 2")),
    ],
    "holds(fct_compensation_growth): known_method": [("fct_compensation_growth", changed("method = 'others'"))],
    "holds(fct_compensation_growth): average_where_people_are": [
        ("fct_compensation_growth", changed("headcount = 0", "headcount > 0")),
        ("fct_compensation_growth", changed("headcount = -1", "headcount = 0")),
    ],
    "holds(fct_compensation_growth): growth_where_both_averages_are": [
        ("fct_compensation_growth", changed("growth = null", "growth is not null"))
    ],
    "holds(fct_compensation_growth): growth_is_that_of_the_averages": [
        ("fct_compensation_growth", changed("growth = growth + 0.000002", "growth is not null"))
    ],
    "key(fct_workforce_snapshot: scenario_id, seed, employee_id)": [("fct_workforce_snapshot", doubled())],
    "holds(fct_workforce_snapshot): pay_is_positive": [
        ("fct_workforce_snapshot", changed("annual_compensation = 0")),
        ("fct_workforce_snapshot", changed("annual_compensation = null")),
    ],
    "holds(fct_workforce_snapshot): paid_is_not_negative": [
        ("fct_workforce_snapshot", changed("paid_compensation = -0.01"))
    ],
    "holds(fct_workforce_snapshot): status_follows_the_exit": [
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed("termination_date = null", "employment_status = 'terminated'")),
    ],
    "holds(fct_workforce_snapshot): detailed_status_follows_hire_and_exit": [
        ("fct_workforce_snapshot", changed("detailed_status = 'continuous_active'", "year(hire_date) = simulation_year"))
    ],
    "holds(fct_workforce_snapshot): nobody_is_hired_after_the_year": [
        ("fct_workforce_snapshot", changed(f"hire_date = {NEXT_YEAR}", "detailed_status = 'new_hire_active'"))
    ],
    "holds(fct_workforce_snapshot): has_a_level": [("fct_workforce_snapshot", changed("level_id = null"))],
    "holds(fct_workforce_snapshot): enrolled_is_a_rate_above_0": [
        ("fct_workforce_snapshot", changed("is_enrolled = not is_enrolled")),
        ("fct_workforce_snapshot", changed("deferral_rate = 1.01", "is_enrolled")),
    ],
    "holds(fct_workforce_snapshot): only_the_eligible_have_a_plan": [
        ("fct_workforce_snapshot", changed("is_eligible = not is_eligible")),
        ("fct_workforce_snapshot", changed("eligibility_date = null", "is_eligible")),
        *(
            ("fct_workforce_snapshot", changed(f"{money} = 0.01", "not is_eligible"))
            for money in ("plan_compensation", "employee_contribution", "employer_match", "employer_core", "match_potential")
        ),
    ],
    "holds(fct_workforce_snapshot): plan_money_is_in_order": [
        ("fct_workforce_snapshot", changed("plan_compensation = -0.01", "is_eligible")),
        ("fct_workforce_snapshot", changed("employee_contribution = paid_compensation + 0.01", "is_eligible")),
        ("fct_workforce_snapshot", changed("catch_up_contribution = employee_contribution + 0.01")),
        ("fct_workforce_snapshot", changed("roth_catch_up_contribution = catch_up_contribution + 0.01")),
        ("fct_workforce_snapshot", changed("true_up = employer_match + 0.01")),
        ("fct_workforce_snapshot", changed("cumulative_match = employer_match - 0.01", "employer_match > 0")),
        ("fct_workforce_snapshot", changed("cumulative_core = employer_core - 0.01", "employer_core > 0")),
    ],
    "holds(fct_workforce_snapshot): only_leavers_forfeit": [
        ("fct_workforce_snapshot", changed("forfeited_match = 0.01", "termination_date is null and cumulative_match > 1")),
        ("fct_workforce_snapshot", changed("forfeited_match = cumulative_match + 0.01", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed("forfeited_core = -0.01")),
    ],
    "holds(fct_workforce_snapshot): vested_is_a_percentage": [
        ("fct_workforce_snapshot", changed("match_vested_percent = 100.01")),
        ("fct_workforce_snapshot", changed("core_vested_percent = -0.01")),
    ],
    "key(fct_yearly_events: event_id)": [
        ("fct_yearly_events", doubled()),
        ("fct_yearly_events", changed("event_id = (select max(event_id) from this)")),
        ("fct_yearly_events", changed("event_id = null")),
    ],
    "key(fct_yearly_events: scenario_id, seed, employee_id, event_sequence)": [
        ("fct_yearly_events", doubled()),
        ("fct_yearly_events", changed("event_sequence = 1", "event_sequence = 2")),
    ],
    "holds(fct_yearly_events): known_event_type": [("fct_yearly_events", changed("event_type = 'raise'"))],
    "holds(fct_yearly_events): known_event_category": [("fct_yearly_events", changed("event_category = 'other'"))],
    "holds(fct_yearly_events): hire_begins_pay_level_and_deferral": [
        ("fct_yearly_events", changed("compensation_before = 1", "event_type = 'hire'")),
        ("fct_yearly_events", changed("level_before = null", "event_type = 'promotion'")),
        ("fct_yearly_events", changed("deferral_rate_before = 0", "event_type = 'hire'")),
        ("fct_yearly_events", changed("deferral_rate_before = null", "event_type = 'enrollment'")),
    ],
    "holds(fct_yearly_events): exit_ends_pay_level_and_deferral": [
        ("fct_yearly_events", changed("compensation_after = compensation_before", "event_type = 'termination'")),
        ("fct_yearly_events", changed("level_after = null", "event_type = 'cola'")),
        ("fct_yearly_events", changed("deferral_rate_after = deferral_rate_before", "event_type = 'termination'")),
        ("fct_yearly_events", changed("deferral_rate_after = null", "event_type = 'opt_out'")),
    ],
    "holds(fct_yearly_events): only_plan_events_change_the_deferral_rate": [
        ("fct_yearly_events", changed("deferral_rate_after = deferral_rate_after + 0.01", f"event_type = '{kind}'"))
        for kind in ("cola", "merit_raise", "promotion", "eligibility")
    ],
    "holds(fct_yearly_events): only_raises_change_the_pay": [
        ("fct_yearly_events", changed("compensation_after = compensation_after + 0.01", f"event_type = '{kind}'"))
        for kind in ("eligibility", "enrollment", "opt_out", "deferral_change", "deferral_escalation")
    ],
    "holds(fct_yearly_events): has_a_plan_design": [("fct_yearly_events", changed("plan_design_id = null"))],
    "holds(fct_yearly_events): only_a_promotion_changes_the_level": [
        ("fct_yearly_events", changed("level_after = level_after + 1", "event_type = 'merit_raise'")),
        ("fct_yearly_events", changed("level_after = level_before", "event_type = 'promotion'")),
    ],
    "holds(fct_yearly_events): effective_in_the_year": [("fct_yearly_events", changed(f"effective_date = {NEXT_YEAR}"))],
    "holds(fct_yearly_events): uuid_version_5": [("fct_yearly_events", changed("event_id = uuid()"))],
    "closing_headcount_is_the_target": [
        ("fct_workforce_snapshot", dropped("employment_status = 'active'")),
        # a leaver who stays
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("int_workforce_needs", changed("target_headcount = target_headcount + 1", "experienced_exits is not null")),
    ],
    "events_follow_the_life_cycle": [
        # after the exit, before the hire, outside the year, of nobody, two of a kind, an exit that is not the last
        ("fct_yearly_events", changed(f"effective_date = {LAST_DAY}", f"event_type = 'cola' and {LEAVES}")),
        (
            "fct_yearly_events",
            changed(f"effective_date = {FIRST_DAY}", "event_category = 'new_hire' and level_after is null"),
        ),
        ("fct_yearly_events", changed(f"effective_date = {NEXT_YEAR}")),
        ("fct_yearly_events", changed("employee_id = 'NOBODY'")),
        (
            "fct_yearly_events",
            changed("event_type = 'cola', event_category = 'cola'", f"event_type = 'merit_raise' and {HAS_COLA}"),
        ),
        ("fct_yearly_events", changed("event_sequence = 1", "event_type = 'termination' and event_sequence > 1")),
        ("fct_workforce_snapshot", dropped()),
        # a plan event before eligibility, by its day and by its place; one twice
        (
            "fct_yearly_events",
            changed(f"effective_date = {FIRST_DAY}", "event_category = 'auto' and month(effective_date) > 2"),
        ),
        ("fct_yearly_events", changed("event_sequence = 0", "event_category = 'auto' and event_sequence > 2")),
        ("fct_workforce_snapshot", changed("eligibility_date = null", "enrollment_date > make_date(simulation_year, 1, 1)")),
        ("fct_yearly_events", doubled("event_type = 'deferral_escalation'")),
        # the forfeiture before the exit
        ("fct_yearly_events", dropped("event_type = 'termination' and " + FORFEITS)),
    ],
    "every_change_has_exactly_one_event": [
        ("fct_yearly_events", dropped("event_type = 'merit_raise'")),
        ("fct_yearly_events", doubled("event_type = 'promotion'")),
        ("fct_yearly_events", changed("compensation_before = compensation_before + 0.01", "event_type = 'termination'")),
        ("fct_yearly_events", changed("compensation_after = compensation_after - 0.01", "event_type = 'cola'")),
        ("fct_yearly_events", changed("level_before = level_before - 1", "event_type = 'promotion'")),
        ("fct_yearly_events", changed("event_sequence = event_sequence + 1", "event_sequence = 1")),
        ("fct_workforce_snapshot", changed(A_CENT_MORE, "employment_status = 'active'")),
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'active'")),
        ("fct_yearly_events", dropped("event_type = 'deferral_escalation'")),
        ("fct_yearly_events", changed("deferral_rate_after = deferral_rate_after + 0.01", "event_type = 'enrollment'")),
        ("fct_yearly_events", changed("deferral_rate_before = deferral_rate_before + 0.01", "event_type = 'opt_out'")),
        ("fct_yearly_events", changed("compensation_before = compensation_before + 0.01", "event_type = 'eligibility'")),
        ("fct_workforce_snapshot", changed("deferral_rate = deferral_rate + 0.01", "employment_status = 'active'")),
    ],
    "snapshot_is_the_opening_plus_the_events": [
        ("fct_workforce_snapshot", changed("hire_date = hire_date + 1")),
        ("fct_workforce_snapshot", changed("termination_date = termination_date + 1", "termination_date is not null")),
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", changed(A_CENT_MORE, "termination_date is not null")),
        ("fct_workforce_snapshot", changed("employment_status = 'active'", "employment_status = 'terminated'")),
        ("fct_workforce_snapshot", dropped()),
        ("fct_yearly_events", dropped("event_type = 'termination'")),
        ("fct_yearly_events", dropped("event_type = 'hire'")),
        ("fct_yearly_events", dropped("event_type = 'eligibility'")),
        ("fct_yearly_events", dropped("event_type = 'enrollment'")),
        ("fct_yearly_events", changed("event_category = 'later'", "event_category = 'active_choice'")),
        ("fct_workforce_snapshot", changed("deferral_rate = deferral_rate + 0.01")),
        ("fct_workforce_snapshot", changed("eligibility_date = eligibility_date + 1", "eligibility_date is not null")),
        ("fct_workforce_snapshot", changed("enrollment_date = null", "enrollment_date is not null")),
        ("fct_workforce_snapshot", changed("enrollment_source = 'other'", "enrollment_date is not null")),
    ],
    "plan_tests_fail_in_no_future": [("fct_nondiscrimination_tests", changed("passed = false"))],
    "results_are_within_the_usual": [
        ("fct_plan_cost", changed("headcount_opening = 1000, headcount_closing = 1400"), "headcount_growth"),
        ("fct_plan_cost", changed("headcount_opening = 1000, terminations = 700"), "exits_of_the_opening_headcount"),
        ("fct_plan_cost", changed("headcount_opening = 1000, eligible = 900, participation_rate = 0.2"), "participation"),
        (
            "fct_plan_cost",
            changed("headcount_opening = 1000, participants = 900, average_deferral_rate = 0.3"),
            "average_deferral",
        ),
        (
            "fct_plan_cost",
            changed("headcount_opening = 1000, cost_percent_of_payroll = 16"),
            "employer_cost_in_per_cent_of_payroll",
        ),
        ("fct_compensation_growth", "update this set growth = 0.5 where method = 'all'", "growth_of_average_pay"),
    ],
    "headcount_is_conserved_by_level": [
        ("fct_workforce_snapshot", changed("level_id = level_id + 1", "employment_status = 'active'")),
        ("fct_workforce_snapshot", dropped("employment_status = 'active'")),
        ("fct_yearly_events", dropped("event_type = 'promotion'")),
        ("fct_yearly_events", doubled("event_type = 'hire'")),
        ("fct_yearly_events", changed("level_before = level_before + 1", "event_type = 'termination'")),
    ],
}  # fmt: skip

DEFECTS: Defects = {**COST, **RECORD}
