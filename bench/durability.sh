#!/usr/bin/env bash
# Memory per key and time to restart, redis-server and Trefoil in turn; see bench/README.md. Options: bench/durability.sh --help
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/durability.py "$@"
