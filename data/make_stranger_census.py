"""Write data/stranger_census.csv: what a company's payroll system exports, for the tutorial.

Nobody in it exists: the people are those of generate_census.py. Names of columns, US dates, dollar signs, per cents and
a few mistakes are such as real exports have.

    python data/make_stranger_census.py
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
_COLUMNS = ("EE ID", "Last Name", "DOB", "Date of Hire", "Annual Salary", "401k %", "Dept")
_DEPARTMENTS = ("Assembly", "Sales", "Office", "Warehouse")


def people() -> list[dict[str, str]]:
    """120 invented employees, as PlanWise would have them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "census.csv"
        generator = [sys.executable, str(HERE / "generate_census.py"), "--people", "120", "--seed", "401"]
        subprocess.run([*generator, "--as-of", "2024-12-31", "--out", str(file)], check=True, stdout=subprocess.DEVNULL)
        with file.open(encoding="utf-8", newline="") as handle:
            return [row for row in csv.DictReader(handle) if row["active"] == "true"]


def _us(day: str) -> str:
    return date.fromisoformat(day).strftime("%m/%d/%Y")


def stranger(row: dict[str, str], place: int) -> dict[str, str]:
    """One employee as the payroll system writes it."""
    values = (
        str(70_000 + 7 * place),
        f"Employee {place + 1}",
        _us(row["birth_date"]),
        _us(row["hire_date"]),
        f"${float(row['annual_compensation']):,.2f}",
        f"{float(row['deferral_rate'] or 0) * 100:g}%",
        _DEPARTMENTS[place % len(_DEPARTMENTS)],
    )
    return dict(zip(_COLUMNS, values, strict=True))


def main() -> None:
    """Writes the file, with three mistakes in it."""
    rows = [stranger(row, place) for place, row in enumerate(people())]
    rows[16]["Date of Hire"] = "02/30/2019"  # no such day
    rows[41]["Annual Salary"] = "TBD"
    rows[88]["EE ID"] = rows[87]["EE ID"]  # an id twice: both rows are bad
    with (HERE / "stranger_census.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
