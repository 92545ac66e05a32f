"""What the law makes of a plan as a whole: conditions that refuse it, and duties that only warn.

Each rule yields the key path inside `plan` and a sentence that continues the key's name and names its source. A study is
refused for what its own words contradict (a safe harbor that is none, an illegal schedule); what the law asks beside the
design is a warning.

Does not: the range of one value (`plan/enrollment.py`, `plan/employer.py`), the safe-harbor designs
(`safe_harbor.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import chain

from planwise_assets.study.errors import Finding, KeyPath
from planwise_assets.study.law.safe_harbor import QACA, SAFE_HARBOR_MATCH, safe_harbor_findings
from planwise_assets.study.plan.employer import SCHEDULES, VestingStep
from planwise_assets.study.plan.plan import Plan
from planwise_assets.study.plan.tiers import NONELECTIVE, NONELECTIVE_RATE, core_bands, match_bands
from planwise_assets.study.values import plain

# IRC 411(a)(2)(B): a schedule must be at least as fast as one of these, all the way.
_SLOWEST = (SCHEDULES["cliff_3"], SCHEDULES["graded_2_6"])
# IRC 401(l)(2): the most that integration may add.
_PERMITTED_DISPARITY = Decimal("0.057")
# SECURE 2.0 s.101(c): for years from 2025 on, plans established on or after the day of enactment, 29 December 2022.
_MANDATORY_FROM_YEAR, _ENACTED = 2025, date(2022, 12, 29)
_STUDENT_LOANS_FROM_YEAR = 2024
# The first monthly pay day that is 30 days after a notice comes at most so many days after it.
_LATEST_DEFAULT_DAYS = 61


def broken_rules(plan: Plan, years: range) -> Iterator[Finding]:
    """Why a plan is refused; each rule at most once, for the first year that breaks it."""
    seen: set[KeyPath] = set()
    for year in years:
        rules = (_shares(plan, year), _core(plan, year), _loans(plan, year), safe_harbor_findings(plan, year))
        for finding in chain(_vesting(plan), *rules):
            if finding.place not in seen:
                seen.add(finding.place)
                yield finding


def warnings(plan: Plan, years: range) -> Iterator[str]:
    """What the law asks of the plan beside its design, in sentences."""
    rules = (
        _mandatory_enrollment,
        _long_term_part_time,
        _qaca_coverage,
        _qaca_notice,
        _graded_core,
        _graded_match,
        _partial_pay,
    )
    for rule in rules:
        found = next(filter(None, (rule(plan, year) for year in years)), None)
        if found:
            yield found


def vested_at(schedule: tuple[VestingStep, ...], years: int) -> Decimal:
    """The vested share at completed years of service."""
    return max((step.vested for step in schedule if step.years <= years), default=Decimal(0))


def _as_fast_as(schedule: tuple[VestingStep, ...], other: tuple[VestingStep, ...]) -> bool:
    return all(vested_at(schedule, step.years) >= step.vested for step in other)


def _vesting(plan: Plan) -> Iterator[Finding]:
    for source, schedule in (("match", plan.vesting.match), ("core", plan.vesting.core)):
        if not any(_as_fast_as(schedule, slowest) for slowest in _SLOWEST):
            message = (
                "vests too slowly: it must be at least as fast as 100 % after 3 years, or as 20 % after 2 and 20 points "
                "more each year to 100 % after 6 (IRC 411(a)(2)(B))"
            )
            yield Finding(("vesting", source), message)
    design = plan.safe_harbor
    if design == "none":
        return
    source = "match" if design in SAFE_HARBOR_MATCH else "core"
    needed, words, law = (
        (SCHEDULES["cliff_2"], "all of it after 2 years at the latest: cliff_2", "IRC 401(k)(13)(D)(iii)(I)")
        if design in QACA
        else (SCHEDULES["immediate"], "all of it at once: immediate", "IRC 401(k)(12)(E)(i)")
    )
    if not _as_fast_as(getattr(plan.vesting, source), needed):
        yield Finding(("vesting", source), f"vests too slowly for safe_harbor {design}, which needs {words} ({law})")


def _shares(plan: Plan, year: int) -> Iterator[Finding]:
    up, down = plan.changes.up_share.at(year), plan.changes.down_share.at(year)
    if up + down > 1:
        message = f"must not pass 1 together with down_share: in {year} they are {plain(up)} and {plain(down)}"
        yield Finding(("changes", "up_share"), message)
    if plan.escalation.enabled.at(year) and not plan.escalation.increment.at(year):
        yield Finding(("escalation", "increment"), f"must be above 0 in {year}, or escalation.enabled false")


def _core(plan: Plan, year: int) -> Iterator[Finding]:
    # IRC 401(k)(12)(E)(ii), (13)(D)(iv): what makes the plan a safe harbor does not count for integration.
    is_nonelective = plan.safe_harbor in NONELECTIVE
    for band in core_bands(plan, year):
        counted = max(band.rate - NONELECTIVE_RATE, Decimal(0)) if is_nonelective else band.rate
        if band.excess_rate > min(counted, _PERMITTED_DISPARITY):
            base = (
                f"what the core rate has beyond the 0.03 of safe_harbor {plan.safe_harbor} ({plain(counted)} in {year}; IRC "
                "401(k)(12)(E)(ii))"
                if is_nonelective
                else f"the core rate itself ({plain(counted)} in {year})"
            )
            message = f"must not be above {base}, nor above 0.057: the permitted disparity of IRC 401(l)(2)"
            yield Finding((*band.place, "excess_rate"), message)


def _loans(plan: Plan, year: int) -> Iterator[Finding]:
    if plan.match.student_loans.enabled.at(year) and year < _STUDENT_LOANS_FROM_YEAR:
        message = f"must be false in {year}: loan payments are matched from {_STUDENT_LOANS_FROM_YEAR} on (SECURE 2.0 s.110)"
        yield Finding(("match", "student_loans", "enabled"), message)


def _mandatory_enrollment(plan: Plan, year: int) -> str | None:
    exempt = any(getattr(plan.exemptions, name).at(year) for name in type(plan.exemptions).model_fields)
    first = max(_MANDATORY_FROM_YEAR, plan.adopted.year)
    if plan.adopted < _ENACTED or year < first or exempt:
        return None
    missing = list(_missing_for_414a(plan, year))
    if not missing:
        return None
    return (
        f"IRC 414A: a plan adopted after 28 December 2022 (this one on {plan.adopted}) must enrol all eligible employees "
        f"automatically from {first} on; in {year} {'; '.join(missing)}. If it is exempt, say so in "
        "plan.exemptions."
    )


def _missing_for_414a(plan: Plan, year: int) -> Iterator[str]:
    auto, escalation = plan.auto_enrollment, plan.escalation
    if not auto.enabled.at(year):
        yield "automatic enrolment is off"
        return
    rate, cap = auto.default_rate.at(year), escalation.cap.at(year)
    if not Decimal("0.03") <= rate <= Decimal("0.10"):
        yield f"the default rate is {plain(rate)} and not from 0.03 to 0.10"
    if auto.scope == "new_hires" or auto.hire_cutoff is not None:
        yield "those employed before are left out (scope, hire_cutoff)"
    if rate < Decimal("0.10") and not escalation.enabled.at(year):
        yield "rates do not rise (escalation)"
    elif escalation.enabled.at(year):
        if escalation.increment.at(year) != Decimal("0.01"):
            yield f"rates rise by {plain(escalation.increment.at(year))} a year and not by 0.01"
        if not Decimal("0.10") <= cap <= Decimal("0.15"):
            yield f"rates rise to {plain(cap)} and not to between 0.10 and 0.15"


def _long_term_part_time(plan: Plan, year: int) -> str | None:
    eligibility = plan.eligibility
    if not eligibility.hours_rule.at(year) or eligibility.long_term_part_time.at(year) or year < _MANDATORY_FROM_YEAR:
        return None
    return (
        f"IRC 401(k)(2)(D)(ii): in {year} long-term part-timers (500 hours in each of two years) are kept out by the hours "
        "rule, which only a collectively bargained plan may do."
    )


def _qaca_coverage(plan: Plan, year: int) -> str | None:
    auto = plan.auto_enrollment
    if plan.safe_harbor not in QACA or (auto.scope == "all_eligible" and auto.hire_cutoff is None):
        return None
    return (
        f"IRC 401(k)(13)(C)(iv): safe_harbor {plan.safe_harbor} covers everyone eligible without an election of their own; "
        f"with scope {auto.scope} those employed before must have made one."
    )


def _qaca_notice(plan: Plan, year: int) -> str | None:
    days = plan.auto_enrollment.window_days.at(year)
    if plan.safe_harbor not in QACA or days <= _LATEST_DEFAULT_DAYS:
        return None
    return (
        f"IRC 401(k)(13)(E): with safe_harbor {plan.safe_harbor} a notice at entry is taken for granted, and deferrals "
        "begin with the second payroll period after it, or the first pay day 30 days after it (Treas. Reg. "
        f"1.401(k)-3(k)(4)(iii)); in {year} auto_enrollment.window_days is {days}, later than any payroll would have it."
    )


def _graded_core(plan: Plan, year: int) -> str | None:
    bands = core_bands(plan, year)
    if len({(band.rate, band.excess_rate) for band in bands}) == 1:
        return None
    return (
        f"IRC 401(a)(4): a core contribution by {bands[0].dimension} is no uniform formula (Treas. Reg. "
        "1.401(a)(4)-2(b)(2)): the plan must pass the general test, on contributions (-2(c)) or cross-tested on benefits "
        "(-8(b)). Once it is simulated, planwise results --tests says whether it does."
    )


def _graded_match(plan: Plan, _year: int) -> str | None:
    bands = match_bands(plan)
    if len({band.tiers for band in bands}) == 1:
        return None
    return (
        f"IRC 401(a)(4): in a match by {bands[0].dimension} each rate is a benefit, right or feature of its own (Treas. "
        "Reg. 1.401(a)(4)-4(e)(3)(iii)(G)), which must be available, currently and effectively, to a group that is not "
        "discriminatory (-4(b), -4(c)). Once it is simulated, planwise results --tests says whether it is currently."
    )


def _partial_pay(plan: Plan, year: int) -> str | None:
    counts = plan.compensation
    left_out = [
        name for name, is_counted in (("bonuses", counts.bonus), ("overtime", counts.overtime)) if not is_counted.at(year)
    ]
    if not left_out:
        return None
    harbor = "; a safe harbor may leave it out on the same condition (Treas. Reg. 1.401(k)-3(b)(2))"
    return (
        f"IRC 414(s): pay without {' and '.join(left_out)} may be used where it does not favor the highly compensated "
        f"(Treas. Reg. 1.414(s)-1(d)(3)){harbor if plan.safe_harbor != 'none' else ''}. PlanWise does not test that yet."
    )
