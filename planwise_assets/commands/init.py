"""`planwise init CENSUS`: a study from a stranger's census.

Belongs here: arguments, questions, what is said of the census. Does not: reading, guessing and judging (intake/).
"""

from __future__ import annotations

import os.path
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import typer

from planwise_assets.commands.census_words import report_of, said_of
from planwise_assets.commands.plan_questions import asked_terms, refuse_misfits
from planwise_assets.commands.shared.console import Exit, busy, fail, note, print_json, print_table, say, written_or_said
from planwise_assets.commands.shared.options import JsonOption
from planwise_assets.intake.census import CensusError, interpret
from planwise_assets.intake.mapping import Mapping, mapping_of
from planwise_assets.intake.names import missing
from planwise_assets.intake.plausible import require_plausible
from planwise_assets.intake.reading.file import read_census
from planwise_assets.intake.reading.table import RawTable
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.intake.template import HEADINGS, rows, write_template
from planwise_assets.intake.values.column import AmbiguousColumnError
from planwise_assets.intake.values.words import UnknownWordsError
from planwise_assets.intake.years import latest_hire
from planwise_assets.settings import Settings, SettingsError
from planwise_assets.study.errors import StudyError
from planwise_assets.study.sections.census import CENSUS_COLUMNS, STATUSES, CensusReading
from planwise_assets.study.sections.levels import Levels
from planwise_assets.study.values import name as study_name
from resources.files import write_whole

_LONGEST_NAME = 48
Period = Literal["year", "month", "semimonth", "biweek", "week"]


