"""Five years of four plans that have every rule of money in them, as a study and in the oracle's own terms.

Belongs here: the study's settings, the same settings as the oracle takes them, the people, and the run. Does not: any
expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.harness import SAMPLE_CENSUS, Simulation, census_file, simulation
from tests.oracle import pay_oracle, plan_ledger
from tests.oracle.plan_oracle import half_up
from tests.unit.plan_world import BASIC, DESIGN, core, tiers

YEARS = range(2025, 2030)
SEED = 11
CENSUS_DATE = date(2024, 12, 31)

GRADED_1_5 = {1: 200_000, 2: 400_000, 3: 600_000, 4: 800_000, 5: 1_000_000}
GRADED_2_6 = {2: 200_000, 3: 400_000, 4: 600_000, 5: 800_000, 6: 1_000_000}
IMMEDIATE, CLIFF_2, CLIFF_3 = {0: 1_000_000}, {2: 1_000_000}, {3: 1_000_000}

RESTLESS = {"up_share": 0.25, "down_share": 0.25, "stop_share": 0.1}

#: As a person writes them; below as the oracle gets them.
SCENARIOS: dict[str, Any] = {
    "true_up": {
        "plan": {
            "eligibility": {"minimum_age": 18, "entry_dates": "monthly"},
            "auto_enrollment": {"scope": "all_eligible"},
            "changes": RESTLESS,
            "core": {"by_age": [{"min": 0, "max": 40, "rate": 0.01}, {"min": 40, "rate": 0.03, "excess_rate": 0.02}]},
        },
        "limits": {"overrides": {"annual_additions_415c": {2027: 30_000}}},
    },
    "by_period": {
        "workforce": {"selection": "bernoulli", "termination_rate": "hazard"},
        "plan": {
            "eligibility": {"service_months": 3, "entry_dates": "quarterly", "hours_rule": True},
            "changes": RESTLESS,
            "compensation": {"overtime": False},
            "match": {
                "by_points": [
                    {"min": 0, "max": 45, "tiers": [{"up_to": 0.02, "rate": 0.75}, {"up_to": 0.06, "rate": 0.5}]},
                    {"min": 45, "tiers": [{"up_to": 0.07, "rate": 0.9}]},
                ],
                "basis": "pay_period",
                "pay_periods": 24,
                "minimum_hours": 900,
                "student_loans": {"enabled": True, "share": 1, "payment_rate": 0.03},
            },
            "core": {
                "by_service": [{"min": 0, "max": 5, "rate": 0.02}, {"min": 5, "rate": 0.04}],
                "employed_at_year_end": True,
            },
            "vesting": {"match": "cliff_3", "core": "graded_1_5", "normal_retirement_age": 60},
            "forfeitures": {"use": "carried"},
            "testing": {"method": "prior", "top_paid_group": True},
            "roth_available": {2025: True, 2028: False},
            "pay_before_entry": True,
        },
    },
    "integrated": {
        "workforce": {"growth": {2025: 0.1, 2027: -0.5, 2028: 0.7}},
        "hiring": {"level_mix": "current", "part_time_share": 0.3, "part_time_hours": 15},
        "compensation": {"cola": 0.01},
        "plan": {
            "eligibility": {
                "minimum_age": 20,
                "service_months": 12,
                "entry_dates": "semiannual",
                "hours_rule": True,
                "computation_periods": "anniversaries",
                "long_term_employer_money": True,
            },
            "auto_enrollment": {"enabled": False},
            "voluntary": {"later_enrollment": 0.3},
            "compensation": {"bonus": {2025: True, 2027: False}},
            "changes": RESTLESS,
            "match": {
                "by_service": [
                    {"min": 0, "max": 3, "tiers": [{"up_to": 0.04, "rate": 0.5}]},
                    {"min": 3, "tiers": [{"up_to": 0.02, "rate": 1}, {"up_to": 0.06, "rate": 0.5}]},
                ],
                "annual_cap": 8_000,
                "employed_at_year_end": True,
            },
            "core": {"rate": {2025: 0.05, 2027: 0.06}, "excess_rate": 0.05},
            "vesting": {"match": "graded_1_5", "core": "graded_2_6", "normal_retirement_age": 62},
            "forfeitures": {"use": "expenses"},
        },
    },
    "safe_harbor": {
        "hazards": {"promotion": {"base": 0.4}},
        "plan": {
            "safe_harbor": "basic",
            "escalation": {"month": 7, "increment": 0.02, "cap": 0.12, "delay_months": 0},
            "core": {"by_points": [{"min": 0, "max": 50, "rate": 0.03}, {"min": 50, "rate": 0.05}], "minimum_hours": 500},
            "vesting": {"match": "immediate", "core": "cliff_2"},
        },
    },
}
WORKFORCE = {"growth": 0.05, "termination_rate": 0.2, "new_hire_termination_rate": 0.3}

FORFEITURE_USE = {"true_up": "employer_contributions", "by_period": "carried", "integrated": "expenses"}
FORFEITURE_USE["safe_harbor"] = "employer_contributions"


# --- the plans in the oracle's terms -------------------------------------------------------------------------------


def statutory(base: int, base_index: str, step: int, index: Fraction) -> int:
    """IRC 415(d): what the index adds to the base, in whole steps; dollars."""
    return base + int((base * index / Fraction(base_index) - base) // step) * step


def cpi(year: int) -> Fraction:
    """CPI-U of the third quarter: published up to 2025, then at the shipped 2.5 % a year."""
    return {2024: Fraction("314.879")}.get(year, Fraction("323.941") * Fraction("1.025") ** (year - 2025))


@cache
def limits(year: int) -> Mapping[str, int | None]:
    """IRS Notices 2023-75 (HCE of 2025), 2024-80 and 2025-67, SSA for the wage base; then the statutes. Cents."""
    announced = {
        2025: (23_500, 7_500, 11_250, 70_000, 350_000, 155_000, 176_100, None),
        2026: (24_500, 8_000, 11_250, 72_000, 360_000, 160_000, 184_500, 150_000),
    }
    prices, wages = cpi(year - 1), Fraction("69846.57") * Fraction("1.035") ** (year - 2 - 2024)
    values = announced.get(year) or (
        statutory(15_000, "196.867", 500, prices),
        statutory(5_000, "196.867", 500, prices),
        statutory(11_250, "314.879", 500, prices),
        statutory(40_000, "177.767", 1_000, prices),
        statutory(200_000, "177.767", 5_000, prices),
        160_000 if year == 2027 else statutory(80_000, "157.367", 5_000, cpi(year - 2)),
        half_up(60_600 * wages / Fraction("22935.42") / 300) * 300,
        statutory(145_000, "306.835", 5_000, cpi(year - 1)),
    )
    names = (
        "elective_deferral_cents", "catch_up_cents", "catch_up_60_63_cents", "annual_additions_cents",
        "compensation_cents", "hce_compensation_cents", "social_security_wage_base_cents", "roth_catch_up_wages_cents",
    )  # fmt: skip
    return {name: None if value is None else value * 100 for name, value in zip(names, values, strict=True)}


def rules() -> dict[str, plan_ledger.Rules]:
    """The scenarios again. Oracle tiers are (end of the tier, rate)."""
    tight = {"annual_additions_cents": 30_000_00}
    beside = averages()
    by_period = DESIGN | {
        "counts_overtime": False,
        "match_basis": "pay_period", "pay_periods": 24, "pay_calendar": "half_months", "match_minimum_hours": 900,
        "pay_before_entry": True,
        "student_loan_matched": True, "student_loan_rate_millionths": 30_000, "core_employed_at_year_end": True,
    }  # fmt: skip
    graded = [*tiers((0.04, 0.5), band=(0, 3)), *tiers((0.02, 1), (0.06, 0.5), band=(3, 999))]
    return {
        "true_up": plan_ledger.Rules(
            beside=beside,
            design=lambda _: DESIGN,
            limits=lambda year: {**limits(year), **(tight if year == 2027 else {})},
            tiers=lambda _: [
                *tiers(*BASIC), *core(0.01, band=(0, 40), by="age"), *core(0.03, 0.02, band=(40, 999), by="age"),
            ],
            match_vesting=GRADED_2_6,
            core_vesting=CLIFF_3,
        ),
        "by_period": plan_ledger.Rules(
            beside=beside,
            design=lambda year: by_period | {"roth_available": year < 2028},
            limits=limits,
            tiers=lambda _: [
                *tiers((0.02, 0.75), (0.06, 0.5), band=(0, 45), by="points"),
                *tiers((0.07, 0.9), band=(45, 999), by="points"),
                *core(0.02, band=(0, 5)), *core(0.04, band=(5, 999)),
            ],
            match_vesting=CLIFF_3,
            core_vesting=GRADED_1_5,
            retirement_age=60,
            top_paid_group=True,
        ),
        "integrated": plan_ledger.Rules(
            beside=beside,
            design=lambda year: DESIGN
            | {"match_cap_cents": 8_000_00, "match_employed_at_year_end": True, "counts_bonus": year < 2027}
            | {"long_term_employer_money": True},
            limits=limits,
            tiers=lambda year: [*graded, *core(0.05 if year < 2027 else 0.06, 0.05)],
            match_vesting=GRADED_1_5,
            core_vesting=GRADED_2_6,
            retirement_age=62,
        ),
        "safe_harbor": plan_ledger.Rules(
            beside=beside,
            design=lambda _: DESIGN | {"core_minimum_hours": 500},
            limits=limits,
            tiers=lambda _: [
                *tiers(*BASIC), *core(0.03, band=(0, 50), by="points"), *core(0.05, band=(50, 999), by="points"),
            ],
            match_vesting=IMMEDIATE,
            core_vesting=CLIFF_2,
        ),
    }  # fmt: skip


# --- the people ----------------------------------------------------------------------------------------------------


@cache
def census_people() -> list[dict[str, Any]]:
    """300 of the sample census; every tenth is well paid and near an age that counts, some are anything else."""
    query = f"""
        select employee_id, birth_date, hire_date, coalesce(service_date, hire_date) as service_date, annual_compensation,
            level_id, deferral_rate, enrollment_date, enrollment_source, opted_out, auto_escalation_opt_out,
            scheduled_hours_per_week, hours_prior_year_1, hours_prior_year_2, prior_year_compensation, match_balance
        from '{SAMPLE_CENSUS}' where active order by employee_id
    """
    cursor = duckdb.execute(query)
    names = [name for name, *_ in cursor.description or ()]
    people = [
        {name: "" if value is None else str(value) for name, value in zip(names, row, strict=True)}
        for row in cursor.fetchall()[::16][:300]
    ]
    for number, person in enumerate(people):
        person |= {
            "owner_5pct": "",
            "plan_exclusion": "",
            "eligibility_date": "",
            "termination_date": f"{2025 + number % 5}-{number % 12 + 1:02}-28" if number % 17 == 5 else "",
            "core_balance": f"{number * 37 % 9000}.{number % 90 + 10}",
        }
        person["bonus"] = f"{1_000 + number * 13}.{number % 90 + 10}" if number % 3 == 1 else ""
        person["overtime"] = f"{number * 29 % 4_000}.05" if number % 4 == 2 else ""
        person["annual_compensation"] = str(Decimal(person["annual_compensation"]) + Decimal(number) / 100)
        if number % 10 == 0:
            _make_well_paid(person, number // 10)
        elif number % 29 == 1:
            person |= {"plan_exclusion": "true", "deferral_rate": "", "enrollment_date": "", "enrollment_source": ""}
        elif number % 31 == 2:
            person |= {"birth_date": "1984-02-29", "hire_date": "2020-02-29", "service_date": "2020-02-29"}
            person |= {"deferral_rate": "", "enrollment_date": "", "enrollment_source": "", "eligibility_date": "2021-01-01"}
        elif number % 23 == 3:
            person |= {"scheduled_hours_per_week": "14", "hours_prior_year_1": "728", "hours_prior_year_2": "728"}
            person |= {"deferral_rate": "", "enrollment_date": "", "enrollment_source": ""}
        if number % 50 == 7:
            person["owner_5pct"] = "true"
        if number % 7 == 0:
            person["prior_year_compensation"] = ""
    return people


def _make_well_paid(person: dict[str, Any], number: int) -> None:
    age = (44, 47, 49, 50, 57, 58, 59, 60, 62, 63)[number % 10]
    person |= {
        "birth_date": str(date(2024 - age, 12 - number % 12, 28)),
        "hire_date": f"{2016 + number % 9}-03-15",
        "service_date": f"{2016 + number % 9}-03-15",
        "annual_compensation": f"{(150_000, 190_000, 260_000, 390_000, 700_000)[number % 5] + number}.{number + 10}",
        "prior_year_compensation": f"{(140_000, 154_999, 155_001, 380_000, 690_000)[number % 5] + number}.00",
        "level_id": "5",
        "deferral_rate": str((0.04, 0.09, 0.12, 0.2)[number % 4]),
        "enrollment_date": "2024-06-01",
        "enrollment_source": "auto",
        "opted_out": "false",
        "scheduled_hours_per_week": "40",
    }


def supplements(row: Mapping[str, Any]) -> tuple[int, int]:
    """Bonus as the census has it, and overtime of a year: that of a part of 2024 is made a year's. Cents."""
    bonus, overtime = (int(Decimal(row[name] or 0) * 100) for name in ("bonus", "overtime"))
    days = (CENSUS_DATE - max(date.fromisoformat(row["hire_date"]), date(2024, 1, 1))).days + 1
    return bonus, half_up(Fraction(overtime * 366, days))


