"""Kill a three-year simulation at random moments, again and again, and run it to its end each time.

    python -m tests.soak.kills --times 40

Half of the commands are multiprocess. In turn the run's own process and one of its steps' are killed (SIGKILL) at a moment
drawn uniformly over an undisturbed command's time; at once the command is given again, to the end of the study. Then no
process of the killed command may be alive, which could still write, and every file of the lake must be as in an undisturbed
one. Too long for every test run; `tests/e2e/test_runs_apart.py` kills twice.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.installation import Installation, command, installation
from tests.harness import simulation

STUDY: dict[str, Any] = {
    "study": "soak",
    "census": "census.csv",
    "years": {"start": 2025, "end": 2027},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}, "faster": {"workforce": {"growth": 0.1}}},
}
EXECUTORS = ("multiprocess", "in_process")
VICTIMS = ("run", "step")
#: How long a process that lost its run may take to notice (a fork server that is still importing: after that); seconds.
LINGER = 30.0


def start(made: Installation, executor: str) -> psutil.Popen:
    """`planwise simulate` of all years."""
    with (made.folder / "output.txt").open("ab") as output:
        return psutil.Popen(
            [command("planwise"), "simulate"],
            cwd=PROJECT_ROOT,
            env=made.environment(executor=executor),
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def victim(run: psutil.Popen, whom: str, moment: random.Random) -> psutil.Process:
    """The run's own process, or one of its children where it has any."""
    children = run.children(recursive=True) if whom == "step" else []
    return moment.choice(children) if children else run


def one(made: Installation, executor: str, whom: str, after: float, draw: random.Random) -> str:
    """Kills once and runs to the end.

    Returns:
        What was wrong; nothing where all was well.
    """
    run = start(made, executor)
    time.sleep(after)
    tree = [run, *run.children(recursive=True)]
    victim(run, whom, draw).kill()
    run.wait(timeout=300)  # a step that was killed is tried again, and the run ends by itself
    if start(made, executor).wait(timeout=300) != 0:
        return "the command that followed failed: " + (made.folder / "output.txt").read_text()[-2000:]
    _, alive = psutil.wait_procs(tree, timeout=LINGER)
    return f"{len(alive)} processes are alive {LINGER:.0f} s later" if alive else ""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = installation(folder / "fresh", STUDY)
        expected = simulation(folder / "expected", {**STUDY, "census": str(fresh.census)}).run().hashes()
        whole: dict[str, float] = {}
        for executor in EXECUTORS:
            began = time.monotonic()
            if start(fresh.copy(folder / executor), executor).wait() != 0:
                sys.exit("An undisturbed command failed.")
            whole[executor] = time.monotonic() - began
        print("| kill | executor | killed | at, s | of, s | lake |\n| --- | --- | --- | --- | --- | --- |", flush=True)
        for number in range(arguments.times):
            executor, whom = EXECUTORS[number % 2], VICTIMS[number // 2 % 2]
            after = draw.uniform(0, whole[executor])
            made = fresh.copy(folder / f"killed_{number}")
            fault = one(made, executor, whom, after, draw)
            if not fault and made.results() != expected:
                fault = "differs"
            wrong += bool(fault)
            moment = f"{after:.1f} | {whole[executor]:.1f}"
            print(f"| {number + 1} | {executor} | {whom} | {moment} | {fault or 'as undisturbed'} |", flush=True)
    sys.exit(f"{wrong} of {arguments.times} went wrong." if wrong else 0)


if __name__ == "__main__":
    main()
