"""What reading a large census costs, beside a plain read of the same file by the library alone.

    python -m benchmarks.census [--people 1000000]

Belongs here: the file, the two readings, each in a process of its own. Does not: a limit; times depend on the machine.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADER = ["Employee ID", "Date of Birth", "Date of Hire", "Annual Salary", "Deferral %", "Status"]


def people(count: int) -> Iterator[tuple[str, date, date, float, str, str]]:
    """Made-up people."""
    for number in range(count):
        yield (
            f"E{number:07}",
            date(1958, 1, 15) + timedelta(days=number * 317 % 9_000),
            date(2001, 3, 20) + timedelta(days=number * 211 % 8_000),
            42_000 + number % 90_000 + number % 100 / 100,
            f"{number % 12}%",
            "Active" if number % 9 else "Terminated",
        )


def write(file: Path, count: int) -> None:
    """The people as CSV with American days, or as a workbook with days and numbers."""
    if file.suffix == ".csv":
        with file.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(HEADER)
            writer.writerows(
                (who, f"{born:%m/%d/%Y}", f"{hired:%m/%d/%Y}", f"{pay:.2f}", *others)
                for who, born, hired, pay, *others in people(count)
            )
        return
    import xlsxwriter  # noqa: PLC0415 - only where a workbook is written

    with xlsxwriter.Workbook(str(file), {"constant_memory": True, "default_date_format": "mm/dd/yyyy"}) as book:
        sheet = book.add_worksheet("Census")
        for row, values in enumerate([HEADER, *people(count)]):
            sheet.write_row(row, 0, values)


def read(file: Path, *, plainly: bool) -> None:
    """One reading in this process; prints seconds and megabytes."""
    import duckdb  # noqa: PLC0415 - its own start is no part of a reading
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    from planwise_assets.intake.census import interpret  # noqa: PLC0415
    from planwise_assets.intake.names import guesses  # noqa: PLC0415
    from planwise_assets.intake.reading.file import read_census  # noqa: PLC0415
    from planwise_assets.study.sections.census import CensusReading  # noqa: PLC0415

    start = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as connection:
        if not plainly:
            table = read_census(connection, file)
            mapping = {guess.column: guess.own for guess in guesses(table.names)}
            interpret(connection, table, mapping, CensusReading(), date(2024, 12, 31))
        elif file.suffix == ".csv":
            connection.execute("create temp table plain as select * from read_csv(?, all_varchar = true)", [str(file)])
        else:
            with CalamineWorkbook.from_path(file) as book:
                book.get_sheet_by_index(0).to_python()
    print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    """Times each kind of file both ways."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=1_000_000)
    options.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    options.add_argument("--plainly", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.read:
        read(given.read, plainly=given.plainly)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in ("census.csv", "census.xlsx"):
            file = Path(folder) / name
            write(file, given.people)
            figures = []
            for words in (["--plainly"], []):
                command = [sys.executable, "-m", "benchmarks.census", "--read", str(file), *words]
                told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
                figures.append((float(told[0]), int(told[1])))
            (plain, plain_memory), (whole, memory) = figures
            print(
                f"{name}: {given.people:,} rows, {whole:.1f} s and {memory:,} MB; the library alone {plain:.1f} s and "
                f"{plain_memory:,} MB: {whole / plain:.1f} times as long"
            )


if __name__ == "__main__":
    main()
