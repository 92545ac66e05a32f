"""Defects of what the three operations publish. The models that read it are made from it, as a run would.

`SPOILED` is one row in a thousand wrong, `EMPTIED` a file without a row: which checks of the very next group report it.
"""

from __future__ import annotations

from tests.integration.defects.seeding import LAST_DAY, NEXT_YEAR, Seeded, changed, doubled, dropped

# 2026 has 365 days.
A_CENT_MORE_PAID = "rate_cents = rate_cents + 1, paid_cents = (2 * (rate_cents + 1) * days + 365) // (2 * 365)"

SPOILED: dict[str, Seeded] = {
    "no hires": Seeded(
        "workforce_events", "delete from this where event_type = 'hire'", "pay_segments_tile_the_days_employed"
    ),
    "a leaver who stays": Seeded(
        "workforce_events", dropped("event_type = 'termination'"), "pay_segments_tile_the_days_employed"
    ),
    "an exit twice": Seeded(
        "workforce_events", doubled("event_type = 'termination'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a promotion twice": Seeded(
        "workforce_events", doubled("event_type = 'promotion'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a hire twice": Seeded(
        "workforce_events", doubled("event_type = 'hire'"), "key(int_closing_workforce: world_id, employee_id)"
    ),
    "a hire without a level": Seeded(
        "workforce_events", changed("level_after = null", "event_type = 'hire'"), "holds(int_closing_workforce): has_a_level"
    ),
    "an exit next year": Seeded(
        "workforce_events",
        changed(f"effective_date = {NEXT_YEAR}", "event_type = 'termination'"),
        "holds(int_closing_workforce): exit_is_this_year",
    ),
    "an exit a day early": Seeded(
        "workforce_events",
        changed("effective_date = effective_date - 1", "event_category = 'experienced' and month(effective_date) = 5"),
        "pay_segments_tile_the_days_employed",
    ),
    "a promotion to the wrong level": Seeded(
        "workforce_events",
        changed("level_after = level_after + 1", "event_type = 'promotion'"),
        "operations_publish_every_decision",
    ),
    "a leaver paid to the end of the year": Seeded(
        "compensation_changes",
        changed(
            f"segment_end = {LAST_DAY}, days = days + ({LAST_DAY} - segment_end)",
            "segment_end < make_date(simulation_year, 11, 1) and not exists (select 1 from this as next"
            " where next.world_id = this.world_id and next.employee_id = this.employee_id"
            " and next.segment_number > this.segment_number)",
        ),
        "pay_segments_tile_the_days_employed",
    ),
    "a raise for the wrong person": Seeded(
        "compensation_changes",
        changed("rate_before_cents = rate_before_cents + 100, rate_cents = rate_cents + 103", "opened_by = 'merit_raise'"),
        "pay_segments_tile_the_days_employed",
    ),
    # consistent to the last cent in everything that follows: only the raise itself tells
    "a raise a cent too high, and paid so": Seeded(
        "compensation_changes",
        changed(A_CENT_MORE_PAID, f"opened_by = 'merit_raise' and segment_end = {LAST_DAY}"),
        "pay_segments_tile_the_days_employed",
    ),
    "a lost raise": Seeded(
        "compensation_changes", dropped("opened_by = 'merit_raise'"), "operations_publish_every_decision"
    ),
    "nobody is enrolled": Seeded(
        "plan_enrollments", "delete from this where opened_by = 'enrollment'", "operations_publish_every_decision"
    ),
    "an escalation too high": Seeded(
        "plan_enrollments",
        changed("rate_millionths = rate_millionths + 10000", "opened_by = 'deferral_escalation'"),
        "deferral_segments_tile_the_eligible_days",
    ),
    "deferrals after the exit": Seeded(
        "plan_enrollments",
        changed(f"segment_end = {LAST_DAY}, days = days + ({LAST_DAY} - segment_end)", f"segment_end < {LAST_DAY}"),
        "deferral_segments_tile_the_eligible_days",
    ),
    "someone without deferral segments": Seeded(
        "plan_enrollments", dropped("opened_by = 'opening'"), "operations_publish_every_decision"
    ),
}

EMPTY = "delete from this"
# Operation to the checks of group state_aggregation that an empty file of it makes fail; all of them.
EMPTIED: dict[str, set[str]] = {
    # nobody comes or goes: hires and leavers are paid, and defer, who are not there or not gone
    "workforce_events": {
        "operations_publish_every_decision",
        "pay_segments_tile_the_days_employed",
        "deferral_segments_tile_the_eligible_days",
        "plan_money_is_conserved",
    },
    # nobody is paid
    "compensation_changes": {
        "operations_publish_every_decision",
        "pay_segments_tile_the_days_employed",
        "holds(int_closing_workforce): closing_rate_is_positive",
    },
    # nobody is in the plan
    "plan_enrollments": {"operations_publish_every_decision", "deferral_segments_tile_the_eligible_days"},
}
