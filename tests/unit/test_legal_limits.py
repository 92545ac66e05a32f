"""Legal limits: announced as the IRS and SSA did, projected by the statute's rule, overridden year by year."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from planwise_assets.study.law import legal_limits
from planwise_assets.study.law.legal_limits import RULES, announced, by_rule, indexes, limit_of, limits_in_force, projected
from planwise_assets.study.sections.limits import REFERENCE_ONLY, Limits, Overrides

SHIPPED = Limits()


def limits(**overrides: dict[int, int]) -> Limits:
    return Limits(overrides=Overrides.model_validate(overrides))


def test_the_rule_reproduces_every_announced_value_of_2018_to_2026() -> None:
    """The statutory rule from its unrounded base, against 67 values of IRS notices and SSA."""
    wrong = {
        key: (row.value_cents // 100, by_rule(*key, SHIPPED, 2018))
        for key, row in announced().items()
        if row.value_cents // 100 != by_rule(*key, SHIPPED, 2018)
    }
    assert wrong == {}
    # Six limits of the IRS and the wage base for nine years, HCE likewise, 60-63 and Roth wages for two.
    assert Counter(name for name, _ in announced()) == {
        **dict.fromkeys(RULES, 9),
        "catch_up_60_63_414v": 2,
        "roth_catch_up_wages_414v7": 2,
    }


def test_every_announced_value_is_dated_and_cited() -> None:
    path = Path(legal_limits.__file__).with_name("legal_limits.csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["limit", "measured_year", "applies_year", "value", "status", "citation"]
    for row in rows:
        assert row["citation"].startswith(("IRC ", "42 USC")), row
        shift = RULES[row["limit"]].shift
        assert int(row["applies_year"]) == int(row["measured_year"]) + shift, row
    for values in indexes().values():
        assert all(value > 0 for value in values.values())


# Projected at 2.5 % a year (facts: 402(g) 25,000, catch-up 8,000, 60-63 11,750, 415(c) 74,000, pay 370,000, HCE 165,000).
@pytest.mark.parametrize(
    ("name", "applies_year", "dollars"),
    [
        ("elective_deferral_402g", 2027, 25_000),
        ("catch_up_414v", 2027, 8_000),
        ("catch_up_60_63_414v", 2027, 11_750),
        ("annual_additions_415c", 2027, 74_000),
        ("compensation_401a17", 2027, 370_000),
        # Measured in 2027.
        ("hce_compensation_414q", 2028, 165_000),
    ],
)
def test_the_projection_of_2027(name: str, applies_year: int, dollars: int) -> None:
    limit = limit_of(name, applies_year, SHIPPED, 2025)
    assert (limit.value_cents, limit.status) == (dollars * 100, "projected")
    assert limit.measured_year == applies_year - RULES[name].shift
    assert "projected by its rule" in limit.citation


def test_an_announced_limit_keeps_its_notice() -> None:
    limit = limit_of("hce_compensation_414q", 2026, SHIPPED, 2025)
    assert (limit.measured_year, limit.value_cents, limit.status) == (2025, 16_000_000, "announced")
    assert "Notice 2024-80" in limit.citation


def test_the_projection_does_not_freeze_and_never_falls() -> None:
    catch_up = [projected("catch_up_414v", year, SHIPPED, 2025) for year in range(2027, 2041)]
    # Compounding the rounded 8,000 by 2.5 % and rounding down to 500 would stay at 8,000 for ever.
    assert catch_up[-1] > 10_000
    assert catch_up == sorted(catch_up)
    falling = Limits(cpi=Decimal("-0.1"), wage_index=Decimal("-0.1"))
    for name in RULES:
        first = limit_of(name, 2027, falling, 2025).value_cents
        assert first >= limit_of(name, 2026, falling, 2025).value_cents
        assert limit_of(name, 2033, falling, 2025).value_cents >= first


def test_growth_by_year_holds_from_its_year_on() -> None:
    growth = Limits(cpi={2026: Decimal(0), 2027: Decimal("0.10")})  # type: ignore[arg-type]
    # No rise in 2026: the 24,682 that 2026 had before rounding. Then 24,682 x 1.1 = 27,150.
    assert projected("elective_deferral_402g", 2027, growth, 2026) == 24_500
    assert projected("elective_deferral_402g", 2028, growth, 2026) == 27_000


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_an_override_of_one_year_leaves_the_others_alone(year: int) -> None:
    own = limits(elective_deferral_402g={year: 30_000})
    for other in range(2025, 2035):
        limit = limit_of("elective_deferral_402g", other, own, 2025)
        if other == year:
            assert (limit.value_cents, limit.status) == (3_000_000, "override")
        else:
            assert limit == limit_of("elective_deferral_402g", other, SHIPPED, 2025)


def test_the_limits_in_force_are_this_years_and_what_this_year_measures() -> None:
    keys = [(limit.limit_name, limit.applies_year) for limit in limits_in_force(SHIPPED, 2026, 2025)]
    assert Counter(keys).most_common(1)[0][1] == 1
    assert {name for name, _ in keys} == set(RULES) - REFERENCE_ONLY
    assert set(Overrides.model_fields) == set(RULES) - REFERENCE_ONLY
    assert {(name, year) for name, year in keys if year == 2027} == {
        ("hce_compensation_414q", 2027),
        ("roth_catch_up_wages_414v7", 2027),
    }


def test_a_limit_does_not_apply_before_its_law() -> None:
    names = {year: {limit.limit_name for limit in limits_in_force(SHIPPED, year, year)} for year in (2024, 2025)}
    assert "catch_up_60_63_414v" not in names[2024]
    assert "catch_up_60_63_414v" in names[2025]
    applies = {
        year
        for year in (2024, 2025)
        for limit in limits_in_force(SHIPPED, year, year)
        if "roth" in limit.limit_name
        for year in (limit.applies_year,)
    }
    # The wages of 2025 decide 2026, the first year that is enforced (IRS Notice 2023-62).
    assert applies == {2026}


def test_a_limit_with_neither_row_nor_rule_is_refused_unless_the_study_gives_it() -> None:
    with pytest.raises(legal_limits.NoLimitError, match="have no elective_deferral_402g for 2014"):
        limit_of("elective_deferral_402g", 2014, SHIPPED, 2014)
    given = limit_of("elective_deferral_402g", 2014, limits(elective_deferral_402g={2014: 17_500}), 2014)
    assert given.value_cents == 1_750_000
