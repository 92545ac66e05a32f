#!/bin/sh
# What a container of the image is: init, code, webserver or daemon. tests/e2e starts the same commands without containers.
set -eu
host="${PLANWISE_BIND:-0.0.0.0}"
workspace="${PLANWISE_WORKSPACE:-docker/workspace.yaml}"
case "${1:-}" in
init) # the database's tables, the study's pool, the compiled dbt project
    exec python -m planwise_assets.runs.server_init ;;
code)
    exec dagster code-server start -h "$host" -p "${PLANWISE_CODE_PORT:-4000}" -m planwise_assets.definitions ;;
webserver)
    exec dagster-webserver -h "$host" -p "${PLANWISE_UI_PORT:-3000}" -w "$workspace" ;;
daemon)
    exec dagster-daemon run -w "$workspace" ;;
*)
    echo "Say what this container is: init, code, webserver or daemon." >&2
    exit 2 ;;
esac
