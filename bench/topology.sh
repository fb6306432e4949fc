#!/usr/bin/env bash
# Sequential topology commands on three local voters. Usage: bench/topology.sh [--seconds S]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/topology.py "$@"
