"""Published tables: their figures, and what is refused about them."""

from __future__ import annotations

import numpy as np
import pytest

from planwise_assets.evidence.errors import EvidenceError
from planwise_assets.evidence.published import read_table
from tests.unit.soa_1549 import PRINTED


def probability(name: str, age: int, service: int) -> float:
    table = read_table(name, ("all", "all but retirement", "withdrawal"))
    return float(-np.expm1(-np.exp(table.log_hazard(np.array([age]), np.array([service]))[0])))


@pytest.mark.parametrize(("age", "service", "rates"), PRINTED)
def test_1549_is_four_tables_by_completed_service(age: int, service: int, rates: tuple[float, float]) -> None:
    assert probability("soa-1549", age, service) == pytest.approx(sum(rates) / 2, rel=1e-6)


def test_the_table_of_all_services_is_no_ultimate_one() -> None:
    """At 60 it has .0220, and ten years and more have .0020."""
    assert probability("soa-1549", 60, 30) == pytest.approx(0.002, rel=1e-6)


def test_beyond_a_table_its_edge_holds() -> None:
    assert probability("soa-1549", 75, 30) == probability("soa-1549", 60, 30)


def test_sarasons_tables_are_by_age_alone() -> None:
    assert probability("soa-1926", 20, 0) == probability("soa-1926", 20, 9) == pytest.approx((0.055 + 0.054723) / 2)


def test_a_table_by_duration_is_by_service_less_one() -> None:
    assert probability("soa-1701 by duration of withdrawal", 40, 0) == pytest.approx(0.2)
    assert probability("soa-1701 by duration of withdrawal", 40, 1) == pytest.approx(0.12)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("soa-1701", "nothing says what it is about"),
        ("soa-1701 by age of withdrawal", "has the axis Duration"),
        ("soa-1701 by duration of mortality", "counts mortality, which is not termination"),
        ("soa-1549 by age at entry and duration of all", "is wrong about soa-1549, which is by age of all exits"),
        ("soa-1701 by age at entry and duration of withdrawal", "not a table by age at entry and duration"),
        ("soa-9999 by age of all", "no such table"),
        ("1549", "must be soa- and the number of a table"),
    ],
)
def test_a_wrong_axis_or_an_unknown_table_is_refused(name: str, says: str) -> None:
    with pytest.raises(EvidenceError, match=says):
        read_table(name, ("all", "withdrawal"))


def test_a_wrong_cause_is_refused() -> None:
    with pytest.raises(EvidenceError, match="counts all exits"):
        read_table("soa-1549", ("withdrawal",))
