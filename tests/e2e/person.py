"""What a person does in Dagster's UI: with a real browser, or, where there is none, by the requests that the pages send.

Belongs here: pages and buttons of Dagster's UI. Does not: the browser (browser.py), what is expected (the tests).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.e2e.browser import Page, browser, chromium
from tests.e2e.dagster_ui import REPOSITORY, DagsterUi, wait_for

_BACKFILLS = "{ partitionBackfillsOrError(limit: 50) { ... on PartitionBackfills { results { id } } } }"
_LATEST = """query ($key: AssetKeyInput!, $year: [String!]) { assetOrError(assetKey: $key) { ... on Asset {
    assetMaterializations(limit: 1, partitions: $year) { metadataEntries {
        __typename label ... on MarkdownMetadataEntry { mdStr } } } } } }"""
_NUMBERS = {"IntMetadataEntry", "FloatMetadataEntry"}


class Person(Protocol):
    """Somebody who uses the UI."""

    def launch_from_job(self, which: str) -> str:
        """A backfill from the job's page, of the years `All` or `Failed`; its id."""

    def launch_from_graph(self) -> str:
        """A backfill of all assets and years from the asset graph; its id."""

    def launch_from_asset(self, asset: str) -> str:
        """A backfill of one asset, all years, from its page; its id."""

    def switch_on(self, kind: str, automation: str) -> None:
        """The switch of one of the `schedules` or `sensors`."""

    def groups(self) -> Sequence[str]:
        """The asset groups of the graph."""

    def plotted(self, asset: str) -> set[str]:
        """The figures of which an asset's page draws a line over the years."""

    def check(self, asset: str) -> str:
        """What the page of an asset's checks says."""

    def overview(self) -> str:
        """What the overview of the last year says."""


@contextmanager
def somebody(ui: DagsterUi, years: Sequence[int], folder: Path) -> Iterator[Person]:
    """A person with a browser where the machine has one."""
    if chromium() is None:
        yield WithoutBrowser(ui, years)
        return
    with browser(folder / "profile") as page:
        yield InBrowser(ui, years, page, folder)


@dataclass
class InBrowser:
    """Clicks and reads; leaves a picture of each page in `folder`."""

    ui: DagsterUi
    years: Sequence[int]
    page: Page
    folder: Path

    def launch_from_job(self, which: str) -> str:
        """See Person."""
        self._open("/locations/planwise/jobs/simulate_year/partitions", "Backfill history")
        return self._launch("Materialize…", which, "job")

    def launch_from_graph(self) -> str:
        """See Person."""
        shown = self._open("/asset-groups", "Materialize all (")
        button = re.search(r"Materialize all \(\d+\)…", shown)
        assert button, shown
        return self._launch(button[0], "All", "graph")

    def launch_from_asset(self, asset: str) -> str:
        """See Person."""
        self._open(f"/assets/{asset}?view=overview", "Source code", "Column name")
        return self._launch("Materialize…", "All", "asset")

    def switch_on(self, kind: str, automation: str) -> None:
        """See Person."""
        self._open(f"/locations/planwise/{kind}/{automation}", automation, "Latest tick")
        self.page.click("", tag="label[class*=formatSwitch]")
        self.page.picture(self.folder / f"{automation}.png")

    def groups(self) -> Sequence[str]:
        """See Person."""
        shown = self._open("/asset-groups", "Global asset lineage", "final_output")
        self.page.picture(self.folder / "groups.png")
        return shown.split()

    def plotted(self, asset: str) -> set[str]:
        """See Person."""
        self._open(f"/assets/{asset}?view=overview", "Source code", "Column name")
        self.page.click("Plots")
        # A plot's title stands above its axis of partitions.
        shown = self.page.wait_for_text("participation (baseline)", "dagster/row_count", str(self.years[-1]))
        assert self.page.evaluate("document.querySelectorAll('canvas').length") > 1
        self.page.picture(self.folder / "plots.png")
        return set(shown.splitlines())

    def check(self, asset: str) -> str:
        """See Person."""
        self._open(f"/assets/{asset}?view=checks", "rules")
        shown = self.page.wait_for_text("Latest execution", "tests_run")
        self.page.picture(self.folder / "check.png")
        return shown

    def overview(self) -> str:
        """See Person."""
        self._open(f"/assets/warehouse?partition={self.years[-1]}&view=partitions", "[Show Markdown]")
        self.page.click("[Show Markdown]", tag="button, a, span, div")
        shown = self.page.wait_for_text("The workforce")
        self.page.picture(self.folder / "overview.png")
        # The charts are a picture in the page: it must have been drawn, not only be there.
        assert self.page.evaluate(
            "[...document.images].some(i => i.src.startsWith('data:image/svg') && i.naturalWidth > 300)"
        )
        return shown

    def _open(self, path: str, *wanted: str) -> str:
        self.page.open(f"http://127.0.0.1:{self.ui.port}{path}")
        return self.page.wait_for_text(*wanted)

    def _launch(self, button: str, which: str, name: str) -> str:
        before = _backfills(self.ui)
        wait_for(lambda: self._chosen(button, which), 120, f"{which} of the partitions chosen")
        self.page.picture(self.folder / f"{name}_{which}.png")
        self.page.click("Launch backfill")
        return wait_for(lambda: next(iter(_backfills(self.ui) - before), None), 60, "the backfill that was clicked")

    def _chosen(self, button: str, which: str) -> bool:
        """Opens the dialog and chooses; one that did not know the partitions yet is closed, to be opened again."""
        self.page.click(button)
        self.page.wait_for_text("Partition selection")
        time.sleep(2)
        self.page.click(which)
        time.sleep(1)
        if "\n0 partitions\n" not in self.page.text():
            return True
        self.page.click("Cancel")
        return False


