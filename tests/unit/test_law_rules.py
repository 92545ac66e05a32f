"""The law's rules on their own: coverage, top-heavy, the general test.

Where the numbers come from: the regulations' own examples, named in each test, quoted from memory and worked out again by
hand; practitioners' examples with their place; the rest by hand.
"""

from __future__ import annotations

from fractions import Fraction

import pymort
import pytest

from planwise_assets.study.law.coverage import Covered
from planwise_assets.study.law.general_test import (
    INTEREST,
    Band,
    RateCount,
    annuity_factors,
    benefit_factor,
    hundredths,
    is_gradual,
    passes_gateway,
    rate_groups,
)
from planwise_assets.study.law.top_heavy import is_top_heavy, minimum_rate, officers_at_most

ENOUGH, TOO_LITTLE = Fraction(70, 100), Fraction(6_999, 10_000)


def test_the_ratio_percentage() -> None:
    """Treas. Reg. 1.410(b)-2(b)(2)(ii), Examples 1 and 2: 70 % of 100 % passes; 40 % of 60 % is 66.67 % and does not."""
    first, second = Covered(100, 70, 10, 10), Covered(100, 40, 100, 60)
    assert (first.ratio, first.verdict(Fraction(0))) == (Fraction(70, 100), "passed")
    assert second.ratio is not None
    assert round(float(second.ratio), 4) == 0.6667
    assert second.needs_average_benefits()


@pytest.mark.parametrize(
    ("others_in", "ratio", "verdict"),
    [(60, 0.5556, "passed"), (40, 0.3704, "failed"), (45, 0.4167, "facts and circumstances")],
)
def test_the_classification(others_in: int, ratio: float, verdict: str) -> None:
    """Treas. Reg. 1.410(b)-4(c)(5), Examples 1 to 3: 120 of 200 are not highly compensated, 72 of 80 others benefit."""
    covered = Covered(120, others_in, 80, 72)
    assert covered.harbors == (Fraction(1, 2), Fraction(2, 5))
    assert covered.ratio is not None
    assert round(float(covered.ratio), 4) == ratio
    assert covered.verdict(ENOUGH) == verdict
    assert covered.verdict(TOO_LITTLE) == "failed"


def test_the_classification_of_a_large_employer() -> None:
    """Treas. Reg. 1.410(b)-4(c)(5): of 10,000 people 9,600 are not highly compensated: 23 % and 20 %; 20.83 % is between."""
    covered = Covered(9_600, 500, 400, 100)
    assert [float(harbor) for harbor in covered.harbors] == [0.23, 0.20]
    assert covered.verdict(ENOUGH) == "facts and circumstances"


@pytest.mark.parametrize(
    ("of_a_hundred", "safe", "unsafe"),
    [
        (0, 50, 40),
        (60, 50, 40),
        (61, 49.25, 39.25),
        (66, 45.5, 35.5),
        (80, 35, 25),
        (86, 30.5, 20.5),
        (87, 29.75, 20),
        (99, 20.75, 20),
    ],
)
def test_the_table_of_harbors(of_a_hundred: int, safe: float, unsafe: float) -> None:
    """Treas. Reg. 1.410(b)-4(c)(4)(iv), rows of the table."""
    covered = Covered(of_a_hundred, 0, 100 - of_a_hundred, 0)
    assert [float(harbor * 100) for harbor in covered.harbors] == [safe, unsafe]
    assert float(covered.midpoint * 100) == (safe + unsafe) / 2
    # A part of a point does not count.
    assert Covered(6_099, 0, 3_901, 0).harbors == Covered(60, 0, 40, 0).harbors


def test_a_plan_without_highly_compensated_or_without_others_passes() -> None:
    """Treas. Reg. 1.410(b)-2(b)(5) and (6)."""
    assert Covered(10, 0, 5, 0).verdict(Fraction(0)) == "passed"
    assert Covered(0, 0, 5, 5).verdict(None) == "passed"


