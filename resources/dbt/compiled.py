"""The dbt project, compiled once: manifest, compiled SQL, contracts, tests, in the words that the engines need.

Belongs here: building the cache and reading the manifest. Does not: running models (resources/engines/), Dagster specs
(planwise_assets/year/models/). dbt's graph is read from its manifest, never worked out again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

_COMPILED_FROM = (".sql", ".yml", ".csv", ".md")
_VERSIONS = ("dbt-core", "dbt-duckdb", "duckdb", "sqlglot")
_ANNOTATED_BY = ("annotate.py", "code.py", "lineage.py")
_KEPT_CACHES = 3
#: The settings of a test for which nobody has set anything.
_PLAIN_TEST = {
    "severity": "ERROR",
    "fail_calc": "count(*)",
    "error_if": "!= 0",
    "where": None,
    "limit": None,
}
#: Written beside the manifest after each compilation (annotate.py).
COLUMN_LINEAGE = "column_lineage.json"
CODE_HASHES = "code_hashes.json"


class DbtProjectError(RuntimeError):
    """The dbt project does not compile; the message is dbt's own."""


@dataclass(frozen=True)
class Relation:
    """A model or source: its name in a session, its file in the lake, its columns, and the asset that makes it."""

    unique_id: str
    name: str
    asset: str
    columns: Mapping[str, str]
    made_by: str
    is_source: bool = False
    from_prior_year: bool = False


@dataclass(frozen=True)
class DataTest:
    """A dbt data test: its compiled SQL, when it fails, and what it reads (models by name, relations by unique id).

    One that people should see by itself names the asset check that it is, in its `meta`, as `own_check`.

    Attributes:
        key: The columns of a `key` test.
        rules: The conditions of a `holds` test. Both are empty where something else is set than what the macro asks.
    """

    name: str
    sql: str
    fail_calculation: str
    error_if: str
    warn_if: str
    severity: str
    models: tuple[str, ...]
    reads: tuple[str, ...]
    own_check: str | None = None
    key: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompiledProject:
    """A compiled dbt project.

    Attributes:
        folder: The cache folder, with `manifest.json` and dbt's partial parse.
    """

    folder: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """The manifest, compiled SQL included; read when it is asked for, since who only compares hashes never does."""
        found: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return found

    @cached_property
    def models(self) -> dict[str, Mapping[str, Any]]:
        """Model name to manifest node, in the manifest's order."""
        return {node["name"]: node for node in self.manifest["nodes"].values() if node["resource_type"] == "model"}

    @cached_property
    def published(self) -> list[str]:
        """The models that people read: facts and dimensions, by name."""
        return sorted(name for name in self.models if name.startswith(("fct_", "dim_")))

    def group_models(self, group: str) -> list[str]:
        """The models of an execution group, in dependency order."""
        members = {name for name, node in self.models.items() if node["group"] == group}
        parents = {name: [p for p in self.model_parents(name) if p in members] for name in sorted(members)}
        return list(TopologicalSorter(parents).static_order())

    def model_parents(self, model: str) -> list[str]:
        """The models that a model reads directly."""
        return [p.rsplit(".", 1)[1] for p in self.models[model]["depends_on"]["nodes"] if p.startswith("model.")]

    def relation_of_model(self, model: str) -> Relation:
        """The relation of a model, by its name."""
        return self.relations[str(self.models[model]["unique_id"])]

    def code_version(self, unique_id: str) -> str:
        """The hash of what can change a model's or operation's result: its compiled SQL without comments."""
        return self.code_hashes[unique_id]

    def compiled_sql(self, unique_id: str) -> str:
        """The compiled SQL of a model, analysis or test."""
        return str(self.manifest["nodes"][unique_id]["compiled_code"])

    def description(self, unique_id: str) -> str:
        """What a model or operation is, in the words beside its SQL."""
        return " ".join(str(self.manifest["nodes"][unique_id]["description"]).split())

    def source_file(self, unique_id: str) -> str:
        """The file of a model or operation, in the project: `dbt_project/models/hazards/dim_hazards.sql`."""
        return f"dbt_project/{self.manifest['nodes'][unique_id]['original_file_path']}"

    def analysis_id(self, name: str) -> str:
        """The manifest's id of an analysis: the operations are analyses."""
        nodes = self.manifest["nodes"].items()
        return str(next(uid for uid, n in nodes if n["resource_type"] == "analysis" and n["name"] == name))

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """Every model and source by unique id."""
        found = {}
        for uid, node in [*self.manifest["sources"].items(), *self.manifest["nodes"].items()]:
            if node["resource_type"] not in ("model", "source"):
                continue
            found[uid] = Relation(
                unique_id=uid,
                name=node.get("identifier") or node["name"],
                asset=node["name"],
                columns={name: column["data_type"] for name, column in node["columns"].items()},
                made_by=node["config"]["meta"].get("made_by", node["name"]),
                is_source=node["resource_type"] == "source",
                from_prior_year=node.get("source_name") == "prior_year",
            )
        return found

    def inputs(self, unique_id: str) -> list[Relation]:
        """The models and sources that a model, analysis or test reads directly."""
        parents = self.manifest["nodes"][unique_id]["depends_on"]["nodes"]
        return [self.relations[parent] for parent in parents if parent in self.relations]

    @cached_property
    def column_lineage(self) -> Mapping[str, Mapping[str, Sequence[Sequence[str]]]]:
        """Each model's columns and the (asset, column) pairs that they are made from (resources/dbt/lineage.py)."""
        found: dict[str, Any] = json.loads((self.folder / COLUMN_LINEAGE).read_text(encoding="utf-8"))
        return found

    @cached_property
    def prior_year_assets(self) -> list[str]:
        """All that a year may read of the year before it: the one declared list, in models/sources.yml."""
        return sorted(relation.asset for relation in self.relations.values() if relation.from_prior_year)

    def group_tests(self, group: str, order: Sequence[str]) -> list[DataTest]:
        """The data tests whose latest parent is in this group, given the order of the groups.

        A source that exists only from some group on says so: `before_group` in models/sources.yml.
        """
        rank = {name: position for position, name in enumerate(order)}
        tests = []
        for uid, node in sorted(self.manifest["nodes"].items()):
            if node["resource_type"] != "test":
                continue
            parents = [p for p in node["depends_on"]["nodes"] if p.startswith("model.")]
            groups = [self.manifest["nodes"][p]["group"] for p in parents]
            sources = [self.manifest["sources"][p] for p in node["depends_on"]["nodes"] if p.startswith("source.")]
            metas = [source["config"]["meta"] for source in sources]
            groups += [meta["before_group"] for meta in metas if "before_group" in meta]
            if max(groups, key=rank.__getitem__, default=order[0]) != group:
                continue
            config = node["config"]
            tests.append(
                DataTest(
                    name=node["name"],
                    sql=self.compiled_sql(uid),
                    fail_calculation=config["fail_calc"],
                    error_if=config["error_if"],
                    warn_if=config["warn_if"],
                    severity=config["severity"].upper(),
                    models=tuple(p.rsplit(".", 1)[1] for p in parents),
                    reads=tuple(relation.unique_id for relation in self.inputs(uid)),
                    own_check=config["meta"].get("own_check"),
                    key=tuple(_generic(node, "key").get("columns", ())),
                    rules=tuple(_generic(node, "holds").get("rules", {}).values()),
                )
            )
        return tests

    @cached_property
    def code_hashes(self) -> Mapping[str, str]:
        """By unique id: of each model and operation its SQL, of each source its columns' types (resources/dbt/code.py)."""
        found: dict[str, str] = json.loads((self.folder / CODE_HASHES).read_text(encoding="utf-8"))
        return found


