"""`planwise fit` and `planwise backtest` as a person calls them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from planwise_assets.commands.cli import app
from planwise_assets.study.sections.hazards import Hazards

HEADER = ["Worker ID", "DOB", "Hired", "Term Date", "Leave Code", "Year", "Company"]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six years of 1,200 people of one company, and one row of another; retirement at 65; hired and gone at random days."""
    generator = np.random.default_rng(7)
    rows: list[list[str]] = [["X1", "1980-01-01", "2010-01-01", "", "", "2018", "Other"]]
    people = [(f"P{at}", int(generator.integers(1954, 1995)), int(generator.integers(2000, 2018))) for at in range(1200)]
    for year in range(2018, 2024):
        staying = []
        for person, born, hired in people:
            retires = year - born >= 65
            quits = generator.random() < 0.25 * np.exp(-0.12 * (year - hired))
            left = f"{year}-{generator.integers(1, 13):02}-15" if retires or quits else ""
            code = "RTD" if retires else "quit" if quits else ""
            rows.append([person, f"{born}-03-01", f"{hired}-03-01", left, code, str(year), "Mill"])
            if left:
                people_next = (f"P{year}{person}", int(generator.integers(1965, 2000)), year)
                staying.append(people_next)
            else:
                staying.append((person, born, hired))
        people = [(person, born, min(hired, year)) for person, born, hired in staying]
    file = tmp_path_factory.mktemp("history") / "people_by_year.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *rows])
    return file


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_fit_writes_settings_and_cells(history: Path, tmp_path: Path) -> None:
    out, cells = tmp_path / "hazards.yaml", tmp_path / "cells.csv"
    said = run(
        *("fit", str(history), "--out", str(out), "--cells", str(cells)),
        *("--map", "Leave Code=reason", "--cause", "RTD=retirement", "--only", "Company=Mill"),
    )
    assert "retirement" in said
    assert "jumps: age 64" in said
    settings = yaml.safe_load(out.read_text(encoding="utf-8"))
    hazards = Hazards.model_validate(settings["hazards"])
    assert max(band.rate for band in hazards.retirement) > 2
    assert settings["workforce"]["termination_rate"] == "hazard"
    assert cells.read_text(encoding="utf-8").count("\n") > 100


def test_fit_speaks_json(history: Path, tmp_path: Path) -> None:
    arguments = ("fit", str(history), "--out", str(tmp_path / "h.yaml"), "--cells", str(tmp_path / "c.csv"), "--json")
    figures = json.loads(run(*arguments, "--map", "Leave Code=reason", "--years", "2018-2022", "--exposure", "central"))
    assert set(figures["causes"]) == {"resignation", "rtd"}


def test_fit_draws_to_a_published_table(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "h.yaml"
    said = run("fit", str(history), "--table", "soa-1549", "--out", str(out), "--cells", str(tmp_path / "c.csv"))
    assert "Drawn to soa-1549" in said
    assert "credibility" in (tmp_path / "c.csv").read_text(encoding="utf-8")


def test_backtest_scores_and_says_what_it_is_made_of(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "backtest.md"
    result = CliRunner().invoke(
        app,
        [
            "backtest",
            str(history),
            "--map",
            "Leave Code=reason",
            "--hold-out",
            "1",
            "--table",
            "soa-1549",
            "--out",
            str(out),
        ],
    )
    assert result.exit_code in (0, 1), result.output
    text, figures = out.read_text(encoding="utf-8"), json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert "soa-1549" in text
    assert "SHA-256" in text
    assert figures[0]["held_out_years"] == [2023]
    assert result.exit_code == (0 if figures[0]["holds"] else 1)
    scores = {score["method"]: score for score in figures[0]["scores"] if score["cause"] == "all causes"}
    assert scores["surface"]["deviance_per_1000_exits"] < scores["flat rate"]["deviance_per_1000_exits"]


def test_a_backtest_is_compared_with_the_one_before(history: Path, tmp_path: Path) -> None:
    words = ("backtest", str(history), "--map", "Leave Code=reason", "--cause", "RTD=retirement", "--only", "Company=Mill")
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    run(*words, "--out", str(first))
    run(*words, "--out", str(second), "--previous", str(first.with_suffix(".json")))
    text = second.read_text(encoding="utf-8")
    assert "## Against the backtest before" in text
    row = next(line for line in text.split("## Against")[1].splitlines() if "| surface |" in line)
    before, now = row.split("|")[4:6]
    assert before == now
    assert "New:" not in text
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    assert "this is not the .json of a backtest" in run(*words, "--previous", str(other), code=2)


def test_a_rolling_backtest_has_an_origin_a_year(history: Path, tmp_path: Path) -> None:
    out = tmp_path / "rolling.md"
    CliRunner().invoke(app, ["backtest", str(history), "--rolling", "--out", str(out)])
    held = [one["held_out_years"] for one in json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))]
    assert held == [[2021], [2022], [2023]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("fit", "nowhere.csv"), "no such file"),
        (("fit", "HISTORY", "--leave-out", "layoff"), "the history has the causes"),
        (("fit", "HISTORY", "--years", "last"), "give a year or a span"),
        (("fit", "HISTORY", "--map", "reason"), "give it as LEFT=RIGHT"),
        (("fit", "HISTORY", "--group", "Shoe Size"), "has no column Shoe Size"),
        (("fit", "HISTORY", "--table", "soa-1"), "nothing says what it is about"),
        (("backtest", "HISTORY", "--hold-out", "9"), "too few to hold any out"),
    ],
)
def test_mistakes_end_with_one_message(history: Path, words: tuple[str, ...], says: str) -> None:
    assert says in run(*(str(history) if word == "HISTORY" else word for word in words), code=2)
