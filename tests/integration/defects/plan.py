"""Defects of the plan before publication: who is in, at what rate, what both sides put in and what is forfeited."""

from __future__ import annotations

from tests.integration.defects.seeding import (
    FIRST_DAY,
    LAST_DAY,
    LAST_YEAR,
    NEXT_YEAR,
    TOO_MUCH,
    Defects,
    added,
    changed,
    doubled,
    dropped,
    every,
    everywhere,
    of,
)

_ENROLLED = "event_type = 'enrollment'"
_IN = "deferral_rate_millionths > 0"
_AFTER_JOINING = "opened_by = 'enrollment' and rate_millionths > 0"
_STOPS = "opened_by = 'opt_out' and event_category = 'stop'"

EVENTS: Defects = {
    **of("int_plan_eligibility", "world_id, employee_id", {
        "the reason is known": [changed("eligibility_reason = 'other'"), changed("eligibility_reason = null")],
        "what is new is of this year": [changed(f"eligibility_date = {LAST_YEAR}", "is_new")],
        "what is not new is of before": [changed(f"eligibility_date = {LAST_DAY}", "not is_new")],
        "entry follows the conditions": [changed("conditions_met_on = eligibility_date + 1", "is_new")],
    }),
    **of("int_auto_enrollment_window", "world_id, employee_id", {
        "the window is a stretch of days": [changed("window_end = window_start - 1")],
        "the window is open this year": [
            changed(f"window_start = {LAST_YEAR}, window_end = {LAST_YEAR}"),
            changed(f"window_start = {NEXT_YEAR}, window_end = {NEXT_YEAR}"),
        ],
        "the flag tells the end": [changed("ends_this_year = not ends_this_year")],
    }),
    **of("int_enrollment_decisions", "world_id, employee_id", {
        "the decision is known": [changed("decision = 'other'")],
        "a decision has its day in the year": [
            changed("decision_date = null", "decision <> 'none'"),
            changed(f"decision_date = {FIRST_DAY}", "decision = 'none'"),
            changed(f"decision_date = {NEXT_YEAR}", "decision = 'auto'"),
        ],
        "who joins has a rate": [
            changed("deferral_rate_millionths = 0", "decision = 'auto'"),
            changed("deferral_rate_millionths = 40000", "decision = 'opt_out'"),
        ],
        "a rate is a share of pay": [changed("deferral_rate_millionths = 1000001", "decision = 'auto'")],
        "a probability": [
            changed("probability = null", "decision = 'auto'"),
            changed("probability = 0", "decision = 'auto'"),
            changed("probability = 1", "decision = 'none'"),
        ],
    }),
    **of("int_enrollment_events", "world_id, employee_id", {
        "the event is known": [changed("event_type = 'eligibility'"), changed("event_category = 'census'")],
        "only automatic enrolment is declined": [changed("event_category = 'later'", "event_type = 'opt_out'")],
        "the event is in the year": [changed(f"effective_date = {NEXT_YEAR}")],
        "who joins has a rate": [changed("deferral_rate_millionths = 0", _ENROLLED)],
    }),
    **of("int_deferral_changes", "world_id, employee_id, event_category = 'stop'", {
        "the event is known": [
            changed("event_category = 'other'"), changed("event_type = 'deferral_change'", "event_category = 'stop'"),
        ],
        "the event is in the year": [changed(f"effective_date = {NEXT_YEAR}")],
        "a change steps and nothing else does": [
            changed("step_millionths = null, cap_millionths = null", "event_type <> 'opt_out'"),
            changed("step_millionths = 10000, cap_millionths = 10000", "event_type = 'opt_out'"),
            changed("cap_millionths = null", "event_type <> 'opt_out'"),
        ],
        "only lowering lowers": [
            changed("step_millionths = -step_millionths", "event_category = 'raise'"),
            changed("step_millionths = -step_millionths", "event_category = 'lower'"),
            changed("step_millionths = 0", "event_category = 'escalation' and step_millionths > 0"),
        ],
        "a probability": [changed("event_probability = 1.000000000001"), changed("event_probability = null")],
    }),
    "automatic_enrolment_keeps_its_word": [
        # off, declined before, no window, a day that is not its own, and somebody whom it forgot
        ("stg_plan_design", everywhere("auto_enabled = false")),
        ("int_opening_workforce", everywhere("has_opted_out = true")),
        ("int_auto_enrollment_window", "delete from this"),
        ("int_auto_enrollment_window", everywhere("window_end = window_end + 1")),
        ("int_enrollment_events", changed("effective_date = effective_date + 1", "event_category = 'auto'")),
        ("int_enrollment_events", changed("effective_date = effective_date + 1", "event_category = 'active_choice'")),
        ("int_enrollment_events", dropped(f"{_ENROLLED} and event_category = 'auto'")),
        ("int_enrollment_events", dropped("event_type = 'opt_out'")),
    ],
    "plan_events_follow_the_life_cycle": [
        ("int_enrollment_events", changed("identity_key = 1"), "nobody of the year"),
        ("int_plan_eligibility", changed("eligibility_date = eligibility_date - 40000"), "before the hire"),
        ("int_enrollment_events", changed("effective_date = date '1950-01-01'"), "before the hire"),
        ("int_plan_eligibility", changed(f"eligibility_date = {NEXT_YEAR}", "is_new"), "after the exit"),
        ("int_deferral_changes", changed(f"effective_date = {NEXT_YEAR}"), "after the exit"),
        ("int_termination_events", everywhere(f"termination_date = {FIRST_DAY}"), "after the exit"),
        ("int_deferral_changes", changed(f"effective_date = {LAST_YEAR}"), "before the year"),
        ("int_plan_eligibility", "delete from this", "not eligible"),
        (
            "int_enrollment_events",
            changed("effective_date = effective_date - 1", "event_category = 'active_choice' and month(effective_date) > 2"),
            "before eligibility",
        ),
        ("int_opening_workforce", everywhere("deferral_rate_millionths = 10000"), "in already"),
        ("int_opening_workforce", everywhere("deferral_rate_millionths = 0"), "not in"),
        ("int_opening_workforce", everywhere(f"enrollment_date = {LAST_DAY}"), "not after enrolment"),
        (
            "int_deferral_changes",
            added("'opt_out' as event_type, 'stop' as event_category", "event_type = 'deferral_change'"),
            "after the stop",
        ),
    ],
}  # fmt: skip

