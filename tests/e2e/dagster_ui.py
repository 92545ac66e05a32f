"""The real UI and daemon of a study, started by `planwise ui`, and what the browser says to them: GraphQL over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from planwise_assets.steps import YEAR_VALIDATION
from tests.e2e.installation import Installation, command

REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "planwise"}
FINISHED = {"SUCCESS", "FAILURE", "CANCELED"}

_START_SECONDS = 180
_ANSWER_SECONDS = 60
_STOP_SECONDS = 20

T = TypeVar("T")


@dataclass(frozen=True)
class DagsterUi:
    """A running UI."""

    port: int

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Sends a query or mutation; an error in the answer fails the test."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:  # noqa: S310 - our own server
            answer = json.load(response)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def launch_year(self, year: int) -> str:
        """What the job page's button does for one year.

        Returns:
            The run's id.
        """
        launched = self.ask(
            """mutation ($execution: ExecutionParams!) {
                launchPipelineExecution(executionParams: $execution) {
                    __typename
                    ... on LaunchRunSuccess { run { runId } }
                    ... on PythonError { message }
                }
            }""",
            execution={
                "selector": {**REPOSITORY, "jobName": "simulate_year"},
                "mode": "default",
                "runConfigData": {},
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": str(year)}]},
            },
        )["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def launch_backfill(self, years: list[int], **what: Any) -> str:
        """A backfill of these years.

        Args:
            years: The simulation years.
            what: `selector` of a partition set for a job's backfill, `assetSelection` for one from the asset graph.

        Returns:
            The backfill's id.
        """
        launched = self.ask(
            """mutation ($backfill: LaunchBackfillParams!) {
                launchPartitionBackfill(backfillParams: $backfill) {
                    __typename
                    ... on LaunchBackfillSuccess { backfillId }
                    ... on PythonError { message }
                }
            }""",
            backfill={"partitionNames": [str(year) for year in years], **what},
        )["launchPartitionBackfill"]
        assert launched["__typename"] == "LaunchBackfillSuccess", launched
        return str(launched["backfillId"])

    def run_status(self, run_id: str) -> str:
        """`QUEUED`, `STARTED`, `SUCCESS` and so on."""
        return str(
            self.ask("query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)["runOrError"][
                "status"
            ]
        )

    def wait_for_run(self, run_id: str, seconds: float) -> str:
        """The run's final status."""
        return wait_for(
            lambda: status if (status := self.run_status(run_id)) in FINISHED else None, seconds, f"run {run_id}"
        )

    def wait_for_backfill(self, backfill_id: str, seconds: float) -> str:
        """The backfill's final status."""
        query = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"

        def status() -> str | None:
            now = str(self.ask(query, id=backfill_id)["partitionBackfillOrError"]["status"])
            return now if now.startswith("COMPLETED") or now in ("FAILED", "CANCELED") else None

        return wait_for(status, seconds, f"backfill {backfill_id}")

    def asset_keys(self) -> list[str]:
        """The assets of a simulated year: all that can be materialized but the check-up, which job validate_year makes."""
        nodes = self.ask("{ assetNodes { isMaterializable assetKey { path } } }")["assetNodes"]
        found = {node["assetKey"]["path"][-1] for node in nodes if node["isMaterializable"]}
        return sorted(found - {YEAR_VALIDATION.name})

    def readers(self, asset: str) -> set[str]:
        """The assets that read an asset directly."""
        query = """query ($key: AssetKeyInput!) {
            assetNodeOrError(assetKey: $key) { ... on AssetNode { dependedByKeys { path } } }
        }"""
        node = self.ask(query, key={"path": [asset]})["assetNodeOrError"]
        return {key["path"][-1] for key in node["dependedByKeys"]}

    def stale_status(self, years: list[int]) -> dict[str, dict[int, str]]:
        """By asset and year: `FRESH`, `STALE` or `MISSING`, as the partitions of the UI show it."""
        nodes = self.ask(
            """query ($years: [String!]!, $keys: [AssetKeyInput!]!) {
                assetNodes(assetKeys: $keys) { assetKey { path } staleStatusByPartition(partitions: $years) }
            }""",
            years=[str(year) for year in years],
            keys=[{"path": [key]} for key in self.asset_keys()],
        )["assetNodes"]
        return {
            node["assetKey"]["path"][-1]: dict(zip(years, node["staleStatusByPartition"], strict=True)) for node in nodes
        }

    def stale_causes(self, asset: str, year: int) -> list[tuple[str, str]]:
        """Why a partition is stale: the asset that is the cause, and the reason in words."""
        node = self.ask(
            """query ($year: String!, $key: AssetKeyInput!) {
                assetNodeOrError(assetKey: $key) {
                    ... on AssetNode { staleCauses(partition: $year) { key { path } reason } }
                }
            }""",
            year=str(year),
            key={"path": [asset]},
        )["assetNodeOrError"]
        return [(cause["key"]["path"][-1], cause["reason"]) for cause in node["staleCauses"]]

    def record(self) -> dict[str, Any]:
        """What the catalog shows of each asset: partitions that are there or have failed, and how each check last ended."""
        nodes = self.ask(
            """query ($keys: [AssetKeyInput!]!) {
                assetNodes(assetKeys: $keys) {
                    assetKey { path }
                    partitionStats { numMaterialized numFailed numMaterializing }
                    assetChecksOrError {
                        ... on AssetChecks { checks { name executionForLatestMaterialization { status runId } } }
                    }
                }
            }""",
            keys=[{"path": [key]} for key in self.asset_keys()],
        )["assetNodes"]
        return {node["assetKey"]["path"][-1]: node for node in nodes}

    def ticks(self, automation: str) -> list[dict[str, Any]]:
        """What a schedule or sensor did, the newest first: `status`, `skipReason`, `runIds`."""
        found = self.ask(
            """query ($repository: RepositorySelector!) {
                repositoryOrError(repositorySelector: $repository) { ... on Repository {
                    schedules { name scheduleState { ticks { status skipReason runIds } } }
                    sensors { name sensorState { ticks { status skipReason runIds } } } } }
            }""",
            repository=REPOSITORY,
        )["repositoryOrError"]
        states = {each["name"]: each["scheduleState"] for each in found["schedules"]}
        states |= {each["name"]: each["sensorState"] for each in found["sensors"]}
        ticks: list[dict[str, Any]] = states[automation]["ticks"]
        return ticks

    def reload(self) -> None:
        """What the button "Reload definitions" does."""
        reloaded = self.ask(
            """mutation { reloadRepositoryLocation(repositoryLocationName: "planwise") {
                __typename
                ... on WorkspaceLocationEntry { locationOrLoadError { __typename ... on PythonError { message } } }
            } }"""
        )["reloadRepositoryLocation"]
        assert reloaded["locationOrLoadError"]["__typename"] == "RepositoryLocation", reloaded


@contextmanager
def dagster_ui(made: Installation, *, executor: str = "in_process", **variables: str) -> Iterator[DagsterUi]:
    """UI and daemon of a study, with further environment variables, until the test is done with them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (made.folder / "ui.log").open("wb") as log:
        process = subprocess.Popen(
            [command("planwise"), "ui", "--port", str(port)],
            env={**made.environment(executor=executor, has_dagster_home=False), **variables},
            cwd=made.folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        ui = DagsterUi(port)

        def is_loaded() -> bool:
            assert process.poll() is None, (made.folder / "ui.log").read_text()
            try:
                return ui.asset_keys() != []
            except (urllib.error.URLError, ConnectionError):
                return False

        try:
            wait_for(is_loaded, _START_SECONDS, "the UI")
            yield ui
        finally:
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_STOP_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(found: Callable[[], T | None], seconds: float, what: str) -> T:
    """Asks until there is an answer. Time out is the test's failure, not its measure."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.5)
    raise TimeoutError(f"{what}: not after {seconds:.0f} s")