@pytest.mark.parametrize(
    ("employees", "officers"), [(5, 3), (29, 3), (30, 3), (31, 4), (43, 5), (60, 6), (500, 50), (501, 50), (9_000, 50)]
)
def test_how_many_officers_are_key_employees(employees: int, officers: int) -> None:
    """Treas. Reg. 1.416-1, T-14.

    BenefitsLink: 5 officers among 5 people, 3 of them key (message board, "wholetthedogsout"); 10 % of 43 is 4.3, so 5 (the
    ERISA Outline Book in topic 49018); 60 people, so 6 (topic 13194).
    """
    assert officers_at_most(employees) == officers


def test_sixty_per_cent_is_not_top_heavy_and_more_is() -> None:
    """IRC 416(g)(1)(A)(ii): "exceeds 60 percent"; by hand."""
    assert not is_top_heavy(600, 1_000)
    assert is_top_heavy(601, 1_000)
    assert not is_top_heavy(0, 0)


def test_the_minimum_is_three_per_cent_or_a_key_employees_highest() -> None:
    """IRC 416(c)(2)(A) and (B)(i); by hand: key employees who defer 1.5 % and get nothing leave 1.5 %."""
    assert minimum_rate(Fraction(8, 100)) == Fraction(3, 100)
    assert minimum_rate(Fraction(15, 1_000)) == Fraction(15, 1_000)
    assert minimum_rate(Fraction(0)) == 0


def groups_of(rates: dict[str, float]) -> dict[int, Covered]:
    """The rate groups of people named H or N, by rate."""
    counts = [
        RateCount(hundredths(Fraction(str(rate)) / 100), who.startswith("N"), who.startswith("H"))
        for who, rate in rates.items()
    ]
    return dict(rate_groups(counts))


def test_a_rate_group_of_one_highly_compensated_person_fails() -> None:
    """Treas. Reg. 1.401(a)(4)-2(c)(4), Example 2: all six have 5 %, but H2 has 7.5 %: the ratio percentage of H2's is 0."""
    found = groups_of({"H1": 5, "H2": 7.5, "N1": 5, "N2": 5, "N3": 5, "N4": 5})
    plan = Covered(4, 4, 2, 2)
    assert found[500] == Covered(4, 4, 2, 2)
    assert found[750] == Covered(4, 0, 2, 1)
    assert found[500].rate_group_passes(plan, Fraction(0))
    assert not found[750].rate_group_passes(plan, Fraction(1))


def test_a_rate_group_above_the_midpoint_needs_average_benefits() -> None:
    """Treas. Reg. 1.401(a)(4)-2(c)(4), Example 3: with N4 at 8 % the ratio is 25 % of 50 %; the safe harbor is 45.5 %."""
    found = groups_of({"H1": 5, "H2": 7.5, "N1": 5, "N2": 5, "N3": 5, "N4": 8})
    plan = Covered(4, 4, 2, 2)
    assert found[750].ratio == Fraction(1, 2)
    assert found[750].harbors[0] == Fraction("0.455")
    assert found[750].rate_group_passes(plan, ENOUGH)
    assert not found[750].rate_group_passes(plan, TOO_LITTLE)


def test_a_rate_group_need_not_be_better_than_the_plan() -> None:
    """Treas. Reg. 1.401(a)(4)-2(c)(3)(ii); by hand: concentration 60 %, midpoint 45 %; a plan of 42 % asks for 42 %."""
    plan = Covered(600, 252, 400, 400)
    assert Covered(600, 126, 400, 200).rate_group_passes(plan, ENOUGH)
    assert not Covered(600, 125, 400, 200).rate_group_passes(plan, ENOUGH)
    full = Covered(600, 600, 400, 400)
    assert Covered(600, 135, 400, 200).rate_group_passes(full, ENOUGH)
    assert not Covered(600, 134, 400, 200).rate_group_passes(full, ENOUGH)


