"""An amount on the command line, as people write it."""

from __future__ import annotations

import pytest
import typer

from planwise_assets.commands.results import _amount


@pytest.mark.parametrize(
    ("words", "amount"), [("12000000", 12e6), ("12,000,000", 12e6), ("50%", 0.5), ("-1,000.5", -1000.5), ("0.5", 0.5)]
)
def test_amounts(words: str, amount: float) -> None:
    assert _amount(words) == amount


@pytest.mark.parametrize("words", ["nan", "1,2", "12,00", "much", ""])
def test_what_is_no_amount(words: str) -> None:
    with pytest.raises(typer.Exit):
        _amount(words)
