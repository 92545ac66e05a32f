"""`planwise doctor`: the state of the circuit breakers and of the environment, and what to do about what is wrong.

Belongs here: the command and its tables. Does not: looking (runs/diagnosis.py), mending anything but the breaker, on demand.
"""

from __future__ import annotations

from typing import Annotated

import typer

from planwise_assets.commands.shared.console import Exit, print_table, say
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
    if reset:
        reset_breaker(settings, study)
    if not print_diagnosis(settings, study):
        raise typer.Exit(Exit.FAILED)


def print_diagnosis(settings: Settings, study: Study) -> bool:
    """Prints what was found.

    Returns:
        Whether a run can work.
    """
    findings = diagnose(settings, study)
    rows = [[finding.what, finding.found, finding.advice or "-"] for finding in findings]
    print_table("Environment", ["environment", "found", "what to do"], rows, left=3, wrap=True)
    circuits = study_breaker(settings, study.study).circuits()
    if not circuits:
        say("Circuit breakers: all closed; every fast path is in use.")
    else:
        heads = ["component", "state", "last failure", "what to do", "failures", "runs until tried"]
        rows = []
        for name, circuit in sorted(circuits.items()):
            advice = "-" if circuit.state == "closed" else "Mend the cause, then: planwise doctor --reset"
            left = str(circuit.runs_left) if circuit.state == "open" else "-"
            rows.append([name, circuit.state.replace("_", " "), circuit.reason, advice, str(circuit.failures), left])
        print_table("Circuit breakers", heads, rows, left=4, wrap=True)
    return not any(finding.is_fatal for finding in findings)


def reset_breaker(settings: Settings, study: Study) -> None:
    """Closes every circuit of the study."""
    known = study_breaker(settings, study.study).reset()
    say(f"Reset: {', '.join(known) or 'nothing was open'}.")
