#!/usr/bin/env bash
# A thousand slots moved under load, by redis-cli between redis-servers and by MIGRATESLOTS between nodes of Trefoil; see bench/README.md.
# Usage: bench/migration.sh [KEYS [PAUSE_MS]]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
table=bench/results/migration-$(date +%Y%m%d-%H%M%S).md
export TREFOIL_BENCH_KEYS=${1:-500000} TREFOIL_BENCH_PAUSE_MS=${2:-1} TREFOIL_BENCH_OUT=$PWD/$table
./trefoil --version >/dev/null # builds it as it is shipped, if need be
export TREFOIL_PROGRAM=$PWD/trefoil
dotnet build tests/Cluster --verbosity quiet --nologo
code=0
artifacts/bin/Cluster/debug/Trefoil.Cluster -noLogo -noColor -explicit only -class '*.MigrationBench' || code=$?
cat "$table"
exit "$code"