@dataclass
class WithoutBrowser:
    """Asks what the pages ask."""

    ui: DagsterUi
    years: Sequence[int]

    def launch_from_job(self, which: str) -> str:
        """See Person."""
        chosen = [year for year in self.years if which == "All" or self._last_status(year) == "FAILURE"]
        selector = {"repositorySelector": REPOSITORY, "partitionSetName": "simulate_year_partition_set"}
        return self.ui.launch_backfill(chosen, selector=selector)

    def launch_from_graph(self) -> str:
        """See Person."""
        assets = [{"path": [key]} for key in self.ui.asset_keys()]
        return self.ui.launch_backfill(list(self.years), assetSelection=assets)

    def launch_from_asset(self, asset: str) -> str:
        """See Person."""
        return self.ui.launch_backfill(list(self.years), assetSelection=[{"path": [asset]}])

    def switch_on(self, kind: str, automation: str) -> None:
        """See Person."""
        one = kind.removesuffix("s")
        self.ui.ask(
            f"mutation ($selector: {one.title()}Selector!) {{"
            f" start{one.title()}({one}Selector: $selector) {{ __typename }} }}",
            selector={**REPOSITORY, f"{one}Name": automation},
        )

    def groups(self) -> Sequence[str]:
        """See Person."""
        return [node["groupName"] for node in self.ui.ask("{ assetNodes { groupName } }")["assetNodes"]]

    def plotted(self, asset: str) -> set[str]:
        """See Person."""
        return {entry["label"] for entry in self._metadata(asset) if entry["__typename"] in _NUMBERS}

    def check(self, asset: str) -> str:
        """See Person."""
        query = """query ($key: AssetKeyInput!) { assetCheckExecutions(assetKey: $key, checkName: "rules", limit: 1) {
            status evaluation { metadataEntries { label } } } }"""
        (latest,) = self.ui.ask(query, key={"path": [asset]})["assetCheckExecutions"]
        assert latest["status"] == "SUCCEEDED"
        return " ".join(entry["label"] for entry in latest["evaluation"]["metadataEntries"])

    def overview(self) -> str:
        """See Person."""
        return next(entry["mdStr"] for entry in self._metadata("warehouse") if entry["label"] == "overview")

    def _metadata(self, asset: str) -> list[dict[str, Any]]:
        found = self.ui.ask(_LATEST, key={"path": [asset]}, year=[str(self.years[-1])])
        entries: list[dict[str, Any]] = found["assetOrError"]["assetMaterializations"][0]["metadataEntries"]
        return entries

    def _last_status(self, year: int) -> str:
        query = """query ($filter: RunsFilter!) { runsOrError(filter: $filter, limit: 1) {
            ... on Runs { results { status } } } }"""
        tags = [{"key": "dagster/partition", "value": str(year)}]
        return str(self.ui.ask(query, filter={"tags": tags})["runsOrError"]["results"][0]["status"])


def _backfills(ui: DagsterUi) -> set[str]:
    return {found["id"] for found in ui.ask(_BACKFILLS)["partitionBackfillsOrError"]["results"]}
