"""What makes a year stale is code that can change its results: a constant in any of its files; a comment in none."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from planwise_assets.settings import PROJECT_ROOT
from planwise_assets.year.state.code import KEPT, kept_module_hashes, module_hashes
from resources.dbt.code import sql_hash
from resources.dbt.compiled import compiled_project

PACKAGES = ("planwise_assets", "resources")
MODULES = sorted(module_hashes(PROJECT_ROOT))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project's Python, to change."""
    for package in PACKAGES:
        shutil.copytree(PROJECT_ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def changed(root: Path) -> list[str]:
    """The modules of a copy that are not what they are here."""
    before, after = module_hashes(PROJECT_ROOT), module_hashes(root)
    return sorted(name for name in {**before, **after} if before.get(name) != after.get(name))


def test_all_that_writes_the_lake_counts_and_so_does_the_reader_of_the_census() -> None:
    assert {
        "planwise_assets/intake/census.py",
        "planwise_assets/intake/reading/dialect.py",
        "planwise_assets/study/sections/census_columns.py",
        "planwise_assets/year/operations.py",
        "planwise_assets/year/setup/inputs.py",
        "resources/engines/optimized.py",
        "resources/engines/session.py",
    } <= set(MODULES)
    # What watches, reports or orders steps cannot change a result.
    others = ("resources/process/", "resources/duckdb/", "planwise_assets/ui/", "planwise_assets/steps.py")
    assert [name for name in MODULES if name.startswith(others)] == []


def test_words_make_nothing_stale(copy: Path) -> None:
    for name in MODULES:
        file = copy / name
        lines = ["# A comment more.", *file.read_text(encoding="utf-8").splitlines()]
        text = "\n".join(f"{line}  # said at its end" if line.startswith("from resources") else line for line in lines)
        first = ast.get_docstring(ast.parse(text), clean=False) or ""
        text = text.replace(first, "Another docstring.", 1)
        text = text.replace('description="', 'description="In other words: ')
        file.write_text(text, encoding="utf-8")
        assert text != (PROJECT_ROOT / name).read_text(encoding="utf-8")
    assert changed(copy) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_constant_makes_results_stale(copy: Path, name: str) -> None:
    tree = ast.parse((copy / name).read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constant = next(
        node for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int) and id(node) not in docstrings
    )  # fmt: skip
    constant.value = "another" if isinstance(constant.value, str) else constant.value + 1
    (copy / name).write_text(ast.unparse(tree), encoding="utf-8")
    assert changed(copy) == [name]


def test_a_module_that_begins_to_write_the_lake_counts_from_then_on(copy: Path) -> None:
    file = copy / "planwise_assets" / "ui" / "charts.py"
    file.write_text(f"{file.read_text()}\n\ndef draw(session):\n    session.publish(session.connection, 'a', 'select 1')\n")
    assert changed(copy) == ["planwise_assets/ui/charts.py"]


def test_what_is_kept_of_the_code_is_of_the_code_as_it_is(copy: Path, tmp_path: Path) -> None:
    """Kept for one state of the files: an edit, a broken file or a folder that is not there makes nobody read old hashes."""
    kept = tmp_path / "kept"
    kept.mkdir()
    assert kept_module_hashes.__wrapped__(copy, kept) == module_hashes(copy)
    assert kept_module_hashes.__wrapped__(copy, kept) == module_hashes(copy)
    edited(copy / "resources", "session.py", lambda text: f"{text}\nANOTHER = 1\n")
    module_hashes.cache_clear()
    assert changed(copy) == ["resources/engines/session.py"]
    assert kept_module_hashes.__wrapped__(copy, kept) == module_hashes(copy)
    (kept / KEPT).write_text("{", encoding="utf-8")
    assert kept_module_hashes.__wrapped__(copy, kept) == module_hashes(copy)
    assert kept_module_hashes.__wrapped__(copy, tmp_path / "no folder") == module_hashes(copy)


@pytest.mark.parametrize(
    ("sql", "is_same"),
    [
        ("select a,   b\nfrom t", True),
        ("-- why\nselect a, b /* both */ from t", True),
        ("select a, b from t where true", False),
        ("select b, a from t", False),
        ("select a, 'b' from t", False),
    ],
)
def test_sql_counts_by_its_words(sql: str, is_same: bool) -> None:
    assert (sql_hash(sql) == sql_hash("select a, b from t")) is is_same


def edited(project: Path, file: str, change: Callable[[str], str]) -> None:
    path = next(project.rglob(file))
    text = path.read_text(encoding="utf-8")
    assert change(text) != text, file
    path.write_text(change(text), encoding="utf-8")


def test_in_the_dbt_project_too(tmp_path: Path) -> None:
    """Compiled three times: as it is, with other words everywhere, with another number in a model and in a macro."""
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    before = compiled_project(PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "var" / "dbt").code_hashes

    edited(project, "int_raise_events.sql", lambda text: f"-- In other words.\n{text}")
    edited(project, "draws.sql", lambda text: text.replace("{#", "{# In other words.", 1))
    edited(project, "int_raise_events.yml", lambda text: text.replace("One row a", "In other words: one row a", 1))
    assert compiled_project(project, tmp_path / "cache").code_hashes == before

    edited(project, "int_raise_events.sql", lambda text: text.replace("order by", "and 1 < 2\norder by"))
    edited(project, "draws.sql", lambda text: text.replace("[(30,", "[(29,", 1))
    after = compiled_project(project, tmp_path / "cache").code_hashes
    stale = {uid.rsplit(".", 1)[1] for uid in before if before[uid] != after[uid]}
    assert {"int_raise_events", "int_termination_events"} <= stale
    assert not {"stg_job_levels", "int_closing_workforce"} & stale