def test_annuity_factors_are_those_of_up_1984() -> None:
    """The table of the SOA (831), in advance less 11/24; 95.38 for 1 a month at 65 is the figure known to practitioners."""
    rates = pymort.MortXML.from_id(831).Tables[0].Values["vals"]
    discount = 1 / (1 + float(INTEREST))
    for begins, factor in annuity_factors().items():
        alive, paid = 1.0, 0.0
        for years, age in enumerate(range(begins, int(rates.index.max()) + 1)):
            paid += alive * discount**years
            alive *= 1 - float(rates.loc[age])
        assert factor == pytest.approx(paid - 11 / 24, abs=1e-6)
    assert round(12 * annuity_factors()[65], 2) == 95.38


def test_a_dollar_earlier_buys_more_benefit() -> None:
    """By hand: 3,000 at 45 grow by 1.085^20 = 5.1120 to 15,336.14 and buy 1,929.42 a year: 3.86 % of 50,000."""
    assert 3_000 * benefit_factor(45, 65) == pytest.approx(1_929.42, abs=0.01)
    assert benefit_factor(65, 65) == pytest.approx(1 / 7.948574)
    assert benefit_factor(70, 65) == pytest.approx(1 / annuity_factors()[70])
    assert benefit_factor(119, 65) == benefit_factor(100, 65)
    # A normal retirement age of 55, and nobody buys from before it.
    assert benefit_factor(40, 55) == pytest.approx(1.085**15 / annuity_factors()[55])


@pytest.mark.parametrize(
    ("highest", "rate", "passes"),
    [("0.15", "0.05", True), ("0.12", "0.04", True), ("0.12", "0.0399", False), ("0.30", "0.05", True)],
)
def test_the_gateway(highest: str, rate: str, passes: bool) -> None:
    """Treas. Reg. 1.401(a)(4)-8(b)(1)(vi): a third of the highest rate, or 5 % of pay; by hand."""
    assert passes_gateway(Fraction(highest), Fraction(rate)) is passes


def bands(*rows: tuple[int, int | None, str]) -> list[Band]:
    """Bands with rates in per cent."""
    return [Band(low, high, Fraction(rate) / 100) for low, high, rate in rows]


#: Treas. Reg. 1.401(a)(4)-8(b)(1)(viii), an example of a gradual age schedule: the ratios are 2.00, 1.50, 1.33, 1.33, 1.31.
GRADUAL = bands((0, 25, "3"), (25, 35, "6"), (35, 45, "9"), (45, 55, "12"), (55, 65, "16"), (65, None, "21"))


def test_a_gradual_schedule_needs_no_gateway() -> None:
    """Treas. Reg. 1.401(a)(4)-8(b)(1)(iv)(C) and (D); the steps beside the example by hand."""
    assert is_gradual(GRADUAL, "age")
    assert is_gradual(bands((0, 5, "2"), (5, 10, "3"), (10, None, "4")), "service")
    # By more than 5 points, by more than twice, by a ratio above the one before, by bands of unlike length, downwards.
    assert not is_gradual(bands((0, 25, "10"), (25, None, "15.1")), "age")
    assert not is_gradual(bands((0, 25, "2"), (25, None, "4.1")), "age")
    assert not is_gradual(bands((0, 25, "4"), (25, 35, "5"), (35, None, "7")), "age")
    assert not is_gradual(bands((0, 5, "2"), (5, 15, "3"), (15, None, "4")), "service")
    assert not is_gradual(bands((0, 5, "3"), (5, None, "2")), "service")
    # A first band of ages that ends at 35 is as long as one that begins at 25; one that ends at 40 is longer.
    assert is_gradual(bands((0, 35, "4"), (35, 45, "5"), (45, None, "6")), "age")
    assert not is_gradual(bands((0, 40, "4"), (40, 50, "5"), (50, None, "6")), "age")