MONEY: Defects = {
    "deferral_segments_tile_the_eligible_days": [
        # overlap, gap, a day lost or too many, nobody's, twice, out of order
        ("plan_enrollments", changed("segment_end = segment_end + 1, days = days + 1", "segment_number = 1")),
        ("plan_enrollments", changed("segment_start = segment_start + 1, days = days - 1", _AFTER_JOINING)),
        ("plan_enrollments", changed("days = days + 1")),
        ("plan_enrollments", dropped("opened_by = 'opening'")),
        ("plan_enrollments", dropped("opened_by = 'eligibility'")),
        ("plan_enrollments", doubled()),
        ("plan_enrollments", changed("segment_number = segment_number + 1", "opened_by = 'enrollment'")),
        ("int_plan_eligibility", dropped()),
        ("int_closing_workforce", changed("termination_date = null", "termination_date is not null")),
        # rates that nobody decided
        ("plan_enrollments", changed("rate_millionths = rate_millionths + 10000", "opened_by = 'opening'")),
        ("plan_enrollments", changed("rate_before_millionths = 10000", "opened_by = 'opening'")),
        ("plan_enrollments", changed("rate_millionths = 10000", "opened_by = 'eligibility'")),
        ("plan_enrollments", changed("rate_millionths = rate_millionths + 10000", _AFTER_JOINING)),
        ("plan_enrollments", changed("rate_millionths = rate_millionths + 1", "opened_by = 'deferral_escalation'")),
        ("plan_enrollments", changed("rate_millionths = rate_before_millionths", "opened_by = 'deferral_escalation'")),
        ("plan_enrollments", changed("rate_millionths = rate_millionths + 10000", "event_category = 'raise'")),
        ("plan_enrollments", changed("rate_millionths = rate_millionths + 10000", "event_category = 'lower'")),
        ("plan_enrollments", changed("rate_millionths = 10000", _STOPS)),
        ("plan_enrollments", changed("rate_millionths = 10000", "opened_by = 'opt_out' and event_category = 'auto'")),
        ("plan_enrollments", changed("rate_before_millionths = rate_before_millionths + 10000", _STOPS)),
        # what the person did, forgotten
        ("plan_enrollments", changed("has_opted_out = false", _STOPS)),
        ("plan_enrollments", changed("escalates = true", _STOPS)),
        ("plan_enrollments", changed(f"window_end = {LAST_DAY}", "opened_by = 'opt_out' and event_category = 'auto'")),
        (
            "plan_enrollments",
            changed("escalation_opted_out = false", "opened_by = 'opt_out' and event_category = 'escalation'"),
        ),
        ("plan_enrollments", changed("enrollment_date = null", _AFTER_JOINING)),
        ("plan_enrollments", changed("event_id = null", "opened_by <> 'opening'")),
        # decided for another day
        ("int_enrollment_events", changed("effective_date = effective_date + 1", _ENROLLED)),
        ("int_deferral_changes", changed("effective_date = effective_date + 1")),
    ],
    "legal_limits_are_never_exceeded": [
        ("int_employee_contributions", changed(f"employee_contribution_cents = {TOO_MUCH}, catch_up_cents = {TOO_MUCH}")),
        ("int_employee_contributions", changed("catch_up_cents = 0", "employee_contribution_cents > 2450000")),
        ("int_employee_contributions", changed("plan_compensation_cents = 36000001")),
        ("int_employee_contributions", changed("plan_compensation_cents = 36000000", "plan_compensation_cents < 20000000")),
        ("int_employer_contributions", changed("match_cents = 7200001")),
        ("int_employer_contributions", changed("core_cents = 7200001")),
        ("int_closing_workforce", everywhere("paid_cents = 1")),
        ("int_closing_workforce", changed("paid_cents = null")),
        ("stg_legal_limits", everywhere("elective_deferral_cents = 1")),
        ("stg_legal_limits", everywhere("catch_up_cents = 1")),
        ("stg_legal_limits", everywhere("catch_up_60_63_cents = 1")),
        ("stg_legal_limits", everywhere("annual_additions_cents = 1")),
        # nobody is 50, and nobody may put in the Roth catch-up that the best paid must
        ("int_closing_workforce", everywhere("birth_date = date '1990-01-01'")),
        ("stg_plan_design", everywhere("roth_available = false")),
    ],
    "no_plan_is_partly_terminated": [("int_closing_workforce", everywhere("termination_category = 'reduction'"))],
    "plan_money_is_conserved": [
        ("int_vesting_forfeitures", changed("cumulative_match_cents = cumulative_match_cents + 1")),
        ("int_vesting_forfeitures", changed("cumulative_core_cents = cumulative_core_cents - 1")),
        ("int_vesting_forfeitures", dropped()),
        ("int_opening_workforce", changed("cumulative_core_cents = cumulative_core_cents + 1")),
        ("int_employer_contributions", changed("match_cents = match_cents + 1")),
        ("int_employer_contributions", dropped()),
        ("int_employee_contributions", dropped()),
        ("int_employee_contributions", changed("deferral_elected_cents = deferral_elected_cents + 100")),
        ("plan_enrollments", everywhere("rate_millionths = rate_millionths + 10000", "opened_by = 'enrollment'")),
        ("compensation_changes", everywhere("rate_cents = rate_cents + 10000")),
        ("fct_supplemental_pay", everywhere("counted_cents = counted_cents + 100000")),
    ],
    **of("fct_supplemental_pay", "world_id, employee_id", {
        "nothing is negative": [
            changed(f"{name} = -1") for name in ("bonus", "overtime", "counted_cents", "uncounted_paid_cents")
        ],
        "what does not count is a part": [changed("uncounted_paid_cents = cast((bonus + overtime) * 100 + 1 as bigint)")],
    }),
    # The operation that publishes what group plan_events decided; the others are among the defects of the workforce.
    **every(
        "operations_publish_every_decision",
        "plan_enrollments",
        dropped("opened_by = 'eligibility'"),
        dropped("opened_by = 'enrollment'"),
        dropped("opened_by = 'opt_out'"),
        dropped("opened_by = 'deferral_change'"),
        doubled("opened_by = 'deferral_escalation'"),
        changed("rate_millionths = rate_millionths + 10000", "opened_by = 'enrollment'"),
        changed("segment_start = segment_start + 1", "opened_by = 'enrollment'"),
        changed("event_category = 'later'", "opened_by = 'enrollment' and event_category = 'auto'"),
        changed("event_category = 'age'", "opened_by = 'eligibility'"),
    ),
    **of("int_elected_deferrals", "world_id, employee_id", {
        "elected_is_within_pay": [
            changed("deferral_elected_cents = eligible_pay_cents + 1"), changed("deferral_elected_cents = -1"),
        ],
        "undeferred_pay_is_a_part": [
            changed("undeferred_pay_cents = eligible_pay_cents + 1"), changed("undeferred_pay_cents = -1"),
        ],
        "pay_since_entry_is_a_part": [changed("calendar_pay_cents = eligible_pay_cents - 1")],
        "has_a_date_and_a_reason": [changed("eligibility_date = null"), changed("eligibility_reason = null")],
    }),
    **of("int_tested_members", "world_id, employee_id", {
        "both_ratios_or_none": [changed("adp_ratio = null"), changed("acp_ratio = null")],
        "ratios_are_not_negative": [changed("adp_ratio = -1"), changed("acp_ratio = -1")],
        "excess_is_not_negative": [changed("excess_415_cents = -1")],
    }),
    **of("int_employee_contributions", "world_id, employee_id", {
        "contributions_are_within_what_was_elected": [
            changed("employee_contribution_cents = deferral_elected_cents + 1"), changed("employee_contribution_cents = -1"),
        ],
        "elected_is_within_pay": [changed("deferral_elected_cents = eligible_pay_cents + 1")],
        "catch_up_is_a_part": [
            changed("catch_up_cents = -1"), changed("catch_up_cents = employee_contribution_cents + 1"),
        ],
        "roth_catch_up_is_all_or_nothing": [changed("roth_catch_up_cents = catch_up_cents + 1")],
        "plan_pay_is_within_counted_pay": [changed("plan_compensation_cents = counted_pay_cents + 1")],
        "undeferred_pay_is_a_part": [changed("undeferred_pay_cents = eligible_pay_cents + 1")],
        "has_a_date_and_a_reason": [changed("eligibility_date = null"), changed("eligibility_reason = null")],
    }),
    **of("int_match_periods", "world_id, employee_id, period", {
        "a_period_has_a_number": [changed("period = -1")],
        "money_of_a_period_is_not_negative": [changed(f"{money}_cents = -1") for money in ("pay", "elected", "matched")],
        "matched_is_a_part_of_elected": [changed("matched_cents = elected_cents + 1")],
    }),
    **of("int_employer_match", "world_id, employee_id", {
        "match_is_not_negative": [changed("match_earned_cents = -1"), changed("match_by_period_cents = -1")],
        "losses_of_the_match_are_not_negative": [
            changed(f"lost_{loss}_cents = -1") for loss in ("not_enrolled", "low_deferral", "limits")
        ],
        "potential_is_earned_and_losses": [changed("match_potential_cents = match_potential_cents + 1")],
    }),
    **of("int_employer_contributions", "world_id, employee_id", {
        "money_is_not_negative": [changed(f"{money}_cents = -1") for money in ("match", "core", "excess_415")],
        "true_up_is_a_part_of_the_match": [changed("true_up_cents = match_cents + 1"), changed("true_up_cents = -1")],
        "losses_are_not_negative": [
            changed(f"lost_{loss}_cents = -1") for loss in ("not_enrolled", "low_deferral", "conditions", "limits")
        ],
        "potential_is_match_and_losses": [changed("match_potential_cents = match_potential_cents + 1")],
    }),
    **of("int_vesting_forfeitures", "world_id, employee_id", {
        "vested_share_is_known": [changed("match_vested_millionths = 1000001"), changed("core_vested_millionths = null")],
        "money_is_not_negative": [changed("cumulative_match_cents = -1"), changed("cumulative_core_cents = -1")],
        "forfeited_is_a_part": [
            changed("forfeited_match_cents = cumulative_match_cents + 1"), changed("forfeited_core_cents = -1"),
        ],
        "all_vested_forfeits_nothing": [
            changed(
                f"forfeited_{source}_cents = 1", f"{source}_vested_millionths = 1000000 and cumulative_{source}_cents > 0"
            )
            for source in ("match", "core")
        ],
        "a_forfeiture_has_its_date": [
            changed("forfeiture_date = null", "forfeiture_date is not null"),
            changed(f"forfeiture_date = {LAST_DAY}", "forfeiture_date is null"),
        ],
    }),
}  # fmt: skip

DEFECTS: Defects = {**EVENTS, **MONEY}
