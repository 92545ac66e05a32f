"""The workbook: what the study says, sheet by sheet, and where its figures come from.

Belongs here: its sheets and their order. Does not: cells (sheet.py), other files (export.py), arguments
(commands/export.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
import yaml  # type: ignore[import-untyped,unused-ignore]
from xlsxwriter.exceptions import FileCreateError

from planwise_assets.results.compliance import HEADS, PlanTest, read_plan_tests
from planwise_assets.results.ensembles import PERCENTILES, Bands, study_bands
from planwise_assets.results.law.answers import LawAnswers
from planwise_assets.results.law.corrections import CORRECTION_HEADS, Correction
from planwise_assets.results.law.outcome import LAW_HEADS, LawOutcome
from planwise_assets.results.measures import MEASURES, shown
from planwise_assets.results.provenance import Published
from planwise_assets.results.sheet import CELL_CHARACTERS, SHEET_ROWS, Figure, Sheet, TooLargeError
from planwise_assets.results.totals import ALL_YEARS, WORDS
from planwise_assets.results.wording import statements
from planwise_assets.settings import PROJECT_ROOT
from resources.files import make_whole

_MODELS = PROJECT_ROOT / "dbt_project" / "models"


def write_workbook(
    connection: duckdb.DuckDBPyConnection,
    made: Published,
    differs: Sequence[str],
    tables: Sequence[str],
    file: Path,
    *,
    law: LawAnswers | None = None,
    written: Callable[[int], None] = lambda rows: None,
) -> None:
    """Writes a workbook, each sheet in one pass.

    Its sheets: `about` (where the figures come from), `summary` (the figures that people compare, by scenario and year;
    dollars over all years, too), `bands` (the same over the seeds, where there are several), `tests` (the plan's, with their
    margins), `law` (what the law asks of the plan as a whole), `corrections` (of failed tests, if there are any), one a
    table, `scenarios` (what each is, in words), and `columns` (what each column means).

    Args:
        connection: To the warehouse.
        made: What it was made from.
        differs: What of that is different today.
        tables: The published tables that get a sheet.
        file: The workbook.
        law: What the law's tests say; None: no sheet says it.
        written: Is told, now and then, that so many more rows of the tables are written.

    Raises:
        TooLargeError: A table does not fit a sheet, or a text a cell; nothing is written.
        CannotWriteError: The folder, the disk or a right is wanting.
    """
    for table in tables:
        rows = rows_of(connection, [table])
        if rows >= SHEET_ROWS:
            raise TooLargeError(f"{table} has {rows:,} rows; a sheet holds {SHEET_ROWS - 1:,}. Use --format parquet or csv.")

    def make(building: Path) -> None:
        # A place that cannot be written to is told before the library fills the temporary folder with sheets.
        building.touch()
        try:
            _write(connection, made, differs, tables, building, law=law or LawAnswers(), written=written)
        except FileCreateError as error:
            # The library hides the reason that make_whole tells people.
            raise OSError(*error.args[0].args) from error

    make_whole(file, make)


def rows_of(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> int:
    """How many rows the sheets of some tables will have together."""
    counted = [connection.execute(f"select count(*) from {table}").fetchone() for table in tables]
    return sum(row[0] for row in counted if row)


def _write(
    connection: duckdb.DuckDBPyConnection,
    made: Published,
    differs: Sequence[str],
    tables: Sequence[str],
    file: Path,
    *,
    law: LawAnswers,
    written: Callable[[int], None],
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(file), options) as book:
        Sheet(book, "about").fill(["what", "value"], _in_cells(_about(made, differs)), widths=[52, 90])
        bands = study_bands(connection, made, together=True)
        heads = ["scenario", "year", *(measure.label for measure in shown(bands))]
        summary = Sheet(book, "summary")
        summary.fill(heads, _summary(made, bands), widths=[24, *(max(len(head) + 2, 11) for head in heads[1:])])
        summary.chart(book, MEASURES["net_cost"].label, heads, _stretches(made, bands))
        if len(made.seeds) > 1:
            Sheet(book, "bands").fill(_BAND_HEADS, _bands(made, bands), widths=[24, 6, 22, *[14] * (len(_BAND_HEADS) - 3)])
        outcomes = read_plan_tests(connection, made.scenarios)
        Sheet(book, "tests").fill(_TEST_HEADS, (_test(made, one) for one in outcomes), widths=[24, 6, 6, 20, *[12] * 9, 100])
        if law.outcomes:
            Sheet(book, "law").fill(
                _LAW_HEADS, (_law(made, one) for one in law.outcomes), widths=[24, 6, 22, 18, 18, 9, 9, 120]
            )
        if law.corrections:
            ways = (_correction(made, one) for one in law.corrections)
            Sheet(book, "corrections").fill(list(CORRECTION_HEADS), ways, widths=[24, 6, 6, 6, 8, *[14] * 7])
        for table in tables:
            cursor = connection.execute(f"select * from {table}")
            names = [column[0] for column in cursor.description or []]
            shares = {place for place, name in enumerate(names) if name.endswith(_SHARES)}
            Sheet(book, table).fill(names, _rows(cursor, shares, written), widths=[max(len(name) + 2, 11) for name in names])
        words = ["what", *made.titles.values()]
        Sheet(book, "scenarios").fill(words, _in_words(made), widths=[40, *[50] * len(made.titles)])
        Sheet(book, "columns").fill(["table", "column", "meaning"], _meanings(tables, bands), widths=[30, 34, 100])


_BAND_HEADS = ["scenario", "year", "figure", "mean", "standard error", *(f"P{percent}" for percent in PERCENTILES), "seeds"]


#: Columns that hold a share: 0.65 is 65 %. Those in per cent already say so in their name.
_SHARES = ("_rate", "_rate_this_year", "threshold", "growth")


def _stretches(made: Published, bands: Bands) -> list[tuple[str, int, int]]:
    """The rows of each scenario's years in the summary: title, first and last. Their sum is no point of a line."""
    places: dict[str, list[int]] = {}
    for row, (scenario, year) in enumerate(bands, start=1):
        if year == ALL_YEARS:
            continue
        places.setdefault(made.titles[scenario], []).append(row)
    return [(title, rows[0], rows[-1]) for title, rows in places.items()]


