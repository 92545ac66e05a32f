"""What steps may use: never more together than the study allows, on any machine, whatever is launched together.

Where the expectations come from: docs/performance.md, The budget. The graph is that of the job itself; the sets are
all that the executor admits.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from planwise_assets import steps as groups
from planwise_assets.allocation import RUN_MEMORY_GB, RUN_THREADS, SMALLEST_SLOT_GB, Allocation, AllocationError, StepLimits
from planwise_assets.automation.jobs import SIMULATE_YEAR
from planwise_assets.definitions import build_defs
from planwise_assets.settings import PROJECT_ROOT, Settings
from planwise_assets.study.schema import PROFILES, Resources
from resources.duckdb.sessions import PlanwiseDuckDB
from resources.process.machine import Machine

BIG = Machine(cores=64, memory_gb=256, available_gb=200)
TWO_CORES = Machine(cores=2, memory_gb=8, available_gb=6)

BUDGETS = [
    *({"profile": name} for name in PROFILES),
    *({"memory_gb": memory, "threads": threads} for memory in (1, 2, 4, 8) for threads in (1, 2, 4, 8)),
]

TABLE = {
    step.name: step
    for step in (
        groups.YEAR_SETUP,
        *groups.GROUPS,
        *groups.OPERATIONS,
        groups.WORKFORCE_STATE,
        groups.WAREHOUSE,
        groups.YEAR_PERFORMANCE,
    )
}


@pytest.fixture(scope="module")
def edges() -> dict[str, set[str]]:
    """Each step of the resolved job, with the steps that it waits for directly."""
    defs = build_defs(Settings(home=PROJECT_ROOT / "var", study_file=PROJECT_ROOT / "studies" / "tiny.yaml"))
    graph = defs.resolve_job_def(SIMULATE_YEAR).graph
    structure = graph.dependency_structure
    return {
        name: {
            output.node_name for outputs in structure.input_to_upstream_outputs_for_node(name).values() for output in outputs
        }
        for name in graph.node_names()
    }


def together(edges: dict[str, set[str]], allocation: Allocation) -> list[tuple[str, ...]]:
    """All sets of steps that the executor may run at once: no direct edge in them, and inside its limits."""
    config = allocation.executor_config
    tags = {name: allocation.limits(TABLE[name]).tags for name in edges}
    admitted = []
    for size in range(1, config["max_concurrent"] + 1):
        for steps in itertools.combinations(sorted(edges), size):
            if any(one in edges[other] or other in edges[one] for one, other in itertools.combinations(steps, 2)):
                continue
            if all(sum(c["key"] in tags[step] for step in steps) <= c["limit"] for c in config["tag_concurrency_limits"]):
                admitted.append(steps)
    return admitted


@pytest.mark.parametrize("budget", BUDGETS, ids=str)
def test_no_steps_that_may_run_together_exceed_the_budget(budget: dict[str, Any], edges: dict[str, set[str]]) -> None:
    resources = Resources(**budget)
    allocation = Allocation.of(resources, BIG)
    assert allocation.warnings == ()
    sets = together(edges, allocation)
    assert {step for steps in sets for step in steps} == set(edges)  # every step can run at all
    for steps in sets:
        limits = [allocation.limits(TABLE[step]) for step in steps]
        assert sum(limit.memory_gb for limit in limits) + RUN_MEMORY_GB <= float(resources.memory_gb) + 1e-9, steps
        of_the_run = RUN_THREADS if resources.threads >= 4 else 0
        assert sum(limit.threads for limit in limits) + of_the_run <= resources.threads, steps
        for limit in limits:
            assert limit.memory_gb >= SMALLEST_SLOT_GB
            assert limit.cursors + limit.duckdb_threads - 1 == limit.threads
            assert 1 <= limit.cursors <= resources.connections
            assert limit.duckdb_threads >= 1


def test_the_default_budget_runs_side_by_side_what_the_design_does(edges: dict[str, set[str]]) -> None:
    sets = together(edges, Allocation.of(Resources(), BIG))
    assert ("staging_inputs", "staging_tables") in sets
    assert ("foundation", "hazards") in sets
    assert ("compensation_changes", "plan_enrollments", "workforce_events") in sets


def test_a_step_that_runs_alone_has_the_whole_budget() -> None:
    limits = Allocation.of(Resources(), BIG).limits(TABLE["final_output"])
    assert limits == StepLimits(threads=3, memory_gb=3.6, cursors=2, slots=(1, 2, 3))


@pytest.mark.parametrize("budget", BUDGETS, ids=str)
def test_a_step_beside_which_none_can_run_has_the_whole_budget(budget: dict[str, Any]) -> None:
    """The in_process executor runs one step at a time: each has what the largest step has."""
    allocation = Allocation.of(Resources(**budget), BIG)
    largest = allocation.limits(TABLE["final_output"])
    for step in TABLE.values():
        alone = allocation.alone(step)
        assert (alone.threads, alone.cursors) == (
            largest.threads,
            min(step.cursors, allocation.connections, largest.threads),
        )
        assert alone.memory_gb == pytest.approx(largest.memory_gb, abs=0.01)


def test_two_cores_hold_the_default_budget() -> None:
    """Four threads on two cores: no warning, nothing scaled."""
    allocation = Allocation.of(Resources(), TWO_CORES)
    assert (allocation.threads, allocation.memory_gb, allocation.slots, allocation.warnings) == (4, 4, 3, ())


def test_a_small_machine_scales_the_budget_down_and_says_so() -> None:
    allocation = Allocation.of(Resources(memory_gb=16, threads=32), TWO_CORES)
    assert (allocation.threads, allocation.memory_gb) == (4, 7.2)
    threads_warning = "resources.threads is 32, and this machine has 2 cores: 4 threads are used."
    memory_warning = "resources.memory_gb is 16, and this machine has 8.0 GB: 7.2 GB are used."
    assert [text.split(" The results")[0] for text in allocation.warnings] == [memory_warning, threads_warning]


def test_a_machine_below_the_smallest_budget_is_refused() -> None:
    with pytest.raises(AllocationError, match=r"The smallest budget that works is 1\.0 GB"):
        Allocation.of(Resources(), Machine(cores=1, memory_gb=1.0, available_gb=0.5))


def test_free_memory_below_the_budget_is_told() -> None:
    allocation = Allocation.of(Resources(), TWO_CORES)
    assert allocation.pressure(TWO_CORES) == ()
    (sentence,) = allocation.pressure(Machine(cores=2, memory_gb=8, available_gb=1.25))
    assert sentence.startswith("1.2 GB of memory are free, and this study may use 4 GB")


def test_fewer_connections_are_fewer_cursors() -> None:
    limits = Allocation.of(Resources(connections=1), BIG).limits(TABLE["event_generation"])
    assert (limits.cursors, limits.duckdb_threads) == (1, 3)


def test_tags_carry_all_of_the_limits() -> None:
    for budget in BUDGETS:
        for step in TABLE.values():
            limits = Allocation.of(Resources(**budget), BIG).limits(step)
            assert StepLimits.from_tags(limits.tags) == limits


def test_the_executor_gets_the_limits() -> None:
    """The stock executor accepts the configuration as it is."""
    config = Allocation.of(Resources(), BIG).executor_config
    executor = dg.multiprocess_executor.configured({**config, "retries": {"enabled": {}}})
    assert isinstance(executor, dg.ExecutorDefinition)
    assert config["max_concurrent"] == 3
    assert {limit["key"] for limit in config["tag_concurrency_limits"]} == {f"planwise/slot_{n}" for n in (1, 2, 3)}


def test_a_session_has_the_limits_of_its_step(tmp_path: Path) -> None:
    limits = Allocation.of(Resources(), BIG).limits(TABLE["foundation"])
    with PlanwiseDuckDB(spill_folder=str(tmp_path)).session(
        threads=limits.duckdb_threads, memory_gb=limits.memory_gb
    ) as connection:
        settings = dict(connection.execute("select name, value from duckdb_settings()").fetchall())
        assert settings["threads"] == str(limits.duckdb_threads)
        assert settings["async_threads"] == "0"
        assert settings["memory_limit"] == "2.0 GiB"  # 2.4 - 0.25 GB
        assert settings["temp_directory"].startswith(str(tmp_path))
        assert settings["max_temp_directory_size"].endswith("iB")
        assert "90%" not in settings["max_temp_directory_size"]
    assert list(tmp_path.iterdir()) == []


def test_this_machine_is_seen() -> None:
    machine = Machine.here()
    assert machine.cores >= 1
    assert 0 < machine.available_gb <= machine.memory_gb
