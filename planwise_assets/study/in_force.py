"""A scenario as it is computed: what a safe harbor, a scale by service or a published table puts in place of other settings.

Belongs here: the settings that people are shown. Does not: what the models get, which comes to the same (`plan/tiers.py`,
`parameters/hazard_rows.py`).
"""

from __future__ import annotations

from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import NONELECTIVE, NONELECTIVE_RATE, OWN_TIERS
from planwise_assets.study.schema import Scenario
from planwise_assets.study.sections.hazards import Hazards
from planwise_assets.study.values import ByYear


def in_force(scenario: Scenario) -> Scenario:
    """The scenario with the match, the core contribution and the hazards that it really has."""
    return scenario.model_copy(
        update={"plan": _plan_in_force(scenario.plan), "hazards": _hazards_in_force(scenario.hazards)}
    )


def _hazards_in_force(hazards: Hazards) -> Hazards:
    """Where a table says who leaves, nothing reads the base and the bands."""
    if hazards.termination.table is None:
        return hazards
    termination = hazards.termination.model_copy(update={"base": None, "age": (), "tenure": ()})
    return hazards.model_copy(update={"termination": termination, "retirement": hazards.retirement_in_force})


def _plan_in_force(plan: Plan) -> Plan:
    match, core = plan.match, plan.core
    if plan.safe_harbor in OWN_TIERS:
        match = match.model_copy(update={"tiers": OWN_TIERS[plan.safe_harbor], "by_service": ()})
    elif match.bands:
        match = match.model_copy(update={"tiers": ()})
    if plan.safe_harbor in NONELECTIVE and not core.bands:
        steps = tuple((year, rate or NONELECTIVE_RATE) for year, rate in core.rate.steps)
        core = core.model_copy(update={"rate": ByYear(steps)})
    return plan.model_copy(update={"match": match, "core": core})
