#!/usr/bin/env bash
# What hot commands allocate and cost inside the server, as a BenchmarkDotNet table. Usage: bench/commands.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
dotnet build bench/Commands --configuration Release --verbosity quiet --nologo >&2
exec artifacts/bin/Commands/release/Trefoil.Commands
