"""Give the real command every bad census and study file of the tests, with a simulated lake to lose.

    python -m tests.soak.refusals

Each time `planwise simulate` must end with an exit code that is not 0 and a message without a traceback, and every file of
the lake and the warehouse must be as before. The tests (test_bad_census.py, test_study_errors.py) prove the words; here are
the exit code and the bytes, a command a case.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.e2e.installation import Installation, command, installation
from tests.harness import TINY_CENSUS
from tests.integration.test_bad_census import BAD_FILES as BAD_CENSUS_FILES
from tests.integration.test_bad_census import BAD_ROWS, rows
from tests.unit.test_study_errors import BAD_FILES as BAD_STUDY_FILES

#: The name of the tests' studies, so that what is refused is a study with a lake.
NAME = "trial"
STUDY = "study: trial\ncensus: people.{ending}\nyears: {{start: 2025, end: 2026}}\nscenarios: {{baseline: {{}}}}\n"


class Bad(NamedTuple):
    """A study file, and the census beside it (None: a folder in its place)."""

    kind: str
    name: str
    study: str
    census: bytes | None
    ending: str = "csv"


def cases() -> Iterator[Bad]:
    """All bad input of the tests."""
    for name, row, _ in BAD_ROWS:
        yield Bad("census row", name, STUDY.format(ending="csv"), rows(row))
    for name, content, ending, _ in BAD_CENSUS_FILES:
        yield Bad("census file", name, STUDY.format(ending=ending), content, ending)
    for name, text, _ in BAD_STUDY_FILES:
        yield Bad("study file", name, text, TINY_CENSUS.read_bytes())


def put(made: Installation, bad: Bad) -> None:
    """The bad input in the installation's place, and nothing left of the one before."""
    for old in made.folder.glob("people.*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    census = made.folder / f"people.{bad.ending}"
    if bad.census is None:
        census.mkdir()
    else:
        census.write_bytes(bad.census)
    made.study_file.write_text(bad.study, encoding="utf-8")


def simulate(made: Installation) -> tuple[int, str]:
    """`planwise simulate`: its exit code and all that it said."""
    done = subprocess.run(
        [command("planwise"), "simulate"],
        cwd=made.folder,
        env=made.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


def kept(made: Installation) -> dict[str, str]:
    """The sha256 of all that a refusal must not touch: lake and warehouse, of whatever study."""
    files = [file for place in ("lake", "warehouse") for file in (made.home / place).rglob("*") if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def fault_of(code: int, said: str, *, untouched: bool) -> str:
    """What is wrong with how a command ended; nothing where it refused as it must."""
    if code == 0:
        return "ACCEPTED"
    if "Traceback" in said or not said.strip():
        return f"no message for people: {said[-500:]}"
    return "" if untouched else "lake or warehouse changed"


def main() -> None:
    """The command line."""
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        good = Bad("", "", STUDY.format(ending="csv"), TINY_CENSUS.read_bytes())
        made = installation(Path(name) / "made", {"study": NAME, "census": "people.csv"})
        put(made, good)
        code, said = simulate(made)
        if code != 0:
            sys.exit(f"The good study failed: {said}")
        before = kept(made)
        print("| bad | what | exit code | |\n| --- | --- | --- | --- |", flush=True)
        for bad in cases():
            put(made, bad)
            code, said = simulate(made)
            fault = fault_of(code, said, untouched=kept(made) == before)
            wrong += bool(fault)
            print(f"| {bad.kind} | {bad.name} | {code} | {fault or 'refused'} |", flush=True)
    sys.exit(f"{wrong} went wrong." if wrong else 0)


if __name__ == "__main__":
    main()
