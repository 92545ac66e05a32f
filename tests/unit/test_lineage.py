"""Columns followed through SQL, on queries whose answer is plain to read, and on the project's own models."""

from __future__ import annotations

from pathlib import Path

import pytest

from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings
from resources.dbt.lineage import column_lineage

TABLES = {
    "people": {"id": "varchar", "pay": "bigint", "level": "integer"},
    "raises": {"id": "varchar", "raise": "bigint"},
}
JOINED = """
with raised as (
    select people.*, people.pay + raises.raise as new_pay
    from people left join raises on people.id = raises.id
    where people.level > 1
)
select id, new_pay, new_pay - pay as more, count(*) over () as everybody, 'USD' as currency from raised
"""
BY_NAME = """
with both as (
    select id, pay from people
    union all by name
    select raise as pay, level as seen, id from raises inner join people using (id)
)
select id, pay, seen from both
"""


def test_a_value_is_followed_and_a_filter_is_not() -> None:
    assert column_lineage(JOINED, ["id", "new_pay", "more", "everybody", "currency"], TABLES) == {
        "id": [("people", "id")],
        "new_pay": [("people", "pay"), ("raises", "raise")],
        "more": [("people", "pay"), ("raises", "raise")],
        "everybody": [],
        "currency": [],
    }


def test_columns_of_a_union_by_name_meet_by_name() -> None:
    found = column_lineage(BY_NAME, ["pay", "seen"], TABLES)
    assert found == {"pay": [("people", "pay"), ("raises", "raise")], "seen": [("people", "level")]}


@pytest.fixture(scope="module")
def project() -> Project:
    settings = Settings(home=PROJECT_ROOT / "var", study_file=Path(PROJECT_ROOT / "studies" / "tiny.yaml"))
    return Project.load(settings)


def test_every_column_of_every_model_is_followed(project: Project) -> None:
    """What has no source is a constant, a count or a position; all others name columns that there are."""
    lineage = project.dbt.column_lineage
    assert {name: list(columns) for name, columns in lineage.items()} == {
        name: list(node["columns"]) for name, node in project.dbt.models.items()
    }
    columns = {(relation.made_by, column) for relation in project.dbt.relations.values() for column in relation.columns}
    assert {source for found in lineage.values() for sources in found.values() for source in map(tuple, sources)} <= columns
    assert {f"{model}.{column}" for model, found in lineage.items() for column, sources in found.items() if not sources} == {
        "dim_hazards.hazard",
        "fct_compensation_growth.headcount",
        "fct_compensation_growth.method",
        "fct_plan_cost.headcount_opening",
        "fct_yearly_events.event_sequence",
        "int_hiring_needs_by_level.hires",
        "int_hiring_needs_by_level.opening_headcount",
        "int_raise_events.raise_type",
        "int_workforce_needs.opening_headcount",
        "stg_census_rejects.column_name",
        "stg_census_rejects.reason",
    }


def test_the_shown_lineage_is_the_models_own(project: Project) -> None:
    """By hand, from fct_workforce_snapshot.sql, fct_yearly_events.sql and its forfeitures (macros/workforce/events.sql)."""
    snapshot = project.dbt.column_lineage["fct_workforce_snapshot"]
    assert snapshot["annual_compensation"] == [["int_closing_workforce", "closing_rate_cents"]]
    assert project.dbt.column_lineage["fct_yearly_events"]["effective_date"] == [
        ["compensation_changes", "segment_start"],
        ["int_vesting_forfeitures", "forfeiture_date"],
        ["plan_enrollments", "segment_start"],
        ["workforce_events", "effective_date"],
    ]
