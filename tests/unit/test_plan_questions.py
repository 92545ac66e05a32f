"""What `planwise init` asks of a plan: again where the words are none, nothing that a flag has said."""

from __future__ import annotations

from decimal import Decimal

import pytest
import typer

from planwise_assets.commands import plan_questions
from planwise_assets.commands.plan_questions import asked_terms

NOTHING_SAID = dict.fromkeys(("match", "auto_enroll", "eligibility", "vesting", "safe_harbor"))


def test_words_that_are_none_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["a lot", "50% of first 6%", "", "age 21", "3-year cliff", "no idea", "none"])
    asked: list[str] = []

    def prompt(question: str, default: str) -> str:
        asked.append(question)
        return next(answers) or default

    monkeypatch.setattr(typer, "prompt", prompt)
    terms = asked_terms(NOTHING_SAID, asks=True)
    assert terms.match == ((Decimal("0.06"), Decimal("0.5")),)
    assert (terms.auto_enrollment, terms.eligibility, terms.vesting) == (None, (21, 0, "immediate"), "cliff_3")
    assert len(asked) == 7
    assert asked[0] == asked[1] == plan_questions._QUESTIONS["match"][0]


def test_what_a_flag_says_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def prompt(question: str, default: str) -> str:
        raise AssertionError(question)

    monkeypatch.setattr(typer, "prompt", prompt)
    said = {
        "match": "none",
        "auto_enroll": "3%",
        "eligibility": "immediate",
        "vesting": "immediate",
        "safe_harbor": "none",
    }
    assert asked_terms(said, asks=True).match == ()


def test_a_flag_that_is_no_term_ends_the_command() -> None:
    with pytest.raises(typer.Exit):
        asked_terms({**NOTHING_SAID, "vesting": "slowly"}, asks=False)
