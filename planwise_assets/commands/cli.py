"""The `planwise` command: the common paths in one word each.

Belongs here: which commands there are. Does not: anything that they do (commands/, a module each).
"""

from __future__ import annotations

import typer

from planwise_assets.commands.backtest import backtest
from planwise_assets.commands.check import check
from planwise_assets.commands.compare import compare
from planwise_assets.commands.config import config
from planwise_assets.commands.doctor import doctor
from planwise_assets.commands.export import export
from planwise_assets.commands.fit import fit
from planwise_assets.commands.init import init
from planwise_assets.commands.performance import performance
from planwise_assets.commands.person import person
from planwise_assets.commands.provenance import provenance
from planwise_assets.commands.report import report
from planwise_assets.commands.results import results
from planwise_assets.commands.setup import setup
from planwise_assets.commands.shared.options import choose_study
from planwise_assets.commands.simulate import simulate
from planwise_assets.commands.ui import ui
from planwise_assets.commands.verify import verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Simulates a workforce and its 401(k) plan, year by year. Exit codes: 0 done; 1 a run or a check failed, or there "
    "is nothing to show; 2 a mistake in the arguments, the study or the environment.",
)

for _command in (init, fit, backtest, simulate, results, compare, report, person, export, check, verify, provenance):
    app.command()(_command)
for _of_the_machine in (performance, doctor, setup, ui):
    app.command()(_of_the_machine)
app.add_typer(config)
app.callback()(choose_study)


if __name__ == "__main__":
    app()
