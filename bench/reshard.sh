#!/usr/bin/env bash
# redis-cli --cluster reshard and rebalance over a local cluster; see bench/README.md. Options: bench/reshard.sh --help
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/reshard.py "$@"