def _summary(made: Published, bands: Bands) -> Iterator[list[Any]]:
    measures = shown(bands)
    for (scenario, year), row in bands.items():
        figures = (Figure(one.unit, row[one.name].mean) if one.name in row else None for one in measures)
        yield [made.titles[scenario], year or WORDS, *figures]


def _bands(made: Published, bands: Bands) -> Iterator[list[Any]]:
    for (scenario, year), row in bands.items():
        for name, band in row.items():
            spread = [band.mean, band.standard_error, *(band.percentiles.get(percent) for percent in PERCENTILES)]
            figures = (None if value is None else Figure(MEASURES[name].unit, value) for value in spread)
            yield [made.titles[scenario], year or WORDS, MEASURES[name].label, *figures, band.seeds]


_TEST_HEADS = [*HEADS, "fails in seeds", "of seeds", "what would have to change"]


def _test(made: Published, one: PlanTest) -> list[Any]:
    shares = (one.hce_rate, one.nhce_rate, one.limit, one.margin, one.worst)
    return [
        *(made.titles[one.scenario], one.year, one.test, one.says),
        *(None if share is None else Figure("share", share) for share in shares),
        *(Figure("dollars", money) for money in (one.excess, one.worst_excess)),
        *(one.failed, one.seeds, one.remedy()),
    ]


_LAW_HEADS = ["scenario", "year", *LAW_HEADS[2:-1], "fails in seeds", "of seeds", LAW_HEADS[-1]]


def _law(made: Published, one: LawOutcome) -> list[Any]:
    return [made.titles[one.scenario], one.year, one.test, one.law, one.says, one.failed, one.seeds, one.because]


def _correction(made: Published, one: Correction) -> list[Any]:
    dollars = (*(one.sum(name) for name in ("excess", "catch_up", "refund", "lost_match")), one.qnec)
    return [
        *(made.titles[one.scenario], one.year, one.test, one.seed, len(one.people)),
        *(None if money is None else Figure("dollars", float(money)) for money in dollars),
        None if one.qnec_rate is None else Figure("share", float(one.qnec_rate)),
        None if one.qmac is None else Figure("dollars", float(one.qmac)),
    ]


def _rows(
    cursor: duckdb.DuckDBPyConnection, shares: Collection[int], written: Callable[[int], None]
) -> Iterator[Sequence[Any]]:
    """The rows of a table; what is a share is shown in per cent."""
    while batch := cursor.fetchmany(10_000):
        for row in batch:
            yield [
                Figure("share", float(value)) if place in shares and value is not None else value
                for place, value in enumerate(row)
            ]
        written(len(batch))


def _in_cells(facts: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """A fact that is longer than a cell goes on in further rows."""
    for name, value in facts:
        yield name, value[:CELL_CHARACTERS]
        for start in range(CELL_CHARACTERS, len(value), CELL_CHARACTERS):
            yield f"{name} (continued)", value[start : start + CELL_CHARACTERS]


def _in_words(made: Published) -> Iterator[list[str]]:
    """What each scenario is, in words; first its name in the tables, then its author's own words."""
    yield ["name in the tables", *made.titles]
    if made.descriptions:
        yield ["description", *(made.descriptions.get(name, "-") for name in made.titles)]
    said = {name: statements(settings) for name, settings in made.settings.items()}
    for title in dict.fromkeys(title for scenario in said.values() for title in scenario):
        yield [title, *(scenario.get(title, "-") for scenario in said.values())]


def _about(made: Published, differs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What the published years were made from; first of all what of that is different today."""
    yield from (("NOT OF TODAY: since then", sentence) for sentence in differs)
    yield "study", made.study
    yield "title", made.title
    yield from (("question", made.question) for _ in range(bool(made.question)))
    yield "years", ", ".join(map(str, made.years))
    yield "seeds", ", ".join(map(str, made.seeds))
    yield "scenarios", ", ".join(made.titles.values())
    for year, source in made.years.items():
        yield f"{year}: study file", source.study_file[0]
        yield f"{year}: study file, SHA-256", source.study_file[1]
        yield f"{year}: census", source.census[0]
        yield f"{year}: census, SHA-256", source.census[1]
        yield f"{year}: closing_hash", source.closing_hash
        yield f"{year}: engine", source.engine
        yield from ((f"{year}: version of {name}", version) for name, version in source.packages.items())
        yield from ((f"{year}: accepted", problem) for problem in source.accepted)
    yield from ((f"warning, {', '.join(map(str, years))}", warning) for warning, years in made.warnings.items())
    for scenario, settings in made.settings.items():
        yield from ((f"scenarios.{scenario}.{key}", value) for key, value in settings.items())


def _meanings(tables: Sequence[str], bands: Bands) -> Iterator[tuple[str, str, str]]:
    """What each figure of the summary means, and what dbt documents of each column."""
    for measure in shown(bands):
        yield "summary", measure.label, measure.meaning
    for table in tables:
        for file in sorted(_MODELS.glob(f"*/{table}.yml")):
            for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
                for column in model["columns"]:
                    yield table, column["name"], column.get("description", "")
