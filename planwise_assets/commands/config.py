"""The study's settings: those in force and where each came from (`explain`), and all that there are (`reference`).

Belongs here: arguments and printing. Does not: where a value came from (study/file/explain.py), what settings there are
(study/file/reference.py).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from planwise_assets.commands.shared.console import fail, print_json, print_table, say
from planwise_assets.commands.shared.options import JsonOption, one_of
from planwise_assets.settings import Settings, SettingsError
from planwise_assets.study.errors import StudyError
from planwise_assets.study.file.explain import explain as explained
from planwise_assets.study.file.reference import reference_page

config = typer.Typer(name="config", no_args_is_help=True, add_completion=False, help=__doc__.partition("\n")[0])


@config.command()
def explain(
    key: Annotated[str | None, typer.Argument(help="Only keys that contain this text, e.g. plan.match.")] = None,
    scenario: Annotated[str | None, typer.Option(help="Only this scenario.")] = None,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not a shipped default.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Prints the effective values of the study and where each came from.

    Try:

        planwise config explain --changed

        planwise config explain plan.match --scenario baseline

        planwise config explain --json
    """
    try:
        found = explained(Settings.from_environment().study_file)
    except (SettingsError, StudyError) as error:
        fail(str(error))
    if scenario is not None:
        names = dict.fromkeys(item.key.split(".")[1] for item in found if item.key.startswith("scenarios."))
        one_of("scenario", scenario, names)
        found = [item for item in found if item.key.startswith(f"scenarios.{scenario}.")]
    if key is not None:
        found = [item for item in found if key in item.key]
        if not found:
            fail(f"No setting has {key!r} in its key: planwise config explain lists them all.")
    if changed:
        found = [item for item in found if item.origin != "shipped default"]
    if as_json:
        print_json([asdict(item) for item in found])
        return
    rows = ([item.key, item.value, item.origin, f"line {item.line}" if item.line else "-"] for item in found)
    print_table("Settings in force", ["setting", "value", "from", "where"], rows, left=4, wrap=True)


@config.command()
def reference() -> None:
    """Prints the reference of the study file, as Markdown, from the schema itself.

    Try:

        planwise config reference > docs/reference/study-file.md
    """
    say(reference_page().rstrip("\n"))
