#!/usr/bin/env bash
# Outage and loss when a primary is killed or cut off, Redis Cluster and Trefoil side by side; see bench/README.md.
# Usage: bench/failover.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
table=bench/results/failover-$(date +%Y%m%d-%H%M%S).md
export TREFOIL_BENCH_ROUNDS=${1:-6} TREFOIL_BENCH_OUT=$PWD/$table
dotnet build tests/Cluster --verbosity quiet --nologo
code=0
artifacts/bin/Cluster/debug/Trefoil.Cluster -noLogo -noColor -explicit only -class '*.FailoverBench' || code=$?
cat "$table"
exit "$code"
