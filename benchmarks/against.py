"""This build against another commit's: the same whole commands in turn, A B A B, and the ratio of each pair.

    python -m benchmarks.against 9c8d467 --people 100000 --years 3
    python -m benchmarks.against HEAD~1 --people 10000 --years 5 --seeds 25 --executor multiprocess --pairs 7
    python -m benchmarks.against 9c8d467 --command results --people 150 --years 3

The other commit is built under var/builds and kept there. Both run in homes as new, with the dbt project compiled; with
`--command`, the study is simulated once by each, and then that command is measured. A machine's speed drifts by the hour, so
only the ratio within a pair counts, and the median of the ratios. Nothing is reported when the two publish other rows,
unless `--whatever-differs` says that this is meant. Never part of a test.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from benchmarks.builds import Build, differences, of_commit, this
from benchmarks.measure import Run, Work, invented

_HEAD = "| pair | before: wall s | CPU s | peak PSS MB | now: wall s | CPU s | peak PSS MB | wall | CPU | PSS |"
_FIGURES: tuple[Callable[[Run], float], ...] = (lambda run: run.wall, lambda run: run.cpu, lambda run: run.peak_pss_mb)


class Contest:
    """Two builds, a work, and a folder for each build's home; homes lie at the same place in every run."""

    def __init__(self, folder: Path, before: Build, work: Work) -> None:
        self._folder = folder
        self._work = work
        self.builds = (before, this())
        study = invented(folder, work)
        (folder / "study.yaml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
        for build in self.builds:
            build.make_ready(self._environment(build))
            shutil.copytree(self._home(build), self._ready(build), symlinks=True)

    def simulations(self, pairs: int) -> Iterator[tuple[Run, Run]]:
        """Pairs of whole simulations, each from a home as new."""
        for _ in range(pairs):
            yield self._each(["simulate"], self._renew)

    def commands(self, words: list[str], pairs: int) -> Iterator[tuple[Run, Run]]:
        """Pairs of a command on the study, simulated once by each build."""
        self._each(["simulate"], self._renew)
        for _ in range(pairs):
            yield self._each(words, lambda _build: None)

    def differences(self) -> list[str]:
        """What the two last published differently."""
        before, now = (self._home(build) / "warehouse" / "bench.duckdb" for build in self.builds)
        return list(differences(before, now))

    def lake_bytes(self) -> tuple[int, int]:
        """Bytes of each build's lake."""
        before, now = (
            sum(file.stat().st_size for file in (self._home(build) / "lake").rglob("*.parquet")) for build in self.builds
        )
        return before, now

    def _each(self, words: list[str], prepare: Callable[[Build], None]) -> tuple[Run, Run]:
        runs = []
        for build in self.builds:
            prepare(build)
            runs.append(build.run(words, self._environment(build)))
        before, now = runs
        return before, now

    def _renew(self, build: Build) -> None:
        shutil.rmtree(self._home(build))
        shutil.copytree(self._ready(build), self._home(build), symlinks=True)

    def _home(self, build: Build) -> Path:
        return self._folder / build.name

    def _ready(self, build: Build) -> Path:
        return self._folder / f"{build.name}.ready"

    def _environment(self, build: Build) -> dict[str, str]:
        return build.environment(self._home(build), self._folder / "study.yaml", self._work.executor)


def row(pair: int, before: Run, now: Run) -> str:
    """One pair as a row of the table."""
    cells = [f"{figure(run):,.2f}" for run in (before, now) for figure in _FIGURES]
    cells += [f"{figure(now) / figure(before):.3f}" for figure in _FIGURES]
    return f"| {pair} | {' | '.join(cells)} |"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reference", help="the commit to measure against")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--scenarios", type=int, default=1, choices=range(1, 6))
    parser.add_argument("--executor", default="in_process", choices=("in_process", "multiprocess"))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--command", help="measure this command of planwise on the simulated study, in place of simulating")
    parser.add_argument("--whatever-differs", action="store_true", help="report although the published rows differ")
    arguments = parser.parse_args()
    work = Work(arguments.people, arguments.years, arguments.seeds, arguments.scenarios, arguments.executor)
    other = of_commit(arguments.reference)
    with tempfile.TemporaryDirectory() as folder:
        contest = Contest(Path(folder), other, work)
        words = shlex.split(arguments.command or "simulate")
        print(f"planwise {' '.join(words)}, {work.name}: this build against {other.name}\n\n{_HEAD}")
        print("| --- " * _HEAD.count(" | ") + "| --- |", flush=True)
        pairs: list[tuple[Run, Run]] = []
        runs = contest.commands(words, arguments.pairs) if arguments.command else contest.simulations(arguments.pairs)
        for before, now in runs:
            if not pairs and (different := contest.differences()) and not arguments.whatever_differs:
                raise SystemExit("Nothing to compare: the two publish different things.\n" + "\n".join(different))
            pairs.append((before, now))
            print(row(len(pairs), before, now), flush=True)
        ratios = [statistics.median(figure(now) / figure(before) for before, now in pairs) for figure in _FIGURES]
        print("\nMedian of the ratios: wall {:.3f}, CPU {:.3f}, peak PSS {:.3f}".format(*ratios))
        before_bytes, now_bytes = contest.lake_bytes()
        print(f"Bytes of the lake: {before_bytes:,} -> {now_bytes:,}, {now_bytes / before_bytes:.3f}")


if __name__ == "__main__":
    main()
