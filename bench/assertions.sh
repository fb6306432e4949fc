#!/usr/bin/env bash
# Durable ingest, single posts and lens reads on one node; see bench/README.md. Options: bench/assertions.sh --help
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/assertions.py "$@"
