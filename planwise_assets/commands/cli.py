"""The `planwise` command: the common paths in one word each.

Belongs here: which commands there are, and which study they are about. Does not: anything that they do (commands/, a module
each).
"""

from __future__ import annotations

import ast
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

#: The commands, in the order of `planwise --help`: what a study needs from census to export, then what the machine needs.
#: Each is the function, or the group of commands, of the same name in the module of the same name beside this one.
COMMANDS = (
    "init",
    "fit",
    "backtest",
    "calibrate",
    "solve",
    "simulate",
    "results",
    "compare",
    "why",
    "screen",
    "sensitivity",
    "report",
    "person",
    "export",
    "check",
    "verify",
    "provenance",
    "performance",
    "doctor",
    "setup",
    "ui",
    "config",
)


class _Commands(TyperGroup):
    """Commands that are imported when they are asked for: together they take a second, and a person asks for one."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, imported; None if there is none. While help is written: its name and sentence."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            return _imported(cmd_name)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name; for a name that is none, those that are like it."""
        if args[0] not in COMMANDS:
            self._only_list()
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """What can be asked for, a sentence each."""
        self._only_list()
        super().format_help(ctx, formatter)

    def _only_list(self) -> None:
        self.commands = {name: TyperCommand(name, help=_sentence(name)) for name in COMMANDS}


def _module(name: str) -> str:
    return f"{__package__}.{name}"


def _imported(name: str) -> Any:
    """A command, or a group of them, from its module."""
    found = getattr(import_module(_module(name)), name)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
    alone.command(name)(found)
    return typer.main.get_command(alone)


def _sentence(name: str) -> str:
    """The first line of what a command says of itself, read from its file."""
    spec = find_spec(_module(name))
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"commands/cli.py names {name}, but commands/{name}.py is not there")
    module = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    function = next((node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == name), module)
    return (ast.get_docstring(function) or "").partition("\n")[0]


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    help="Simulates a workforce and its 401(k) plan, year by year. Exit codes: 0 done; 1 a run or a check failed, or there "
    "is nothing to show; 2 a mistake in the arguments, the study or the environment.",
)


@app.callback()
def choose_study(
    study: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="The study file; else $PLANWISE_STUDY, else study.yaml here, else the sample study."
        ),
    ] = None,
) -> None:
    """Names the study in the environment, where everything that a command starts finds it, too."""
    if study is None and not os.environ.get("PLANWISE_STUDY") and Path("study.yaml").is_file():
        study = "study.yaml"
    if study is not None:
        os.environ["PLANWISE_STUDY"] = str(Path(study).resolve())


if __name__ == "__main__":
    app()
