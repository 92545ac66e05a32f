"""`planwise backtest FILES`: a fit of the earlier years, scored on the later ones.

Belongs here: arguments, what is said. Does not: scoring (evidence/backtest.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planwise_assets.commands.shared.console import Exit, fail, print_json, print_table, say
from planwise_assets.commands.shared.history import (
    CauseOption,
    DatesOption,
    FilesArgument,
    GroupOption,
    MapOption,
    OnlyOption,
    open_history,
)
from planwise_assets.commands.shared.options import JsonOption
from resources.files import CannotWriteError, write_whole

if TYPE_CHECKING:
    from planwise_assets.evidence.backtest import Scored


def backtest(
    files: FilesArgument,
    *,
    hold_out: Annotated[int, typer.Option(help="So many of the last years are scored, not fitted.", min=1, max=10)] = 1,
    rolling: Annotated[bool, typer.Option("--rolling", help="Score each year that has three before it.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="The backtest; .json beside it.")] = Path("backtest.md"),
    column: MapOption = None,
    group: GroupOption = None,
    cause: CauseOption = None,
    only: OnlyOption = None,
    table: Annotated[
        list[str] | None, typer.Option(help="A published table of all exits to compare with, e.g. soa-1549.")
    ] = None,
    material_share: Annotated[
        float, typer.Option(help="A gap matters from this share of all expected exits on.", min=0, max=1)
    ] = 0.02,
    price: Annotated[
        float | None, typer.Option(help="Dollars that an exit costs; a gap then matters by its dollars.")
    ] = None,
    material_dollars: Annotated[float, typer.Option(help="With --price: a gap matters from here on.", min=0)] = 100_000,
    previous: Annotated[
        Path | None, typer.Option(help="The .json of an earlier backtest, to compare with.", exists=True, dir_okay=False)
    ] = None,
    dates: DatesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fits the earlier years of a history and scores what it expects of the later ones.

    Beside it stand bands, a flat rate, the shipped defaults and published tables.

    Exit code 1: a gap is both significant and material, or a cause came that the fitted years did not have.

    Try:

        planwise backtest people_by_year.csv --hold-out 2 --table soa-1549

        planwise backtest census_20*.csv --rolling
    """
    before = _earlier(previous)
    evidence = open_history(files, column=column, group=group, cause=cause, only=only, dates=dates)
    from planwise_assets.evidence.backtest import Materiality  # noqa: PLC0415 - needs numpy
    from planwise_assets.evidence.backtest_text import as_comparison, as_markdown  # noqa: PLC0415
    from planwise_assets.evidence.backtest_text import as_json as figures  # noqa: PLC0415
    from planwise_assets.evidence.errors import EvidenceError  # noqa: PLC0415
    from planwise_assets.evidence.fitting import backtests  # noqa: PLC0415

    try:
        found = backtests(
            evidence,
            hold_out=None if rolling else hold_out,
            tables=table or (),
            materiality=Materiality(material_share, material_dollars, price),
        )
    except EvidenceError as error:
        fail(str(error))
    all_figures = [figures(one, evidence.inputs) for one in found]
    text = "\n".join(as_markdown(one, evidence.inputs) for one in found)
    if before is not None:
        text += "\n".join(["", *as_comparison(before, all_figures)]) + "\n"
    try:
        write_whole(out, text.encode())
        write_whole(out.with_suffix(".json"), (json.dumps(all_figures, indent=2) + "\n").encode())
    except CannotWriteError as error:
        fail(str(error), Exit.USAGE)
    if as_json:
        print_json(all_figures)
    else:
        for one in found:
            rows = [
                [score.cause, score.method, f"{score.actual:,.0f}", f"{score.expected:,.1f}", f"{score.deviance:,.0f}"]
                for score in one.scores
            ]
            title = f"Fitted on {one.fitted[0]}-{one.fitted[-1]}, scored on {', '.join(map(str, one.held_out))}"
            print_table(title, ["cause", "method", "exits", "expected", "deviance"], rows, left=2)
            beside = [[scored.measure.name, *_figures(scored)] for scored in one.measures]
            if beside:
                print_table("Beside exits", ["", "actual", "expected", "give or take"], beside, left=1)
            for sentence in one.breaks or ("It holds: no gap is both significant and material.",):
                say(sentence)
        say(f"\nBacktest: {out}")
    if not all(one.holds for one in found):
        raise typer.Exit(Exit.FAILED)


def _figures(scored: Scored) -> list[str]:
    gap = scored.measure.gap
    text = "{:,.0f}" if scored.measure.whole > 1 else "{:.4f}"
    return [text.format(value) for value in (gap.actual, gap.expected, 1.96 * gap.deviation)]


def _earlier(file: Path | None) -> list[dict[str, Any]] | None:
    if file is None:
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, list):
            raise TypeError
        for one in found:
            _ = one["held_out_years"], one["breaks"], one["scores"][0]["deviance_per_1000_exits"]
    except (ValueError, OSError, KeyError, TypeError, IndexError):
        fail(f"--previous {file}: this is not the .json of a backtest.", Exit.USAGE)
    return list(found)
