"""Section `plan`: the retirement plan of a scenario.

Belongs here: the plan as a whole. Does not: its parts (`enrollment.py`, `employer.py`), what the law makes of their
combination (`law/qualification.py`), what the models get (`tiers.py`, `parameters/plan_tables.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from planwise_assets.study.plan.employer import Core, Forfeitures, Match, Testing, Vesting
from planwise_assets.study.plan.enrollment import AutoEnrollment, Changes, Eligibility, Escalation, Voluntary
from planwise_assets.study.values import Day, Section, YearlyFlag, constant

SafeHarbor = Literal["none", "basic", "enhanced", "nonelective", "qaca_match", "qaca_nonelective"]


class Exemptions(Section):
    """Why IRC 414A asks no automatic enrolment of this plan, besides its age. They change a warning and no result."""

    new_business: YearlyFlag = Field(
        default=constant(False),
        description="The employer has existed for less than 3 years, 414A(c)(4)(A). Source: judgement.",
    )
    small_business: YearlyFlag = Field(
        default=constant(False), description="It has 10 employees or fewer, 414A(c)(4)(B). Source: judgement."
    )
    church_plan: YearlyFlag = Field(
        default=constant(False), description="It is a church plan, 414A(c)(3). Source: judgement."
    )
    governmental_plan: YearlyFlag = Field(
        default=constant(False), description="It is a governmental plan, 414A(c)(3). Source: judgement."
    )


class PlanCompensation(Section):
    """What the plan counts as pay beside the yearly rate. It acts where a census has such a column."""

    bonus: YearlyFlag = Field(
        default=constant(True),
        description="Whether bonuses are deferred from, matched and tested. Source: Treas. Reg. 1.414(s)-1(c), all pay.",
    )
    overtime: YearlyFlag = Field(
        default=constant(True), description="Whether overtime pay is. Source: Treas. Reg. 1.414(s)-1(c), all pay."
    )


class Plan(Section):
    """The retirement plan."""

    adopted: Day = Field(
        default=date(2010, 1, 1),
        description="Day on which the plan was adopted (YYYY-MM-DD); nobody is eligible before it. Source: judgement; "
        "before 29 December 2022, so that IRC 414A does not apply.",
    )
    exemptions: Exemptions = Field(default=Exemptions(), description="Why IRC 414A does not apply.")
    compensation: PlanCompensation = Field(default=PlanCompensation(), description="What counts as pay.")
    eligibility: Eligibility = Field(default=Eligibility(), description="Who may take part.")
    auto_enrollment: AutoEnrollment = Field(default=AutoEnrollment(), description="Enrolment of those who do nothing.")
    voluntary: Voluntary = Field(default=Voluntary(), description="Enrolment by one's own decision.")
    changes: Changes = Field(default=Changes(), description="Participants' own changes.")
    escalation: Escalation = Field(default=Escalation(), description="The yearly rise of automatic rates.")
    match: Match = Field(default=Match(), description="The match.")
    core: Core = Field(default=Core(), description="What everyone gets.")
    safe_harbor: SafeHarbor = Field(
        default="none",
        description="Safe-harbor design, which takes the place of the ADP and ACP tests: `basic` and `qaca_match` bring "
        "their own tiers, `enhanced` uses match.tiers, the nonelective ones bring a core of 3 % where the plan has none. "
        "Source: judgement.",
    )
    vesting: Vesting = Field(default=Vesting(), description="From when employer money is the employee's own.")
    forfeitures: Forfeitures = Field(default=Forfeitures(), description="Money that leavers leave behind.")
    testing: Testing = Field(default=Testing(), description="The nondiscrimination tests.")
    roth_available: YearlyFlag = Field(
        default=constant(True), description="Whether Roth deferrals may be made. Source: HAS 2025, 86 % of plans."
    )
    pay_before_entry: YearlyFlag = Field(
        default=constant(False),
        description="Whether pay of the year before entry counts for match, core and tests. Source: judgement; the "
        "exclusion is common, Treas. Reg. 1.401(k)-6 allows it.",
    )
