"""Which code decides a year's results, and one hash for each part of it.

Belongs here: finding that code. Does not: the study's part of a fingerprint (study/parameters/fingerprint.py), the hash of
a model's SQL (resources/dbt/code.py).

Nobody keeps a list. A module makes results when it publishes a file of the lake, or when such a module imports it from a
room that knows nothing of Dagster and decides what is in a file: how a census is read, how a year's SQL is run. Settings
need no code of theirs here: what they come to, the rows of the parameter tables, is in the fingerprint itself. What cannot
change a result does not count: comments, docstrings, descriptions, the order of imports.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from planwise_assets.settings import PROJECT_ROOT
from resources.dbt.compiled import CompiledProject
from resources.files import CannotWriteError, content_hash, read_json, write_whole

_PACKAGES = ("planwise_assets", "resources")
KEPT = "module_hashes.json"
_DECIDE_WHAT_IS_IN_A_FILE = ("planwise_assets.intake", "planwise_assets.study.sections.census", "resources.engines")


def code_hashes(dbt: CompiledProject) -> dict[str, str]:
    """The hash of each part of the code, by its name: `model int_raise_events`, `module resources/engines/session.py`."""
    kinds = {"model": "model", "analysis": "operation", "source": "columns of"}
    parts = {f"{kinds[uid.split('.')[0]]} {uid.rsplit('.', 1)[1]}": found for uid, found in dbt.code_hashes.items()}
    return parts | {f"module {module}": found for module, found in kept_module_hashes(PROJECT_ROOT, dbt.folder).items()}


@cache
def kept_module_hashes(root: Path, folder: Path) -> dict[str, str]:
    """The modules' hashes, worked out once for each state of the code: every command that reads results asks for them.

    They lie beside the compiled project with the hash of all files that they were worked out from, and are nobody's word but
    this file's: where it cannot be written, they are worked out again.
    """
    file, state = folder / KEPT, _state(root)
    kept = read_json(file)
    if isinstance(kept, dict) and kept.get("of") == state:
        return dict(kept["modules"])
    found = module_hashes(root)
    with suppress(CannotWriteError):
        write_whole(file, json.dumps({"of": state, "modules": found}).encode())
    return found


def _state(root: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in _files(root):
        digest.update(f"{file.relative_to(root)} {content_hash(file)}\n".encode())
    return digest.hexdigest()


def _files(root: Path) -> list[Path]:
    return sorted(file for package in _PACKAGES for file in (root / package).rglob("*.py"))


@cache
def module_hashes(root: Path) -> dict[str, str]:
    """The hash of each Python module that makes results, by its path below `root`; as this process found them first."""
    # Read before it is parsed: most files do not have the word.
    publishing = [file for file in _files(root) if b".publish(" in file.read_bytes() and _publishes(_parsed(file))]
    found: dict[Path, str] = {}
    waiting = publishing
    while waiting:
        file = waiting.pop()
        if file not in found:
            tree = _parsed(file)
            found[file] = hashlib.sha256(repr(_meaning(tree)).encode()).hexdigest()
            waiting += [root / module for module in _imported(tree) if (root / module).is_file()]
    return {str(file.relative_to(root)): found[file] for file in sorted(found)}


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


def _publishes(tree: ast.Module) -> bool:
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(function, ast.Attribute) and function.attr == "publish" for function in called)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_DECIDE_WHAT_IS_IN_A_FILE):
            folder = node.module.replace(".", "/")
            yield f"{folder}.py"
            # `from room import module`
            yield from (f"{folder}/{alias.name}.py" for alias in node.names)


def _meaning(node: object) -> object:
    """A tree without what is there for people, and without what only some versions of Python write down (empty fields)."""
    if isinstance(node, list):
        return [_meaning(one) for one in node if not _is_for_people(one)]
    if not isinstance(node, ast.AST):
        return node
    fields = ((name, _meaning(value)) for name, value in ast.iter_fields(node))
    return type(node).__name__, [(name, value) for name, value in fields if value not in ([], None)]


def _is_for_people(node: object) -> bool:
    """Docstrings, descriptions, and imports: what is imported counts where it is used, and is followed."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.keyword):
        return node.arg == "description"
    return isinstance(node, ast.Import | ast.ImportFrom)
