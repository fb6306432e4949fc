#!/usr/bin/env bash
# redis-server and Trefoil in turn under redis-benchmark; see bench/README.md. Usage: bench/kv.sh [ROUNDS] [SIZES] [PIPELINES] [TESTS]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/kv.py "$@"