def _generic(test: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The arguments of a generic test of this name that is run as its macro says and on nothing but its model.

    Nothing of a test that is set up in another way, or whose arguments are dbt's to fill in.
    """
    metadata, config = test.get("test_metadata"), test["config"]
    is_plain = str(test.get("attached_node")).startswith("model.") and all(
        config[setting] == default for setting, default in _PLAIN_TEST.items()
    )
    if not metadata or metadata["name"] != name or not is_plain:
        return {}
    arguments = {argument: value for argument, value in metadata["kwargs"].items() if argument != "model"}
    return {} if "{{" in json.dumps(arguments) else arguments


def compiled_project(project: Path, cache: Path) -> CompiledProject:
    """The compiled project, from the cache when nothing it depends on has changed.

    Args:
        project: The dbt project's folder.
        cache: Where compiled projects are kept, one folder for each state of the project.

    Raises:
        DbtProjectError: dbt could not compile it.
    """
    project, cache = project.resolve(), cache.resolve()
    folder = cache / _project_hash(project)
    if not (folder / "manifest.json").is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "manifest.json").is_file():
                _compile(project, folder)
                _drop_old_caches(cache)
    return CompiledProject(folder)


def cached_project(project: Path, cache: Path) -> CompiledProject | None:
    """The compiled project if it is in the cache as it is now; for who may not wait for a compilation."""
    folder = cache / _project_hash(project.resolve())
    return CompiledProject(folder) if (folder / "manifest.json").is_file() else None


def dbt_executable() -> str:
    """The dbt command of this very Python environment."""
    return str(Path(sys.executable).with_name("dbt"))


def dbt_environment(project: Path, **variables: str) -> dict[str, str]:
    """The environment of a dbt process on this project: no telemetry, and this very `resources` package importable."""
    package_root = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")])),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
        **variables,
    }


def _project_hash(project: Path) -> str:
    digest = hashlib.sha256()
    for package in _VERSIONS:
        digest.update(f"{package}=={version(package)}\n".encode())
    # What is kept beside the manifest is another cache's when it is worked out in another way.
    for module in _ANNOTATED_BY:
        digest.update(Path(__file__).with_name(module).read_bytes())
    ignored = {project / "target", project / "logs"}
    for file in sorted(project.rglob("*")):
        if file.suffix in _COMPILED_FROM and not ignored & set(file.parents):
            digest.update(f"{file.relative_to(project)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _compile(project: Path, folder: Path) -> None:
    target = folder.with_name(f"tmp_{folder.name}")
    shutil.rmtree(target, ignore_errors=True)
    environment = dbt_environment(project, PLANWISE_WRITE_LAKE=str(target / "lake"))
    commands = [
        [dbt_executable(), "--quiet", "compile", "--target-path", str(target), "--log-path", str(target)],
        # In a process of its own as well: only a compilation needs sqlglot, whose import would slow every command.
        [sys.executable, "-m", "resources.dbt.annotate", str(target)],
    ]
    for command in commands:
        result = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise DbtProjectError(f"The dbt project in {project} does not compile.\n{result.stdout}{result.stderr}")
    target.replace(folder)


def _drop_old_caches(cache: Path) -> None:
    folders = sorted((f for f in cache.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT_CACHES:]:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # For images and installations: python -m resources.dbt.compiled <project> <cache>
    print(compiled_project(Path(sys.argv[1]), Path(sys.argv[2])).folder)
