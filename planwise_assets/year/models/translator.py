"""The dbt models in Dagster's terms: keys, descriptions, links, checks.

Belongs here: what an asset of a model says of itself. Does not: running it (group_assets.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from planwise_assets.partitions import simulation_years
from planwise_assets.project import Project
from planwise_assets.steps import STAGES
from planwise_assets.ui.code_links import code_links
from planwise_assets.year.session import OWNER
from planwise_assets.year.validation.checks import Check


class PlanwiseTranslator(DagsterDbtTranslator):
    """Keys, descriptions and checks of the dbt models in Dagster's terms."""

    def __init__(self, project: Project, checks: Sequence[Check]) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._dbt = project.dbt
        self._lake = project.lake
        self._years = simulation_years(project.first_year, project.last_year)
        self._checks = {test.name: check for check in checks for test in check.tests}
        self._environment = project.settings

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """Models and operations by their name; a source table by the asset that writes it."""
        return dg.AssetKey(self._dbt.relations[dbt_resource_props["unique_id"]].made_by)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The model's own description; its SQL is one click away in the code."""
        return str(dbt_resource_props["description"])

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """The columns, and where the files are: the name of a table in dbt's own session would lead nowhere."""
        metadata = dict(super().get_metadata(dbt_resource_props))
        metadata.pop("dagster/table_name", None)
        source = f"dbt_project/{dbt_resource_props['original_file_path']}"
        links = code_links(self._environment, source, str(Path(source).with_suffix(".yml")))
        return {**metadata, "dagster/uri": str(self._lake.folder(dbt_resource_props["name"])), **links}

    def get_tags(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, str]:
        """Where in the year the model is made."""
        group = dbt_resource_props.get("group")
        return {**super().get_tags(dbt_resource_props), **({"planwise/stage": STAGES[group]} if group in STAGES else {})}

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """One team owns all of it."""
        return [OWNER]

    def get_code_version(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The compiled SQL's hash: a changed macro is a changed model, a changed comment is not."""
        return self._dbt.code_hashes.get(dbt_resource_props["unique_id"])

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetCheckSpec | None:
        """Few checks stand for all tests (planwise_assets/year/validation/checks.py)."""
        check = self._checks.get(manifest["nodes"][unique_id]["name"])
        if check is None:
            return None
        return dg.AssetCheckSpec(
            check.name, asset=check.asset, blocking=True, description=check.description, partitions_def=self._years
        )