@cache
def averages() -> Mapping[int, tuple[int, int]]:
    """What a hire has, by level: the mean of everybody of the census there."""
    found: dict[int, list[tuple[int, int]]] = {}
    for row in census_people():
        found.setdefault(int(row["level_id"]), []).append(supplements(row))
    return {
        level: (half_up(Fraction(sum(b for b, _ in own), len(own))), half_up(Fraction(sum(o for _, o in own), len(own))))
        for level, own in found.items()
    }


def opening() -> tuple[dict[str, pay_oracle.Person], dict[str, plan_ledger.Member]]:
    """The census as the oracles get it."""
    people, members = {}, {}
    for row in census_people():
        who = row["employee_id"]
        hired, cents = date.fromisoformat(row["hire_date"]), int(Decimal(row["annual_compensation"]) * 100)
        people[who] = pay_oracle.Person(
            birth_date=date.fromisoformat(row["birth_date"]),
            hire_date=hired,
            service_date=date.fromisoformat(row["service_date"]),
            level_id=int(row["level_id"]),
            rate_cents=cents,
        )
        # Pay of 2024, which has 366 days, that the census does not have: the rate by the days employed.
        days = (CENSUS_DATE - max(hired, date(2024, 1, 1))).days + 1
        prior = row["prior_year_compensation"]
        bonus, overtime = supplements(row)
        enrolled = date.fromisoformat(row["enrollment_date"]) if row["enrollment_date"] else None
        eligible = date.fromisoformat(row["eligibility_date"]) if row["eligibility_date"] else enrolled
        members[who] = plan_ledger.Member(
            hours_per_week=Fraction(row["scheduled_hours_per_week"]),
            prior_paid=int(Decimal(prior) * 100) if prior else half_up(Fraction((cents + overtime) * days, 366)) + bonus,
            owner=row["owner_5pct"] == "true",
            eligible_from=eligible,
            reason="census" if eligible else None,
            enrolled=(enrolled, row["enrollment_source"] if enrolled else None),
            rate=int(Decimal(row["deferral_rate"] or 0) * 1_000_000),
            match=int(Decimal(row["match_balance"]) * 100),
            core=int(Decimal(row["core_balance"]) * 100),
            bonus=bonus,
            overtime=overtime,
        )
    return people, members


@cache
def _run(folder: Path) -> Simulation:
    study = {
        "study": "four_plans",
        "census": str(census_file(folder, census_people())),
        "years": {"start": YEARS[0], "end": YEARS[-1]},
        "seeds": [SEED],
        "defaults": {"workforce": WORKFORCE},
        "scenarios": SCENARIOS,
    }
    return simulation(folder, study).run()


@pytest.fixture(scope="session")
def four_plans(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """The run, once in a session however many modules ask for it."""
    return _run(tmp_path_factory.getbasetemp() / "four_plans")
