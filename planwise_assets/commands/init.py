"""`planwise init CENSUS`: a study from a stranger's census.

Belongs here: arguments, questions, what is said of the census. Does not: guessing and judging (intake/).
"""

from __future__ import annotations

import os.path
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import duckdb
import typer

from planwise_assets.commands.shared.console import Exit, fail, print_json, print_table, say, written_or_said
from planwise_assets.commands.shared.options import JsonOption
from planwise_assets.intake.names import guess_columns, missing
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.intake.values import AmbiguousColumnError, DateOrder, rewriting
from planwise_assets.settings import Settings, SettingsError
from planwise_assets.study.errors import StudyError
from planwise_assets.study.sections.census import CENSUS_COLUMNS
from planwise_assets.study.values import name as study_name
from resources.engines.session import quoted
from resources.files import make_whole, write_whole

_SHOWN_REJECTS = 20


def init(
    census: Annotated[Path, typer.Argument(help="The census: .csv or .parquet, with a header.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="The study file to write.")] = Path("study.yaml"),
    name: Annotated[str | None, typer.Option(help="Name of the study; by default that of the census file.")] = None,
    years: Annotated[
        str | None, typer.Option(help="E.g. 2025-2029; by default five years from the one after the latest hire.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="Possible futures of each scenario.", min=1, max=10_000)] = 5,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map", help="The file's column and what it is, e.g. 'Gross Pay=annual_compensation'; 'X=' ignores X."
        ),
    ] = None,
    dates: Annotated[
        Literal["mdy", "dmy"] | None, typer.Option(help="How 03/04/1980 is read, where the file does not say.")
    ] = None,
    reject_limit: Annotated[
        float | None, typer.Option(help="Share of bad rows that may be left out of a simulation.", min=0, max=1)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guesses; ask nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a study file that is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Makes a study from a census: maps its columns, writes a commented study file, and reports bad rows.

    Exit code 1: the study file is written, and a simulation would refuse the census as it is.

    Try:

        planwise init people.csv

        planwise init people.csv --yes --years 2025-2029 --map "Gross Pay=annual_compensation"
    """
    if out.exists() and not force:
        fail(f"{out} is there already: give another --out, or --force to replace it.")
    asks = sys.stdin.isatty() and not yes and not as_json
    with duckdb.connect() as connection:
        source, own = _opened(connection, census)
        mapping = _mapped(own, column or [], asks=asks)
        try:
            rewritten = rewriting(connection, source, mapping, dates)
        except AmbiguousColumnError as error:
            if not asks:
                fail(str(error))
            order: DateOrder = "mdy" if typer.confirm("Dates such as 03/04/1980: is the month first?") else "dmy"
            rewritten = rewriting(connection, source, mapping, order)
        title = _name(name or re.sub(r"[^a-z0-9]+", "_", census.stem.lower()).strip("_"))
        first, last = _span(years) if years else _years_after(connection, source, mapping, rewritten)
        file, columns = census, {own_name: canonical for canonical, own_name in mapping.items() if own_name != canonical}
        if rewritten:
            file, columns = out.parent / f"{out.stem}_census.csv", {}
            _rewrite(connection, source, mapping, rewritten, file)
    limit = None if reject_limit is None else f"{reject_limit:.6f}".rstrip("0").rstrip(".")
    relative = _relative(file, out)
    with written_or_said():
        write_whole(out, study_text(NewStudy(title, relative, columns, (first, last), seeds, limit)).encode())
    ignored = [column for column in own if column not in mapping.values()]
    _report(census, out, mapping, rewritten, file, ignored=ignored, as_json=as_json)


def _opened(connection: duckdb.DuckDBPyConnection, census: Path) -> tuple[str, list[str]]:
    """SQL of the file with every column as text, and its columns."""
    if not census.is_file():
        fail(f"{census}: {'is a folder' if census.is_dir() else 'no such file'}.")
    if census.suffix.lower() == ".csv":
        source = f"(select * from read_csv({quoted(census)}, header = true, all_varchar = true))"
    elif census.suffix.lower() == ".parquet":
        source = f"(select cast(columns(*) as varchar) from read_parquet({quoted(census)}, hive_partitioning = false))"
    else:
        fail(f"{census}: a census is a .csv or .parquet file.")
    try:
        return source, [row[0] for row in connection.execute(f"describe select * from {source}").fetchall()]
    except duckdb.Error as error:
        fail(f"{census} cannot be read: {error}")


def _mapped(own: list[str], given: list[str], *, asks: bool) -> dict[str, str]:
    """PlanWise's names to the file's: guesses, then what the user says."""
    mapping = guess_columns(own)
    for item in given:
        column, separator, canonical = item.rpartition("=")
        if not separator or column not in own:
            fail(f"--map {item!r}: give COLUMN=NAME with one of the file's columns: {', '.join(own)}.")
        if canonical and canonical not in CENSUS_COLUMNS:
            fail(f"--map {item!r}: PlanWise has no column {canonical!r}; it has {', '.join(CENSUS_COLUMNS)}.")
        mapping = {known: name for known, name in mapping.items() if name != column}
        if canonical:
            mapping[canonical] = column
    if asks:
        mapping = _asked(own, mapping)
    lacking = missing(mapping)
    if lacking:
        fail(
            f"No column was recognised as {', '.join(lacking)}. The file has: {', '.join(own)}. "
            f"Say which, e.g. --map '{own[0]}={lacking[0]}'."
        )
    return mapping


def _asked(own: list[str], mapping: dict[str, str]) -> dict[str, str]:
    print_table(
        "Columns recognised", ["column of the file", "is"], [[name, known] for known, name in mapping.items()], left=2
    )
    if not typer.confirm("Is that right?", default=True):
        for known in list(mapping):
            answer = typer.prompt(f"Column for {known} (- for none)", default=mapping[known])
            if answer in own:
                mapping[known] = answer
            else:
                del mapping[known]
    for known in missing(mapping):
        answer = ""
        while answer not in own:
            answer = typer.prompt(f"Which column is {known}? One of {', '.join(own)}")
        mapping[known] = answer
    return mapping


def _name(text: str) -> str:
    try:
        return study_name(text)
    except ValueError as error:
        fail(f"--name: {text!r} {error}.")


def _span(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", text)
    if not found or int(found[2] or found[1]) < int(found[1]):
        fail(f"--years {text}: give a year or a span, e.g. 2025-2029.")
    return int(found[1]), int(found[2] or found[1])


def _years_after(
    connection: duckdb.DuckDBPyConnection, source: str, mapping: dict[str, str], rewritten: dict[str, tuple[str, str]]
) -> tuple[int, int]:
    hired = rewritten["hire_date"][0] if "hire_date" in rewritten else _identifier(mapping["hire_date"])
    row = connection.execute(f"select max(year(try_cast(left({hired}, 10) as date))) from {source}").fetchone()
    if row is None or row[0] is None:
        fail(f"Column {mapping['hire_date']!r} has no date that can be read, so give --years, e.g. --years 2025-2029.")
    return row[0] + 1, row[0] + 5


def _rewrite(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    mapping: dict[str, str],
    rewritten: dict[str, tuple[str, str]],
    file: Path,
) -> None:
    """Writes a copy of the census that PlanWise reads, with PlanWise's names; the original stays as it is."""
    selected = ", ".join(
        f"{rewritten[known][0] if known in rewritten else _identifier(own)} as {known}" for known, own in mapping.items()
    )
    with written_or_said():
        make_whole(
            file,
            lambda at: connection.execute(f"copy (select {selected} from {source}) to {quoted(at)} (format csv, header)"),
        )


def _relative(file: Path, study: Path) -> str:
    # pathlib walks upwards from Python 3.12 on only.
    return os.path.relpath(file.resolve(), study.resolve().parent)


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _report(
    census: Path,
    out: Path,
    mapping: dict[str, str],
    rewritten: dict[str, tuple[str, str]],
    file: Path,
    *,
    ignored: list[str],
    as_json: bool,
) -> None:
    """Says what was understood, and which rows are bad by the rules of the models themselves."""
    import dagster as dg  # noqa: PLC0415 - takes a second to import

    from planwise_assets.study.file.load import load_study  # noqa: PLC0415 - not before the file is written
    from planwise_assets.year.setup.census_check import judge_census  # noqa: PLC0415 - so does this

    if not as_json:
        rows = ([own, known, rewritten[known][1] if known in rewritten else "-"] for known, own in mapping.items())
        print_table("Columns", ["column of the file", "is", "rewritten"], rows, left=3)
        if rewritten:
            say(f"Rewritten copy: {file} ({census} is as it was)")
    try:
        judged = judge_census(Settings.from_environment(), out.resolve())
        limit = load_study(out).census_reject_limit
    except (SettingsError, StudyError, dg.Failure) as error:
        fail(str(error.description if isinstance(error, dg.Failure) else error), Exit.FAILED)
    is_refused = judged.rejected_rows > limit * judged.rows or not judged.active
    if as_json:
        print_json(
            {
                "study": str(out),
                "census": str(file),
                "columns": mapping,
                "rewritten": {known: what for known, (_, what) in rewritten.items()},
                "ignored": ignored,
                "rows": judged.rows,
                "active": judged.active,
                "rejected_rows": judged.rejected_rows,
                "rejects": [reject.__dict__ for reject in judged.rejects],
                "usable": not is_refused,
            }
        )
    else:
        if ignored:
            say(f"Not used: {', '.join(ignored)}")
        say(f"\n{judged.rows:,} rows; {judged.active:,} people enter the simulation; {judged.rejected_rows:,} bad rows.")
        shown = judged.rejects[:_SHOWN_REJECTS]
        if shown:
            rejected = (
                [str(row.row + 1), row.employee_id or "-", row.column, row.value or "-", row.reason] for row in shown
            )
            print_table("Bad rows", ["line", "employee", "column", "value", "rule"], rejected, left=5, wrap=True)
            for reason, count in Counter(row.reason for row in judged.rejects[_SHOWN_REJECTS:]).items():
                say(f"and {count:,} more: {reason}")
        say(f"\nStudy: {out}")
        if is_refused:
            say(
                f"A simulation stops while more than {float(limit):.1%} of the rows are bad: mend them in {census} and run "
                "init again, or leave them out with --reject-limit."
            )
        else:
            say(f"Next: PLANWISE_STUDY={out} planwise simulate")
    if is_refused:
        raise typer.Exit(Exit.FAILED)
