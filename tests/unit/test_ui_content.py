"""What people see of an asset in the UI: place in the year, links to its code, charts and tables in its metadata.

The drawing is read back as the XML that a browser would get; the expected points follow from the scale by hand.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import dagster as dg
import pytest

from planwise_assets.definitions import build_defs
from planwise_assets.project import Project
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.steps import STAGES
from planwise_assets.ui.charts import charts, figure_text, table
from planwise_assets.ui.code_links import code_links
from planwise_assets.ui.fact_history import with_history

SVG = "{http://www.w3.org/2000/svg}"
SETTINGS = Settings(home=PROJECT_ROOT / "var", study_file=PROJECT_ROOT / "studies" / "tiny.yaml")


def drawn(markdown: str) -> ElementTree.Element:
    found = re.search(r"base64,([^)]+)\)", markdown)
    assert found
    return ElementTree.fromstring(base64.b64decode(found[1]))  # noqa: S314 - our own drawing


def points(picture: ElementTree.Element) -> list[list[tuple[float, float]]]:
    lines = [line.attrib["points"].split() for line in picture.iter(f"{SVG}polyline")]
    return [[(float(x), float(y)) for x, y in (point.split(",") for point in line)] for line in lines]


def test_a_chart_goes_from_its_lowest_to_its_highest_value() -> None:
    picture = drawn(charts({"cost": {"a": {2025: 10.0, 2026: 20.0, 2027: 15.0}, "b": {2025: 20.0, 2027: 10.0}}}))
    assert points(picture) == [[(66.0, 92.0), (157.0, 20.0), (248.0, 56.0)], [(66.0, 20.0), (248.0, 92.0)]]
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert texts == ["cost", "20", "10", "2025", "2027", "a", "b"]


@pytest.mark.parametrize("values", [{2025: 5.0, 2026: 5.0}, {2025: 0.0}, {2025: -1e12, 2026: 1e12}, {}])
def test_a_chart_of_hardly_anything_stays_inside(values: dict[int, float]) -> None:
    for line in points(drawn(charts({"x": {"a": values}}))):
        assert all(66 <= x <= 248 and 20 <= y <= 92 for x, y in line)


def test_names_cannot_break_a_page() -> None:
    texts = [text.text for text in drawn(charts({"<b>": {"a & b": {2025: 1.0}}})).iter(f"{SVG}text")]
    assert (texts[0], texts[-1]) == ("<b>", "a & b")
    assert table(["scenario", "year"], [["a|b", "2025"]]).splitlines()[2] == "| a\\|b | 2025 |"


@pytest.mark.parametrize(("value", "text"), [(0.75432, "75.43%"), (1.0, "1"), (1234567.4, "1,234,567"), (0.0, "0")])
def test_figures_are_written_as_people_read_them(value: float, text: str) -> None:
    assert figure_text(value) == text


def test_a_fact_shows_the_years_before_it_and_none_after(tmp_path: Path) -> None:
    project = replace(Project.load(SETTINGS), settings=replace(SETTINGS, home=tmp_path))
    for year, hires in ((2025, 3.0), (2026, 4.0), (2027, 5.0), (2026, 6.0)):
        shown = with_history(project, "fct_yearly_events", year, {"hires (baseline)": hires})
    assert shown["hires (baseline)"] == 6.0
    page = shown["over_the_years"].value
    assert [row for row in page.splitlines() if row.startswith("| baseline")] == [
        "| baseline | 2025 | 3 |",
        "| baseline | 2026 | 6 |",
    ]
    assert with_history(project, "stg_census", 2025, {}) == {}


def test_a_column_says_what_it_is_made_from() -> None:
    specs = {spec.key.to_user_string(): spec for spec in build_defs(SETTINGS).resolve_all_asset_specs()}

    def said(asset: str, name: str) -> str:
        columns = specs[asset].metadata["dagster/column_schema"].columns
        return next(column.description for column in columns if column.name == name)

    snapshot = "fct_workforce_snapshot"
    assert said(snapshot, "annual_compensation").endswith("Made from closing_rate_cents of int_closing_workforce.")
    assert said(snapshot, "is_hce").endswith("Made from hce_reason of int_highly_compensated.")
    assert said("int_highly_compensated", "hce_reason").endswith(
        "Made from owner_5pct, prior_paid_cents, was_owner_5pct of int_opening_workforce;"
        " hce_compensation_cents of stg_legal_limits."
    )
    deps = specs[snapshot].metadata["dagster/column_lineage"].deps_by_column["annual_compensation"]
    assert deps == [dg.TableColumnDep("int_closing_workforce", "closing_rate_cents")]


def test_every_asset_has_its_place_and_its_code() -> None:
    specs = {spec.key.to_user_string(): spec for spec in build_defs(SETTINGS).resolve_all_asset_specs()}
    del specs["opening_workforce"]
    for name, spec in specs.items():
        assert spec.tags["planwise/stage"] in STAGES.values(), name
        links = spec.metadata["dagster/code_references"].code_references
        assert links, name
        assert all(Path(link.file_path).is_file() for link in links), name
    assert specs["fct_plan_cost"].tags["planwise/stage"] == "12-final_output"
    assert [*STAGES.values()] == sorted(STAGES.values())


def test_on_a_server_the_code_is_where_the_repository_is() -> None:
    settings = replace(SETTINGS, source_url="https://example.com/planwise/blob/main")
    (link,) = code_links(settings, "dbt_project/models/hazards/dim_hazards.sql")["dagster/code_references"].code_references
    assert isinstance(link, dg.UrlCodeReference)
    assert link.url == "https://example.com/planwise/blob/main/dbt_project/models/hazards/dim_hazards.sql"
