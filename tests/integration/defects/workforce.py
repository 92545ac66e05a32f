"""Defects of the workforce before publication: who leaves, comes and rises, the closing, and what everybody is paid."""

from __future__ import annotations

from tests.integration.defects.seeding import FIRST_DAY, NEXT_YEAR, Defects, changed, doubled, dropped

EVENTS: Defects = {
    "key(int_workforce_needs: world_id)": [("int_workforce_needs", doubled())],
    "holds(int_workforce_needs): everybody is in one hazard cell": [("int_workforce_needs", changed("exit_scale = null"))],
    "holds(int_workforce_needs): less than one exit is left over": [
        ("int_workforce_needs", changed("cumulative_experienced_exits = cumulative_experienced_exits - 1")),
        ("int_workforce_needs", changed("cumulative_expected_exits = cumulative_expected_exits - 1")),
    ],
    "holds(int_workforce_needs): no more exits than people": [
        ("int_workforce_needs", changed("experienced_exits = opening_headcount + 1", "experienced_exits is not null"))
    ],
    "holds(int_workforce_needs): the year closes at the target": [
        ("int_workforce_needs", changed("planned_hires = planned_hires + 1", "planned_hires is not null")),
        ("int_workforce_needs", changed("target_headcount = target_headcount - 1", "planned_hires is not null")),
    ],
    "key(int_termination_events: world_id, employee_id)": [("int_termination_events", doubled())],
    "holds(int_termination_events): the category is known": [
        ("int_termination_events", changed("exit_category = 'new_hire'")),
        ("int_termination_events", changed("exit_category = null")),
    ],
    "holds(int_termination_events): the exit is in the year": [
        ("int_termination_events", changed(f"termination_date = {NEXT_YEAR}"))
    ],
    "holds(int_termination_events): a probability": [
        ("int_termination_events", changed("event_probability = 1.000000000001")),
        ("int_termination_events", changed("event_probability = null")),
    ],
    "key(int_hiring_needs_by_level: world_id, level_id)": [("int_hiring_needs_by_level", doubled())],
    "holds(int_hiring_needs_by_level): counts are not negative": [
        ("int_hiring_needs_by_level", changed(f"{count} = -1"))
        for count in ("opening_headcount", "experienced_exits", "target_weight", "hires", "world_new_hire_exits")
    ],
    "holds(int_hiring_needs_by_level): no more exits than people": [
        ("int_hiring_needs_by_level", changed("experienced_exits = opening_headcount + 1"))
    ],
    "holds(int_hiring_needs_by_level): no more at a level than in the world": [
        ("int_hiring_needs_by_level", changed("hires = world_hires + 1"))
    ],
    "holds(int_hiring_needs_by_level): no more leave than are hired": [
        ("int_hiring_needs_by_level", changed("world_new_hire_exits = world_hires + 1"))
    ],
    "key(int_hiring_events: world_id, employee_id)": [("int_hiring_events", doubled())],
    "holds(int_hiring_events): the hire is in the year": [("int_hiring_events", changed(f"hire_date = {NEXT_YEAR}"))],
    "holds(int_hiring_events): the hire is of working age": [
        ("int_hiring_events", changed("birth_date = hire_date - interval 13 year"))
    ],
    "holds(int_hiring_events): the hire is paid": [("int_hiring_events", changed("annual_compensation_cents = 0"))],
    "holds(int_hiring_events): the hire has hours": [("int_hiring_events", changed("scheduled_hours_per_week = null"))],
    "key(int_new_hire_termination_events: world_id, employee_id)": [("int_new_hire_termination_events", doubled())],
    "holds(int_new_hire_termination_events): the exit is in the year": [
        ("int_new_hire_termination_events", changed(f"termination_date = {NEXT_YEAR}"))
    ],
    "holds(int_new_hire_termination_events): a probability": [
        ("int_new_hire_termination_events", changed("event_probability = 0"))
    ],
    "key(int_promotion_events: world_id, employee_id)": [("int_promotion_events", doubled())],
    "holds(int_promotion_events): the promotion is in the year": [
        ("int_promotion_events", changed(f"promotion_date = {NEXT_YEAR}"))
    ],
    "holds(int_promotion_events): the level changes": [
        ("int_promotion_events", changed("level_after = level_before")),
        ("int_promotion_events", changed("level_after = null")),
    ],
    "holds(int_promotion_events): the raise is not negative": [("int_promotion_events", changed("raise_millionths = -1"))],
    "holds(int_promotion_events): a probability": [("int_promotion_events", changed("event_probability = 0"))],
    "key(int_raise_events: world_id, employee_id, raise_type)": [("int_raise_events", doubled())],
    "holds(int_raise_events): the type is known": [("int_raise_events", changed("raise_type = 'promotion'"))],
    "holds(int_raise_events): the raise raises": [("int_raise_events", changed("raise_millionths = 0"))],
    "exact_selection_meets_the_plan": [
        ("int_termination_events", dropped("exit_category <> 'reduction'")),
        ("int_termination_events", changed("exit_category = 'reduction'", "exit_category <> 'reduction'")),
        ("int_hiring_events", dropped()),
        ("int_hiring_events", doubled()),
        ("int_new_hire_termination_events", dropped()),
        ("int_workforce_needs", changed("planned_reduction = 1", "planned_reduction = 0")),
    ],
}  # fmt: skip

