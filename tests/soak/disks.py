"""A disk that fills in the middle of a file, a lake that cannot be written to, a home whose parents do not exist yet.

    python -m tests.soak.disks

Real file systems, mounted in a user namespace of their own (`unshare --map-root-user --mount`), which not every machine
allows; hence no part of the test run. For each disk the first year must end with a sentence that names the trouble, nothing
half-written may have the name of a result, and with room again the same command must give the bytes of an undisturbed run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from planwise_assets.settings import PROJECT_ROOT
from tests.e2e.installation import Installation, command, installation
from tests.harness import SAMPLE_CENSUS, simulation

STUDY: dict[str, Any] = {
    "study": "disks",
    "census": str(SAMPLE_CENSUS),
    "years": {"start": 2025, "end": 2025},
    "resources": {"memory_gb": 2, "threads": 2},
    "scenarios": {"baseline": {}},
}

#: Shell that spoils `$LAKE` before the command: a disk of so many kilobytes, or one that is only read.
DISKS = {
    "full after 200 kB": "mount -t tmpfs -o size=200k,nr_inodes=4096 none $LAKE",
    "full after 1 MB": "mount -t tmpfs -o size=1m,nr_inodes=4096 none $LAKE",
    "full after 3 MB": "mount -t tmpfs -o size=3m,nr_inodes=4096 none $LAKE",
    "read-only": "mount --bind $LAKE $LAKE && mount -o remount,ro,bind $LAKE",
}


def simulate(made: Installation, spoil: str = "true") -> tuple[int, str, list[str]]:
    """`planwise simulate` on a spoilt disk.

    Returns:
        Its exit code, what it said, and the results that cannot be read to their end (looked at before the disk is gone).
    """
    broken = made.folder / "broken.txt"
    look = f"{sys.executable} -m tests.soak.disks --look {made.lake.root} > {broken}"
    run = f"mkdir -p $LAKE && {spoil} && {command('planwise')} simulate"
    script = f"LAKE={made.lake.root}; {run}; code=$?; {look}; exit $code"
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=PROJECT_ROOT, env=made.environment(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr, broken.read_text().splitlines()


def unreadable(lake: Path) -> list[str]:
    """The Parquet files under a result's name that DuckDB cannot read to their end."""
    found = []
    for file in sorted(lake.rglob("*.parquet")):
        try:
            if not file.name.startswith("tmp_"):
                duckdb.execute("select count(columns(*)) from read_parquet(?)", [str(file)]).fetchall()
        except duckdb.Error:
            found.append(str(file))
    return found


def main() -> None:
    """The command line."""
    if sys.argv[1:2] == ["--look"]:
        print("\n".join(unreadable(Path(sys.argv[2]))), end="")
        return
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = installation(folder / "fresh", STUDY)
        expected = simulation(folder / "expected", STUDY).run().hashes()
        for disk, spoil in DISKS.items():
            made = fresh.copy(folder / disk.replace(" ", "_"))
            code, said, broken = simulate(made, spoil)
            again, _, _ = simulate(made)
            ok = code != 0 and again == 0 and not broken and made.results() == expected
            wrong += not ok
            sentence = next((line for line in said.splitlines() if "failed" in line), said[-300:])
            judged = "ok" if ok else "WRONG"
            print(f"{disk}: exit code {code}, {len(broken)} unreadable, then {again}; {judged}\n    {sentence}", flush=True)
        nested = Installation(folder / "not" / "yet" / "there", "disks")
        nested.folder.mkdir(parents=True)
        shutil.copy(fresh.study_file, nested.study_file)
        code, said, _ = simulate(nested)
        ok = code == 0 and nested.results() == expected
        wrong += not ok
        print(f"home without its parents: exit code {code}; {'ok' if ok else 'WRONG ' + said[-500:]}")
    sys.exit(wrong)


if __name__ == "__main__":
    main()
