"""What `planwise init` asks of a plan, and the terms that the answers are.

Belongs here: the questions. Does not: reading the words (intake/plan_words.py), the flags (init.py).
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from planwise_assets.commands.shared.console import fail, note
from planwise_assets.intake.plan_words import PlanTerms, PlanWordsError, plan_terms
from planwise_assets.intake.study_text import NewStudy, study_text
from planwise_assets.study.errors import StudyError

#: What is asked of a plan: the words, and what is taken when nothing is said.
_QUESTIONS = {
    "match": ("The plan's match", "100% of first 3%, 50% of next 2%"),
    "auto_enroll": ("Automatic enrolment ('3%', '6% all' or none)", ""),
    "eligibility": ("Eligibility, e.g. age 21, 1 year, semiannual", ""),
    "vesting": ("Vesting, e.g. 3-year cliff or 2-6 graded", ""),
    "safe_harbor": ("Safe harbor (none, basic, enhanced, ...)", ""),
}


def asked_terms(said: dict[str, str | None], *, asks: bool) -> PlanTerms:
    """The plan's terms; asks for those that were not said. An empty answer takes the shipped default.

    Raises:
        typer.Exit: What was said is no such term; code 2.
    """
    answers = dict(said)
    for name, (question, default) in _QUESTIONS.items():
        while asks and said[name] is None:
            answer = typer.prompt(f"{question}{'' if default else ' (empty: as shipped)'}", default=default)
            answers[name] = answer or None
            try:
                plan_terms(**answers)
            except PlanWordsError as error:
                note(str(error))
                continue
            break
    try:
        return plan_terms(**answers)
    except PlanWordsError as error:
        fail(str(error))


def refuse_misfits(new: NewStudy) -> None:
    """Ends the command where the terms do not fit together, before anything is written.

    Raises:
        typer.Exit: They do not; code 2.
    """
    from planwise_assets.study.file.load import load_study  # noqa: PLC0415 - not for --columns and --template

    with TemporaryDirectory() as folder:
        file = Path(folder) / "study.yaml"
        file.write_text(study_text(new), encoding="utf-8")
        try:
            load_study(file)
        except StudyError as error:
            fail(f"No study was made: {'; '.join(problem.message for problem in error.problems)}")
