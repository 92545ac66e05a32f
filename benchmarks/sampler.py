"""What a whole command uses at most, seen from outside: memory and runnable threads of its process tree.

    python -m benchmarks.sampler -- planwise simulate
    python -m benchmarks.sampler --people 100000 --years 3 --seeds 1 --memory-gb 1

The first watches any command; the second makes a study of invented people in a fresh home and watches its simulation.
Nothing of the project's own monitoring is used: the figures come from /proc. PSS counts shared pages once (smaps_rollup,
a few milliseconds a process, hence four times a second at most); a thread is runnable in state R, on a core or waiting
for one, and is counted more often, because reading that is cheap. Prints a Markdown table. Never part of a test.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import PROJECT, make_ready, planwise

_MEMORY_SECONDS = 0.25
_THREADS_SECONDS = 0.05
_THREADS = 4
_STATE, _PARENT = 0, 1

_STUDY = """
study: bench
census: census.parquet
years: {{start: 2025, end: {last}}}
seeds: {{count: {seeds}, first: 1}}
resources: {resources}
scenarios: {{baseline: {{}}}}
"""


@dataclass
class Seen:
    """What was seen of a process tree.

    Attributes:
        peak_pss_mb: The most memory at one moment.
        processes_at_peak: The PSS of each process at that moment, largest first; MB and its command.
        spilled_mb: The most that lay in the watched folder of spill files.
        runnable: How many samples saw so many runnable threads.
        crowd: Which threads those were in samples with more than _THREADS of them: thread and command, how often.
        seconds: Wall time of the command.
        code: Its exit code.
    """

    peak_pss_mb: float = 0.0
    processes_at_peak: list[tuple[float, str]] = field(default_factory=list)
    spilled_mb: float = 0.0
    runnable: Counter[int] = field(default_factory=Counter)
    crowd: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    code: int = 0

    @property
    def most_runnable(self) -> int:
        """The most runnable threads at one moment."""
        return max(self.runnable, default=0)

    def share_above(self, threads: int) -> float:
        """The share of samples with more runnable threads than that."""
        return sum(n for count, n in self.runnable.items() if count > threads) / max(sum(self.runnable.values()), 1)


def watch(command: list[str], environment: dict[str, str] | None = None, spill: Path | None = None) -> Seen:
    """Runs a command to its end and watches its process tree.

    Args:
        command: The command.
        environment: Its environment; this process's by default.
        spill: Folder whose size is watched too.
    """
    seen = Seen()
    started = time.monotonic()
    next_memory = 0.0
    process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=sys.stderr)
    while process.poll() is None:
        tree = _tree(process.pid)
        at_work = [thread for pid in tree for thread in _runnable(pid)]
        seen.runnable[len(at_work)] += 1
        if len(at_work) > _THREADS:
            seen.crowd.update(_thread(thread) for thread in at_work)
        if time.monotonic() >= next_memory:
            memory = {pid: _pss(pid) for pid in tree}
            if (total := sum(memory.values()) / 1000) > seen.peak_pss_mb:
                seen.peak_pss_mb = total
                by_size = sorted(memory.items(), key=lambda item: -item[1])
                seen.processes_at_peak = [(kilobytes / 1000, _command(pid)) for pid, kilobytes in by_size]
            if spill is not None:
                seen.spilled_mb = max(seen.spilled_mb, _size(spill) / 1e6)
            next_memory = time.monotonic() + _MEMORY_SECONDS
        time.sleep(_THREADS_SECONDS)
    seen.seconds, seen.code = time.monotonic() - started, process.returncode
    return seen


def _tree(root: int) -> list[int]:
    children: defaultdict[int, list[int]] = defaultdict(list)
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and (stat := _stat(process / "stat")):
            children[int(stat[_PARENT])].append(int(process.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def _stat(file: Path) -> list[str]:
    """The fields after the name, which may hold anything in its brackets; none of a process that has ended."""
    try:
        return file.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _runnable(pid: int) -> list[Path]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []
    return [thread for thread in threads if _stat(thread / "stat")[_STATE : _STATE + 1] == ["R"]]


def _thread(thread: Path) -> str:
    """What a thread is: the process's main thread or another, and of which command."""
    pid = int(thread.parts[2])
    return f"{'main thread' if thread.name == str(pid) else 'other thread'} of {_command(pid)}"


def _pss(pid: int) -> float:
    """Kilobytes (of 1,000 bytes)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1.024 for line in lines if line.startswith("Pss:")), 0.0)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[-60:]
    except OSError:
        return "?"


def _size(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_blocks * 512
        except OSError:
            continue
    return total


def study(folder: Path, people: int, years: int, seeds: int, resources: dict[str, float]) -> dict[str, str]:
    """A study of invented people in a home that is ready for its first year.

    Returns:
        The environment of its commands.
    """
    subprocess.run(
        [sys.executable, "data/generate_census.py", "--people", str(people), "--out", str(folder / "census.parquet")],
        cwd=PROJECT, check=True, capture_output=True,
    )  # fmt: skip
    text = _STUDY.format(last=2024 + years, seeds=seeds, resources=json.dumps(resources))
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    environment = {
        **os.environ,
        "PLANWISE_HOME": str(folder / "home"),
        "PLANWISE_STUDY": str(folder / "study.yaml"),
        "PLANWISE_EXECUTOR": "multiprocess",
    }
    make_ready(environment)
    return environment


def report(what: str, seen: Seen) -> None:
    """Prints one run."""
    print(f"| what | exit code | wall s | peak PSS MB | spilled MB | most runnable threads | samples above {_THREADS} |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(
        f"| {what} | {seen.code} | {seen.seconds:.1f} | {seen.peak_pss_mb:,.0f} | {seen.spilled_mb:,.0f} | "
        f"{seen.most_runnable} | {seen.share_above(_THREADS):.2%} of {sum(seen.runnable.values()):,} |\n"
    )
    print("Runnable threads: samples: " + ", ".join(f"{n}: {seen.runnable[n]}" for n in sorted(seen.runnable)))
    print(f"In samples above {_THREADS}: " + "; ".join(f"{n} x {what}" for what, n in seen.crowd.most_common(8)))
    print("At the peak: " + "; ".join(f"{size:,.0f} MB {command}" for size, command in seen.processes_at_peak if size > 1))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, help="simulate invented people, in place of a command")
    parser.add_argument("--years", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--memory-gb", type=float, default=4)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="where the study is made and kept; a temporary folder by default")
    parser.add_argument("command", nargs="*")
    arguments = parser.parse_args()
    if arguments.people is None:
        seen = watch(arguments.command)
        report(" ".join(arguments.command), seen)
        raise SystemExit(seen.code)
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        resources = {"memory_gb": arguments.memory_gb, "threads": arguments.threads}
        environment = study(folder, arguments.people, arguments.years, arguments.seeds, resources)
        seen = watch([planwise(), "simulate"], environment, spill=folder / "home" / "tmp")
        what = f"{arguments.people:,} people x {arguments.years} years x {arguments.seeds} seeds, {arguments.memory_gb:g} GB"
        report(what, seen)
    raise SystemExit(seen.code)


if __name__ == "__main__":
    main()
