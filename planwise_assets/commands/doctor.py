"""`planwise doctor`: the state of the circuit breakers and of the environment, and what to do about what is wrong.

Belongs here: the command and its tables. Does not: looking (runs/diagnosis.py), mending anything but the breaker, on demand.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from planwise_assets.commands.shared.console import Exit, console
from planwise_assets.commands.shared.options import open_study
from planwise_assets.runs.diagnosis import diagnose
from planwise_assets.settings import Settings
from planwise_assets.study.schema import Study
from planwise_assets.year.breaker import study_breaker


def doctor(
    reset: Annotated[bool, typer.Option("--reset", help="Forget failures: use every fast path again.")] = False,
) -> None:
    """Shows the state of the study's circuit breakers and of the environment, and what to do about it.

    Exit code 1: something keeps a run from working.

    Try:

        planwise doctor

        planwise doctor --reset
    """
    settings, study = open_study()
    from planwise_assets.commands.doctor import print_diagnosis, reset_breaker  # noqa: PLC0415 - Dagster takes seconds to import

    if reset:
        reset_breaker(console, settings, study)
    if not print_diagnosis(console, settings, study):
        raise typer.Exit(Exit.FAILED)


def print_diagnosis(console: Console, settings: Settings, study: Study) -> bool:
    """Prints what was found.

    Returns:
        Whether a run can work.
    """
    findings = diagnose(settings, study)
    table = Table("environment", "found", "what to do", title="Environment", title_justify="left")
    for finding in findings:
        table.add_row(finding.what, finding.found, finding.advice or "-")
    console.print(table, highlight=False)
    circuits = study_breaker(settings, study.study).circuits()
    if not circuits:
        console.print("Circuit breakers: all closed; every fast path is in use.", highlight=False)
    else:
        table = Table("component", "state", "failures", "runs until tried", "last failure", "what to do")
        table.title, table.title_justify = "Circuit breakers", "left"
        for name, circuit in sorted(circuits.items()):
            is_closed = circuit.state == "closed"
            advice = "-" if is_closed else "Mend the cause, then: planwise doctor --reset"
            left = str(circuit.runs_left) if circuit.state == "open" else "-"
            table.add_row(name, circuit.state.replace("_", " "), str(circuit.failures), left, circuit.reason, advice)
        console.print(table, highlight=False)
    return not any(finding.is_fatal for finding in findings)


def reset_breaker(console: Console, settings: Settings, study: Study) -> None:
    """Closes every circuit of the study."""
    known = study_breaker(settings, study.study).reset()
    console.print(f"Reset: {', '.join(known) or 'nothing was open'}.", highlight=False, soft_wrap=True)
