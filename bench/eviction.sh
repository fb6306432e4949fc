#!/usr/bin/env bash
# Hit ratios of redis-server and Trefoil as caches of equal size; see bench/README.md. Usage: bench/eviction.sh [--policies LIST] [--requests N] ...
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
exec python3 bench/eviction.py "$@"
