"""The default study gives the golden totals, to the cent.

Where the expected numbers come from: `tests/golden/default_study.csv`, an earlier run, rewritten on purpose with
`make golden` in a commit that says which rule changed. That the rules are right is for the other tests.
"""

from __future__ import annotations

from pathlib import Path

from tests import golden

WAS = """scenario_id,seed,simulation_year,hires,payroll
baseline,42,2025,812,100.00
baseline,42,2026,815,103.10
"""


def test_default_study_gives_the_golden_totals(tmp_path: Path) -> None:
    changed = golden.differences(golden.GOLDEN.read_text(encoding="utf-8"), golden.totals(tmp_path))
    assert not changed, "\n".join([*changed, "If a rule changed on purpose: make golden, and say in the commit which."])


def test_a_difference_of_a_cent_is_named_with_its_world_and_year() -> None:
    now = WAS.replace("103.10", "103.11")
    assert golden.differences(WAS, now) == ["baseline 42 2026 payroll: 103.10 -> 103.11"]
    assert golden.differences(WAS, WAS) == []


def test_a_year_more_or_less_is_a_difference() -> None:
    shorter = "\n".join(WAS.splitlines()[:2])
    assert golden.differences(WAS, shorter) == [
        "baseline 42 2026 hires: 815 -> none",
        "baseline 42 2026 payroll: 103.10 -> none",
    ]
    assert golden.differences(shorter, WAS) == [
        "baseline 42 2026 hires: none -> 815",
        "baseline 42 2026 payroll: none -> 103.10",
    ]
