"""The plan as it is computed: what a safe harbor or a scale by service puts in place of other settings is written down.

Here: the plan that people are shown. Not here: what the models get, which comes to the same (`plan/tiers.py`).
"""

from __future__ import annotations

from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import NONELECTIVE, NONELECTIVE_RATE, OWN_TIERS
from planwise_assets.study.schema import Scenario
from planwise_assets.study.values import ByYear


def in_force(scenario: Scenario) -> Scenario:
    """The scenario with the match and the core contribution that its plan really has."""
    return scenario.model_copy(update={"plan": _plan_in_force(scenario.plan)})


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
