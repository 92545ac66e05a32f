"""The program as a process: codes, output and everybody's exit handlers are what they would be without its quick end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from planwise_assets.commands.main import not_here

#: The program with another command in place of its own; DuckDB's module is loaded, which complains of a careless end.
_PROGRAM = """
import sys, types
from planwise_assets.commands import main
from planwise_assets.commands.shared import process
import duckdb
cli = types.ModuleType("planwise_assets.commands.cli")
def app(_words):
    {body}
cli.app = app
sys.modules["planwise_assets.commands.cli"] = cli
main.main()
"""


def run(body: Sequence[str], **options: int) -> subprocess.CompletedProcess[str]:
    code = _PROGRAM.format(body="\n    ".join(body))
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([sys.executable, "-c", code], text=True, check=False, **streams)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("ends", "code"), [("pass", 0), ("sys.exit()", 0), ("sys.exit(2)", 2), ("raise SystemExit(130)", 130)]
)
def test_the_exit_code_is_the_commands_and_nothing_is_said(ends: str, code: int) -> None:
    ran = run([ends])
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, "", "")


def test_a_reason_to_end_and_an_error_are_told_as_ever() -> None:
    assert (run(["sys.exit('no census')"]).returncode, run(["sys.exit('no census')"]).stderr.strip()) == (1, "no census")
    failed = run(["raise ValueError('broken')"])
    assert failed.returncode == 1
    assert failed.stderr.strip().endswith("ValueError: broken")


def test_all_that_was_printed_arrives(tmp_path: Path) -> None:
    lines = 200_000
    with (tmp_path / "out").open("w") as out:
        assert run([f"print('x\\n' * {lines}, end='')"], stdout=out.fileno()).returncode == 0
    assert (tmp_path / "out").read_text() == "x\n" * lines


def test_output_that_cannot_be_written_is_no_success() -> None:
    with Path("/dev/full").open("w") as full:
        ran = run(["print('results')"], stdout=full.fileno())
    assert ran.returncode != 0
    assert "No space left" in ran.stderr


def test_exit_handlers_and_threads_end_before_the_process_does(tmp_path: Path) -> None:
    """What a library made for its lifetime (a folder, a socket, a pool of threads) is put away by its own handler."""
    done = tmp_path / "done"
    ran = run([
        "import atexit, tempfile, threading, time",
        f"atexit.register(lambda: open({str(done)!r}, 'a').write('handler '))",
        f"late = lambda: (time.sleep(0.3), open({str(done)!r}, 'a').write('thread '))",
        "threading.Thread(target=late).start()",
        f"app.folder = tempfile.TemporaryDirectory(dir={str(tmp_path)!r})",
        "print('ended')",
    ])  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "ended\n"), ran.stderr
    assert done.read_text() == "thread handler "
    assert [path.name for path in tmp_path.iterdir()] == ["done"]


def test_libraries_are_kept_from_the_collector_in_the_program_alone() -> None:
    body = ["import gc", "with process.kept_for_good(): loaded = [[] for _ in range(1000)]", "assert gc.isenabled()"]
    assert run([*body, "assert gc.get_freeze_count() > 1000"]).returncode == 0
    elsewhere = "import gc; from planwise_assets.commands.shared import process\nwith process.kept_for_good(): pass\n"
    subprocess.run([sys.executable, "-c", f"{elsewhere}assert gc.get_freeze_count() == 0"], check=True)


def test_where_it_cannot_run_it_says_what_to_do() -> None:
    assert not_here("Linux") is None
    assert not_here("Darwin") is None
    assert "WSL 2" in (not_here("Windows") or "")