CLOSING: Defects = {
    "key(int_closing_workforce: world_id, employee_id)": [("int_closing_workforce", doubled())],
    "holds(int_closing_workforce): tenure_is_not_negative": [
        ("int_closing_workforce", changed("tenure_years_at_year_end = -1"))
    ],
    "holds(int_closing_workforce): has_a_level": [("int_closing_workforce", changed("level_id = null"))],
    "holds(int_closing_workforce): exit_is_this_year": [
        ("int_closing_workforce", changed(f"termination_date = {NEXT_YEAR}", "termination_date is not null"))
    ],
    "holds(int_closing_workforce): exit_is_not_before_the_hire": [
        (
            "int_closing_workforce",
            changed(
                f"termination_date = {FIRST_DAY}",
                f"termination_date is not null and hire_date > {FIRST_DAY}",
            ),
        )
    ],
    "holds(int_closing_workforce): closing_rate_is_positive": [
        ("int_closing_workforce", changed("closing_rate_cents = 0")),
        ("int_closing_workforce", changed("closing_rate_cents = null")),
    ],
    "holds(int_closing_workforce): paid_for_a_year_at_most": [
        ("int_closing_workforce", changed("days_paid = 0")),
        ("int_closing_workforce", changed("days_paid = 367")),
    ],
    "operations_publish_every_decision": [
        ("int_closing_workforce", dropped()),
        ("int_closing_workforce", doubled()),
        ("workforce_events", dropped("event_type = 'termination'")),
        ("workforce_events", doubled("event_type = 'promotion'")),
        ("workforce_events", changed("level_after = level_after + 1", "event_type = 'hire'")),
        ("workforce_events", changed("effective_date = effective_date - 1", "month(effective_date) = 7")),
        ("workforce_events", changed("event_category = 'retirement'", "event_category = 'experienced'")),
        ("workforce_events", changed("annual_compensation_cents = annual_compensation_cents + 1", "event_type = 'hire'")),
        ("compensation_changes", dropped("opened_by = 'cola'")),
        ("compensation_changes", changed("raise_millionths = raise_millionths + 1", "opened_by = 'merit_raise'")),
        ("compensation_changes", changed("rate_cents = rate_cents + 1", "opened_by = 'opening'")),
    ],
    "pay_segments_tile_the_days_employed": [
        ("compensation_changes", changed("paid_cents = paid_cents + 1")),
        ("compensation_changes", changed("paid_cents = paid_cents - 1", "opened_by = 'hire'")),
        ("compensation_changes", changed("rate_cents = rate_cents + 1", "opened_by = 'merit_raise'")),
        # overlap, gap, and a segment past the exit
        ("compensation_changes", changed("segment_end = segment_end + 5, days = days + 5", "segment_number = 2")),
        ("compensation_changes", changed("segment_start = segment_start + 1, days = days - 1", "opened_by = 'merit_raise'")),
        ("compensation_changes", dropped("opened_by = 'opening'")),
        ("compensation_changes", dropped("opened_by = 'merit_raise'")),
        ("compensation_changes", doubled()),
        ("compensation_changes", changed("segment_number = segment_number + 1", "opened_by = 'cola'")),
        ("int_closing_workforce", changed("paid_cents = paid_cents + 1")),
        ("fct_supplemental_pay", changed("bonus = bonus + 0.01")),
        ("fct_supplemental_pay", dropped()),
        ("int_closing_workforce", changed("paid_cents = null, days_paid = null")),
        ("int_closing_workforce", changed("termination_date = termination_date - 1", "month(termination_date) = 9")),
        ("int_closing_workforce", changed("termination_date = null", "termination_date is not null")),
    ],
}  # fmt: skip

DEFECTS: Defects = {**EVENTS, **CLOSING}