def init(
    census: Annotated[
        Path | None, typer.Argument(help="The census: text, a workbook or Parquet, with column names.")
    ] = None,
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
    ignore: Annotated[list[str] | None, typer.Option(help="A column that is passed over on purpose.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook, the sheet.")] = None,
    dates: Annotated[
        Literal["mdy", "dmy"] | None, typer.Option(help="How 03/04/1980 is read, where the file does not say.")
    ] = None,
    decimal: Annotated[
        Literal["point", "comma"] | None, typer.Option(help="How 43.137 is read, where the column does not say.")
    ] = None,
    rates: Annotated[
        Literal["percent", "share"] | None, typer.Option(help="What a rate of 1 is, where the column does not say.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone in which moments of a file are days.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="A word of the census and its meaning, e.g. 'P=leave'.")] = None,
    deferral_dollars: Annotated[Period | None, typer.Option(help="What deferrals in dollars are for.")] = None,
    pay_each: Annotated[
        Period | None, typer.Option(help="What the column of yearly pay is for, where it is a pay period's.")
    ] = None,
    breaks: Annotated[
        Literal["lost", "kept"] | None, typer.Option(help="Service before a break whose length the file does not give.")
    ] = None,
    parity_below_years: Annotated[
        int | None,
        typer.Option(
            help="Rule of parity: fewer years of service than these are lost by a break of five years.", min=1, max=6
        ),
    ] = None,
    weekly_hours: Annotated[
        Literal["scheduled", "worked"] | None,
        typer.Option(help="Without scheduled hours: 40 a week (scheduled), or last year's (worked)."),
    ] = None,
    match: Annotated[
        str | None, typer.Option(help="The plan's match, e.g. '50% of first 6%' or '100% of first 3%, 50% of next 2%'.")
    ] = None,
    auto_enroll: Annotated[
        str | None, typer.Option(help="Automatic enrolment: '3%' (new hires), '6% all' (everybody eligible), 'none'.")
    ] = None,
    eligibility: Annotated[
        str | None, typer.Option(help="Age, service, entry dates: 'age 21, 1 year, semiannual', or 'immediate'.")
    ] = None,
    vesting: Annotated[
        str | None, typer.Option(help="'immediate', '3-year cliff', '2-6 graded' or '5-year graded'.")
    ] = None,
    safe_harbor: Annotated[
        str | None, typer.Option(help="none, basic, enhanced, nonelective, qaca_match or qaca_nonelective.")
    ] = None,
    reject_limit: Annotated[
        float | None, typer.Option(help="Share of bad rows that may be left out of a simulation.", min=0, max=1)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guesses; ask nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a study file that is there.")] = False,
    columns: Annotated[bool, typer.Option("--columns", help="Print every column that a census may have, and stop.")] = False,
    template: Annotated[Path | None, typer.Option(help="Write a workbook to fill in (.xlsx), and stop.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Makes a study from a census: maps its columns, writes a commented study file, and reports bad rows.

    Exit code 1: a simulation would refuse the census as it is, or a column that looks important is not used.

    Try:

        planwise init people.csv

        planwise init people.csv --yes --match "50% of first 6%" --auto-enroll 3% --vesting "3-year cliff"

        planwise init people.xlsx --yes --years 2025-2029 --map "Gross Pay=annual_compensation" --ignore Badge
    """
    if columns:
        print_table("Columns of a census", HEADINGS, rows(), left=len(HEADINGS), wrap=True)
        return
    if template is not None:
        with written_or_said():
            say(write_template(template))
        return
    if census is None:
        fail("Give the census, e.g. planwise init people.csv; or --columns, or --template census.xlsx.")
    if out.exists() and not force:
        fail(f"{out} is there already: give another --out, or --force to replace it.")
    asks = sys.stdin.isatty() and not yes and not as_json
    said = {
        "match": match,
        "auto_enroll": auto_enroll,
        "eligibility": eligibility,
        "vesting": vesting,
        "safe_harbor": safe_harbor,
    }
    terms = asked_terms(said, asks=False)
    # Before the census is read, which may take a while.
    refuse_misfits(NewStudy("new", census.name, {}, (2026, 2026), seeds, terms=terms))
    reading = CensusReading(
        sheet=sheet,
        dates=dates,
        decimal=decimal,
        rates=rates,
        zone=zone,
        deferral_dollars_each=deferral_dollars,
        pay_each=pay_each,
        unknown_breaks=breaks,
        parity_below_years=parity_below_years,
        weekly_hours=weekly_hours or "scheduled",
        statuses=_statuses(status or []),
    )
    with duckdb.connect() as connection:
        try:
            with busy(f"Reading {census}"):
                table = read_census(connection, census, sheet)
        except CensusError as error:
            fail(str(error))
        mapping = _mapped(connection, table, column or [], ignore or [], asks=asks)
        reading = reading.model_copy(update={"ignore": tuple(name for name in mapping.ignored if name in CENSUS_COLUMNS)})
        if weekly_hours is None and _works_by_hours(mapping):
            reading = reading.model_copy(update={"weekly_hours": "worked"})
        span, reading = _answered(lambda now: _years(connection, table, mapping, now, years), reading, asks=asks)
        census_date = date(span[0] - 1, 12, 31)

        def people(now: CensusReading) -> None:
            with busy("People and their values"):
                interpret(connection, table, mapping.columns, now, census_date)
            require_plausible(connection, mapping.columns, now)

        _, reading = _answered(people, reading, asks=asks)
    if asks:
        terms = asked_terms(said, asks=True)
    if terms.vesting_by_law:
        note("The {} vests by {}: ".format(*terms.vesting_by_law) + f"--safe-harbor {terms.safe_harbor} asks for it.")
    title = _name(name or _name_of(census))
    renamed = {own: known for known, own in mapping.columns.items() if own != known}
    limit = None if reject_limit is None else f"{reject_limit:.6f}".rstrip("0").rstrip(".")
    new = NewStudy(
        title, _relative(census, out), renamed, span, seeds, limit, reading.model_dump(exclude_defaults=True), terms
    )
    refuse_misfits(new)
    _refuse_what_is_passed_over(mapping, table, as_json=as_json)
    with written_or_said():
        write_whole(out, study_text(new).encode())
    _judge_and_report(census, out, mapping, as_json=as_json)


def _works_by_hours(mapping: Mapping) -> bool:
    """Whether last year's hours are all that says who works part time."""
    known = mapping.columns
    return "hours_prior_year_1" in known and not {"scheduled_hours_per_week", "annual_hours"} & set(known)


def _mapped(
    connection: duckdb.DuckDBPyConnection, table: RawTable, given: list[str], ignored: list[str], *, asks: bool
) -> Mapping:
    own, said = table.names, []
    for item in given:
        column, separator, canonical = item.rpartition("=")
        if not separator or column not in own:
            fail(f"--map {item!r}: give COLUMN=NAME with one of the file's columns: {', '.join(own)}.")
        if canonical and canonical not in CENSUS_COLUMNS:
            fail(f"--map {item!r}: PlanWise has no column {canonical!r}; it has {', '.join(CENSUS_COLUMNS)}.")
        said.append((column, canonical))
    if strange := [name for name in ignored if name not in own]:
        fail(f"--ignore {strange[0]!r}: the file has no such column; it has {', '.join(own)}.")
    try:
        mapping = mapping_of(connection, table, said, ignored, Levels().ids)
        if asks:
            mapping = mapping_of(connection, table, _asked(own, mapping, said), ignored, Levels().ids)
    except CensusError as error:
        fail(f"{table.file}: {error}")
    lacking = missing(mapping.columns)
    if lacking:
        free = next((name for name in own if name not in mapping.columns.values()), own[0])
        fail(
            f"{table.file}: no column was recognised as {', '.join(lacking)}. The file has: {', '.join(own)}. "
            f"Say which, e.g. --map '{free}={lacking[0]}'."
        )
    return mapping


def _asked(own: list[str], mapping: Mapping, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person says of the guesses, and of what would be passed over."""
    print_table(
        "Columns recognised",
        ["column of the file", "is", "why", "score"],
        [[guess.own, guess.column, guess.why, f"{guess.score:.2f}"] for guess in mapping.guesses],
        left=3,
    )
    answers = dict(said)
    if not typer.confirm("Is that right?", default=True):
        for known, name in mapping.columns.items():
            answer = typer.prompt(f"Column for {known} (- for none)", default=name)
            if answer != name:
                answers[name] = ""
            if answer in own:
                answers[answer] = known
    for known in missing(mapping.columns):
        answer = ""
        while answer not in own:
            answer = typer.prompt(f"Which column is {known}? One of {', '.join(own)}")
        answers[answer] = known
    for name, what in mapping.passed_over(own):
        answer = "?"
        while name not in answers and answer not in ("-", *CENSUS_COLUMNS):
            answer = typer.prompt(f"Column {name!r} looks like {what}: which is it (- to pass it over)", default="-")
        answers.setdefault(name, "" if answer == "-" else answer)
    return list(answers.items())


def _refuse_what_is_passed_over(mapping: Mapping, table: RawTable, *, as_json: bool) -> None:
    """Ends the command where a column that looks important would be dropped."""
    left = mapping.passed_over(table.names)
    if not left:
        return
    message = "\n".join(
        f"  {name!r} looks like {what}: say what it is (--map '{name}=...') or pass it over (--ignore '{name}')"
        for name, what in left
    )
    if not as_json:
        said_of(table, mapping)
    fail(
        f"{table.file}: {len(left)} columns look important and are not used; nothing was written.\n{message}\n"
        "`planwise init --columns` lists what a column may be.",
        Exit.FAILED,
    )


def _answered(work: Callable[[CensusReading], Any], reading: CensusReading, *, asks: bool) -> tuple[Any, CensusReading]:
    """Does what may need an answer, and asks for it; without anybody to ask, the question is the message."""
    while True:
        try:
            return work(reading), reading
        except AmbiguousColumnError as question:
            if not asks:
                fail(str(question))
            note(str(question))
            choices = f" ({' or '.join(question.choices)})" if question.choices else ""
            answer = typer.prompt(f"{question.setting}{choices}")
            if answer in question.choices or not question.choices:
                reading = reading.model_copy(update={question.setting: answer})
        except UnknownWordsError as question:
            if not asks or not question.words:
                fail(str(question))
            meant = {word: typer.prompt(f"What is status {word!r}? One of {', '.join(STATUSES)}") for word in question.words}
            found = {word: status for word, status in meant.items() if status in STATUSES}
            reading = reading.model_copy(update={"statuses": {**reading.statuses, **found}})
        except CensusError as error:
            fail(str(error))


def _statuses(given: list[str]) -> dict[str, str]:
    found = {}
    for item in given:
        word, separator, status = item.rpartition("=")
        if not separator or status not in STATUSES:
            fail(f"--status {item!r}: give WORD=STATUS; a status is {', '.join(STATUSES)}.")
        found[word] = status
    return found


def _years(
    connection: duckdb.DuckDBPyConnection, table: RawTable, mapping: Mapping, reading: CensusReading, given: str | None
) -> tuple[int, int]:
    if given:
        found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", given)
        if not found or int(found[2] or found[1]) < int(found[1]):
            fail(f"--years {given}: give a year or a span, e.g. 2025-2029.")
        return int(found[1]), int(found[2] or found[1])
    latest = latest_hire(connection, table, mapping.columns, reading)
    if latest is None:
        fail(
            f"Column {mapping.columns['hire_date']!r} has no date that can be read, so give --years, e.g. --years 2025-2029."
        )
    return latest.year + 1, latest.year + 5


def _name_of(census: Path) -> str:
    """A study's name from its census's: `2025 Census (final).xlsx` is `study_2025_census_final`."""
    plain = re.sub(r"[^a-z0-9]+", "_", census.stem.lower()).strip("_")
    return (plain if re.match("[a-z]", plain) else f"study_{plain}")[:_LONGEST_NAME].strip("_")


def _name(text: str) -> str:
    try:
        return study_name(text)
    except ValueError as error:
        fail(f"--name: {text!r} {error}.")


def _relative(file: Path, study: Path) -> str:
    # pathlib walks upwards from Python 3.12 on only.
    return os.path.relpath(file.resolve(), study.resolve().parent)


def _judge_and_report(census: Path, out: Path, mapping: Mapping, *, as_json: bool) -> None:
    """Says what was understood, and which rows are bad by the rules of the models themselves."""
    import dagster as dg  # noqa: PLC0415 - takes a second to import

    from planwise_assets.intake.judge import judge  # noqa: PLC0415 - so does this
    from planwise_assets.intake.totals import totals_of  # noqa: PLC0415
    from planwise_assets.study.file.load import load_study  # noqa: PLC0415 - not before the file is written
    from planwise_assets.year.setup.inputs import prepare_inputs  # noqa: PLC0415
    from resources.dbt.compiled import compiled_project  # noqa: PLC0415

    try:
        settings, study = Settings.from_environment(), load_study(out)
        dbt = compiled_project(settings.dbt_project, settings.dbt_cache)
        with duckdb.connect() as connection, busy("Judging every row as a simulation does"):
            read = prepare_inputs(connection, study, dbt, study.years.start)
            judged = judge(connection, dbt)
            totals = totals_of(connection, read, judged)
    except (SettingsError, StudyError) as error:
        fail(str(error))
    except dg.Failure as error:
        fail(str(error.description), Exit.FAILED)
    report = report_of(
        census, out, mapping=mapping, read=read, judged=judged, totals=totals, limit=study.census_reject_limit
    )
    if as_json:
        print_json(report.as_json())
    else:
        report.print()
    if report.is_refused:
        raise typer.Exit(Exit.FAILED)
