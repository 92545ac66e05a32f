"""`planwise results --tests`: what every test of the plan says, whose an excess is, and what would correct it.

Belongs here: tables and JSON. Does not: the tests (results/compliance.py, results/law/).
"""

from __future__ import annotations

from planwise_assets.commands.shared.console import Form, is_terminal, print_in_form, print_json, print_table, say
from planwise_assets.commands.shared.options import Results
from planwise_assets.intake.law_facts import law_facts
from planwise_assets.results.compliance import CHANCE_HEAD, HEADS, PlanTest, outcome_rows, read_plan_tests
from planwise_assets.results.excess import EXCESS_HEADS, excess_rows, read_excess
from planwise_assets.results.law.answers import LawAnswers, law_answers
from planwise_assets.results.law.corrections import CORRECTION_HEADS, correction_rows
from planwise_assets.results.law.outcome import LAW_HEADS, law_rows
from planwise_assets.study.schema import Study


def asked_of(there: Results, study: Study) -> LawAnswers:
    """What the law's tests say of published results.

    Args:
        there: The published results.
        study: Names the census, which they ask for what no table holds.
    """
    excess = read_excess(there.connection, there.made.scenarios)
    return law_answers(there.connection, there.made, law_facts(study, there.made.last.census[1]), excess)


def show_tests(there: Results, study: Study, form: Form, *, as_json: bool) -> None:
    """Prints every test.

    Args:
        there: The published results.
        study: As `asked_of`.
        form: Of the tables; what only people at a terminal are told is left out of all but tables.
        as_json: Print JSON.
    """
    outcomes = read_plan_tests(there.connection, there.made.scenarios)
    excess = read_excess(there.connection, there.made.scenarios)
    answers = asked_of(there, study)
    if as_json:
        told = {
            "tests": [outcome.as_json() for outcome in outcomes],
            "excess_by_person": [one.as_json() for one in excess],
            "law": [one.as_json() for one in answers.outcomes],
            "corrections": [one.as_json() for one in answers.corrections],
        }
        print_json({**there.as_json(), **told})
        return
    futures = len(there.made.seeds)
    _print_rates(outcomes, futures, form)
    is_told = is_terminal() and form is Form.TABLE
    if not is_told:
        say("")
    title, rows = "What the law asks of the plan as a whole", law_rows(answers.outcomes)
    if is_told:
        print_table(title, LAW_HEADS, rows, left=len(LAW_HEADS), wrap=True)
    else:
        print_in_form(form, title, LAW_HEADS, rows, left=len(LAW_HEADS))
        return
    worst = " in the worst future" if futures > 1 else ""
    if excess:
        title = f"Whose the excess is{worst}, by dollar leveling; all people: planwise results --tests --json"
        print_table(title, EXCESS_HEADS, excess_rows(excess), left=5)
    if answers.corrections:
        title = f"What would correct it{worst}, in dollars; nothing of it is done"
        print_table(title, CORRECTION_HEADS, correction_rows(answers.corrections), left=4)
    for outcome in outcomes:
        if remedy := outcome.remedy():
            say(f"{outcome.scenario}, {remedy}")


def _print_rates(outcomes: list[PlanTest], futures: int, form: Form) -> None:
    """ADP, ACP and 415 by scenario and year."""
    several = f"; means over {futures} seeds, and the worst" if futures > 1 else ""
    heads, rows = list(HEADS), list(outcome_rows(outcomes))
    if futures > 1:
        heads.append(CHANCE_HEAD)
        rows = [[*row, outcome.chance_text] for row, outcome in zip(rows, outcomes, strict=True)]
    print_in_form(form, f"The plan's tests, averages in per cent of pay{several}", heads, rows, left=4)
