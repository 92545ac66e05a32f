#!/usr/bin/env bash
# obstore offers one interface to object stores, memory and folders. A folder or memory does not stand in for the other: conditional
# writes, deletes of what is not there, version tags and metadata differ; and a prefix is whole path segments, not text as in S3.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT; cd "$folder"
python3 -m venv --without-pip env
python3 -m pip --python env/bin/python install --quiet --disable-pip-version-check --no-compile obstore==0.12.1
env/bin/python -W ignore - <<'PY'
import sys
import tempfile
import obstore
from obstore.store import LocalStore, MemoryStore

def outcome(do):
    try:
        do()
    except Exception as error:
        return type(error).__name__
    return "done"

found = {}
for store in (LocalStore(tempfile.mkdtemp()), MemoryStore()):
    obstore.put(store, "lake/simulation_year=2025/a.parquet", b"1")
    tag = obstore.put(store, "marker", b"1")["e_tag"]
    again = [obstore.put(store, "same", b"1")["e_tag"] for _ in range(2)]
    found[type(store).__name__] = {
        "replace if unchanged": outcome(lambda: obstore.put(store, "marker", b"2", mode={"e_tag": tag})),
        "write if absent, second time": outcome(lambda: obstore.put(store, "marker", b"3", mode="create")),
        "delete what is not there": outcome(lambda: obstore.delete(store, "nothing")),
        "with a content type": outcome(lambda: obstore.put(store, "x", b"1", attributes={"Content-Type": "a/b"})),
        "same bytes, same tag": again[0] == again[1],
        "files under lake/simulation_year=202": sum(len(part) for part in obstore.list(store, "lake/simulation_year=202")),
        "files under lake": sum(len(part) for part in obstore.list(store, "lake")),
    }
print("obstore 0.12.1")
for name, answers in found.items():
    print(" ", name)
    for what, answer in answers.items():
        print(f"    {what}: {answer}")
expected = [list(answers.values()) for answers in found.values()] == [
    ["NotImplementedError", "AlreadyExistsError", "FileNotFoundError", "NotImplementedError", False, 0, 1],
    ["done", "AlreadyExistsError", "done", "done", False, 0, 1],
]
sys.exit(0 if expected else "This has changed.")
PY
