"""The house: rooms that say what is in them, and names that lead somewhere (imports go down: make lint)."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

from planwise_assets.commands.cli import COMMANDS
from planwise_assets.settings import PROJECT_ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef
PACKAGES = ("planwise_assets", "resources")
MODULES = sorted(file for package in PACKAGES for file in (PROJECT_ROOT / package).rglob("*.py"))
ROOMS = sorted({file.parent for file in MODULES})
#: A module or page named in words: `year/setup/gate.py`, `docs/performance.md`.
NAMED = re.compile(r"[\w./-]*\w\.(?:py|sql|md|yml)\b")
#: Of another project.
NO_FILE = {"sqlite_event_log.py"}
COMMAND_ROOM = PROJECT_ROOT / "planwise_assets" / "commands"
#: Parameters that every function of their kind has.
RECEIVERS = {"self", "cls", "context"}
#: From so many on a reader cannot tell them by their names alone.
MANY = 3


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(PROJECT_ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def functions(file: Path) -> Iterator[tuple[str, Function]]:
    """The public functions and methods of a module, each as `function` or `Class.method`; commands are not for callers.

    A command's arguments are described by `help=`, and its docstring is what --help prints.
    """

    def of(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, Function]]:
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from of(node.body, f"{owner}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
                decorators = [ast.unparse(decorator).partition("(")[0] for decorator in node.decorator_list]
                is_command = node.name == file.stem or f"{file.stem}.command" in decorators
                if not (file.parent == COMMAND_ROOM and file.stem in COMMANDS and is_command):
                    yield f"{owner}{node.name}", node

    yield from of(ast.parse(file.read_text(encoding="utf-8")).body, "")


def is_a_librarys(file: Path, name: str) -> bool:
    """Whether a method stands in for one of a library, which documents it."""
    owner, _, method = name.rpartition(".")
    if not owner:
        return False
    found = import_module(name_of(file))
    for part in owner.split("."):
        found = getattr(found, part)
    outside = [base for base in found.__mro__ if not base.__module__.startswith(PACKAGES)]
    return any(method in vars(base) for base in outside)


def raising(function: ast.AST) -> Iterator[str]:
    """What a function raises by itself; `fail` ends a command. Functions within it may be called by somebody else."""
    for node in ast.iter_child_nodes(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            yield ast.unparse(node.exc)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "fail":
            yield ast.unparse(node)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from raising(node)


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_a_room_says_what_belongs_here_and_imports_nothing(room: Path) -> None:
    tree = ast.parse((room / "__init__.py").read_text(encoding="utf-8"))
    said = ast.get_docstring(tree) or ""
    assert len(tree.body) == 1
    assert re.search("Belongs here|Where to look|\\| step \\||Knows nothing of", said), said


def test_the_root_holds_what_dagster_loads_and_no_more() -> None:
    assert len(list((PROJECT_ROOT / "planwise_assets").glob("*.py"))) <= 8


def test_no_module_imports_itself_in_a_circle() -> None:
    names = {name_of(file): file for file in MODULES}
    graph = {name: {other for other in imports(file) if other in names and other != name} for name, file in names.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_dagsters_private_modules_are_named_in_six_places() -> None:
    found = {name_of(file) for file in MODULES if re.search(r"\bdagster\._", file.read_text(encoding="utf-8"))}
    expected = {"planwise_assets.preload", "planwise_assets.runs.fork_server", "planwise_assets.commands.shared.launch"}
    assert found == expected | {"resources.dagster_logs", "resources.dagster_plans", "resources.dagster_storage"}


def test_a_file_named_in_words_is_there() -> None:
    """A docstring or page that sends a reader elsewhere names a path from there, from its room up, or in dbt_project."""
    listed = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert listed["root_packages"] == list(PACKAGES)
    lost = []
    pages = [*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").rglob("*.md")]
    sql = [
        file
        for kind in ("*.sql", "*.yml")
        for file in (PROJECT_ROOT / "dbt_project").rglob(kind)
        if "target" not in file.parts
    ]
    for file in [*MODULES, *pages, *sql]:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".py":
            tree = ast.parse(text)
            nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
            text = "\n".join(ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, nodes))
        places = [*file.parents[: len(file.relative_to(PROJECT_ROOT).parents)], PROJECT_ROOT / "dbt_project"]
        places += [PROJECT_ROOT / "planwise_assets", PROJECT_ROOT / "docs"]
        for named in NAMED.findall(text):
            is_there = any((place / named).is_file() for place in places) or list(file.parent.glob(f"*/{named}"))
            if named not in NO_FILE and not is_there:
                lost.append(f"{file.relative_to(PROJECT_ROOT)}: {named}")
    assert lost == []


def lacking(section: str, needs: Callable[[Path, str, Function], object]) -> list[str]:
    """The public functions that need a section of their docstring and do not have it, with why they do."""
    return [
        f"{file.relative_to(PROJECT_ROOT)}: {name}: {why}"
        for file in MODULES
        for name, function in functions(file)
        if f"\n{section}:\n" not in (ast.get_docstring(function) or "") and (why := needs(file, name, function))
    ]


def test_a_function_of_many_parameters_says_what_each_is() -> None:
    """Units, shapes, what None means: ruff (D417) sees to it that an Args block leaves none out."""

    def has_many(file: Path, name: str, function: Function) -> bool:
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        return len([one for one in arguments if one.arg not in RECEIVERS]) >= MANY and not is_a_librarys(file, name)

    assert lacking("Args", has_many) == []


def test_a_function_that_raises_says_what_and_when() -> None:
    assert lacking("Raises", lambda _file, _name, function: list(raising(function))) == []
