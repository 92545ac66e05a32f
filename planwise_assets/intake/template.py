"""The columns of a census for people: as a table, as a workbook to fill in, as docs/reference/census.md.

Belongs here: showing study/sections/census_columns.py. Does not: what the columns are.
"""

from __future__ import annotations

from pathlib import Path

from planwise_assets.intake.synonyms import SYNONYMS
from planwise_assets.study.sections.census_columns import COLUMNS, CensusColumn

FORMATS = {
    "id": "text, as it is",
    "date": "YYYY-MM-DD, or a day in any usual form",
    "money": "dollars: 60000, $60,000.00",
    "number": "a number",
    "whole": "a whole number",
    "rate": "6%, 0.06, or 6 where the column is per cents",
    "percent": "12.5%, or 0.125",
    "flag": "yes or no",
    "status": "a word or letter",
    "period": "weekly, biweekly, semimonthly, monthly, or the number a year",
    "word": "text",
}
_REQUIRED = ("employee_id", "birth_date", "hire_date", "annual_compensation")
_NAMES_SHOWN = 6
HEADINGS = ("column", "needed", "format", "example", "meaning", "without it", "also called, among others")


def rows() -> list[list[str]]:
    """A row a column: name, whether it is needed, format, example, meaning, what is taken without it, some known names."""
    return [
        [
            column.name,
            "required" if column.name in _REQUIRED else "optional",
            FORMATS[column.kind],
            column.example,
            _meaning(column),
            column.without or "-",
            ", ".join(SYNONYMS[column.name][:_NAMES_SHOWN]),
        ]
        for column in COLUMNS
    ]


def _meaning(column: CensusColumn) -> str:
    return column.meaning + (" Without effect." if column.reaches == "known" else "")


def reference() -> str:
    """The text of docs/reference/census.md."""
    listed = "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in (f"`{row[0]}`", *row[1:])) + " |" for row in rows()
    )
    return f"""# The census

Made by `python -m planwise_assets.intake.template`; `planwise init --columns` prints the same, and `planwise init
--template census.xlsx` writes a workbook to fill in. Any names will do: `planwise init` says what it took each column for,
and `--map` corrects it. A column that looks like a termination, a rehire, a status, a deferral, hours, a union, an owner or
a pay frequency and is not used stops `init` until `--map` or `--ignore` says what it is. How each kind of file is read:
[file formats](file-formats.md).

Pay is required as one of three: `annual_compensation` (a yearly rate), `prior_year_compensation` (paid in the year that
ends on the census date; made a yearly rate by the days employed in it), or `hourly_rate` (by the hours a year). The census
date is 31 December before the first simulation year.

| column | needed | format | example | meaning | without it | also called, among others |
| --- | --- | --- | --- | --- | --- | --- |
{listed}

## Announced leavers, and columns of your own

A `termination_date` after the census date is an announced leaver's: whatever a status of a later day says, that person is at
work on the census date, leaves on the day in the file, and is one of that year's exits. Any other column may be carried:
`groups: [Division, Site]` in the study names up to four, and `planwise results --by division`, `compare --by` and `export
--by` cut the results by them. A column named like a cut, a head or a figure of the results (Age, Level, Year, Match) is
refused: rename it. Pay columns beside the one that is used (a bonus, overtime) are named and not counted.

## Somebody who came back

One row with `termination_date` and `rehire_date` (and `termination_date_2`), one with `original_hire_date`,
`termination_date` and `hire_date`, or a row for each employment, with the same id and birth date: each is one person.
Service counts by elapsed time (26 CFR 1.410(a)-7): the years before and after a break add up, and a break shorter than
twelve months counts as service. Where the file does not say how long the break was, `init` asks (`--breaks`). Service
before a long break of somebody without a vested right is lost where the study says below how many years of service that is
(`census_reading: {{parity_below_years: 3}}`, `--parity-below-years`: the rule of parity, IRC 411(a)(6)(D)); whoever ever
deferred has a vested right, which a census does not show. The one-year holdout (IRC 411(a)(6)(B)) and
forfeitures that a rehire restores are out of scope.
"""


def write_template(file: Path) -> str:
    """Writes a workbook with a sheet to fill in and a sheet that explains its columns.

    Returns:
        What to do with it.

    Raises:
        ValueError: The name does not end in .xlsx.
    """
    import xlsxwriter  # noqa: PLC0415

    if file.suffix.lower() != ".xlsx":
        raise ValueError(f"{file}: a template is an .xlsx workbook")
    with xlsxwriter.Workbook(str(file)) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Census")
        fill = [column for column in COLUMNS if column.reaches != "known"]
        for place, column in enumerate(fill):
            sheet.write(0, place, column.name, bold)
            style = text if column.kind == "id" else day if column.kind == "date" else None
            sheet.set_column(place, place, max(12, len(column.name) + 2), style)
            sheet.write_comment(0, place, f"{column.meaning} {FORMATS[column.kind]}. Example: {column.example}")
        sheet.freeze_panes(1, 1)
        notes = book.add_worksheet("Columns")
        for place, row in enumerate([HEADINGS, *rows()]):
            notes.write_row(place, 0, row, bold if place == 0 else None)
        notes.set_column(0, 6, 30)
    return f"{file}: fill in the sheet Census (delete columns that you do not have), then: planwise init {file}"


if __name__ == "__main__":
    print(reference(), end="")
